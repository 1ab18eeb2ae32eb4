"""Templates of mails: `templates/<name>.txt` and `<name>.html`, in other languages `<name>.<locale>.txt` and `.html`.

The first line of the text is the subject. `{{ name }}` stands for a value. The HTML is what is inside the body; the
layout puts the rest around it.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from rapport.mail.errors import TemplateError

_PLACEHOLDER = re.compile(r"\{\{ ([a-z][A-Za-z0-9_]*) \}\}")
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LOCALE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
# Values are names, numbers and links: of one line, and without what a mail program or a header could take for more.
_NOT_OF_A_LINE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_LONGEST_SUBJECT = 200


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A mail's subject and its two bodies."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, kw_only=True)
class Template:
    """The files of one template in one language."""

    language: str
    subject: str
    text: str
    html: str

    @property
    def placeholders(self) -> frozenset[str]:
        """The values that it needs."""
        return frozenset(name for part in (self.subject, self.text, self.html) for name in _PLACEHOLDER.findall(part))

    def render(self, values: Mapping[str, object]) -> Rendered:
        """Raises TemplateError when a value is missing."""
        missing = self.placeholders - values.keys()
        if missing:
            raise TemplateError(f"the mail's template lacks values for {', '.join(sorted(missing))}")
        plain = {name: _one_line(value) for name, value in values.items()}
        escaped = {name: html.escape(value) for name, value in plain.items()}
        subject = _fill(self.subject, plain)[:_LONGEST_SUBJECT]
        around = {"subject": html.escape(subject), "language": self.language, "body": _fill(self.html, escaped)}
        return Rendered(subject=subject, text=_fill(self.text, plain), html=_fill(_layout(), around))


def render(name: str, locale: str, values: Mapping[str, object]) -> Rendered:
    """The mail of a template in the language nearest to the locale. Raises TemplateError."""
    return find(name, locale).render(values)


@cache
def find(name: str, locale: str) -> Template:
    """The template: of the locale (`pt-BR`), else of its language (`pt`), else the one without a language (English)."""
    if not _NAME.fullmatch(name):
        raise TemplateError(f"{name!r} is not the name of a template")
    folder = _folder()
    locales = (locale, locale.split("-")[0]) if _LOCALE.fullmatch(locale) else ()
    for each in locales:
        if folder.joinpath(f"{name}.{each}.txt").is_file():
            return _read(folder, f"{name}.{each}", each)
    return _read(folder, name, "en")


def names() -> tuple[str, ...]:
    """The files' names without `.txt`, languages included: `password-reset`, `password-reset.de`."""
    return tuple(
        sorted(entry.name.removesuffix(".txt") for entry in _folder().iterdir() if entry.name.endswith(".txt"))
    )


def _folder() -> Traversable:
    return files("rapport.mail").joinpath("templates")


def _read(folder: Traversable, stem: str, language: str) -> Template:
    try:
        text = folder.joinpath(f"{stem}.txt").read_text(encoding="utf-8")
        markup = folder.joinpath(f"{stem}.html").read_text(encoding="utf-8")
    except FileNotFoundError:
        raise TemplateError(f"the template {stem} lacks its .txt or its .html") from None
    subject, _, rest = text.partition("\n")
    if not subject.strip() or not rest.strip():
        raise TemplateError(f"the template {stem}.txt lacks its subject or its text")
    for part in (subject, rest, markup):
        if "{{" in _PLACEHOLDER.sub("", part) or "}}" in _PLACEHOLDER.sub("", part):
            raise TemplateError(f"the template {stem} has a placeholder that is not of the form {{{{ name }}}}")
    return Template(language=language, subject=subject.strip(), text=rest.strip() + "\n", html=markup.strip())


@cache
def _layout() -> str:
    return files("rapport.mail").joinpath("layout.html").read_text(encoding="utf-8")


def _fill(template: str, values: Mapping[str, str]) -> str:
    """In one pass: a value that looks like a placeholder stays what it is."""
    return _PLACEHOLDER.sub(lambda found: values[found[1]], template)


def _one_line(value: object) -> str:
    return _NOT_OF_A_LINE.sub(" ", str(value)).strip()
