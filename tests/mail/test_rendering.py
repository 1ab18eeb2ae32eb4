"""Templates."""

import pytest

from rapport.mail.errors import TemplateError
from rapport.mail.rendering import Template, find, names, render

SAMPLE = Template(
    language="en",
    subject="{{ workspace }} waits",
    text="Dear {{ person }},\n\n{{ link }}\n",
    html='<p>Dear {{ person }}, <a href="{{ link }}">{{ workspace }}</a></p>',
)
VALUES = {"workspace": "Acme", "person": "Ada", "link": "https://crm.example.com/x?a=1&b=2"}


def test_values_are_plain_in_text_and_escaped_in_html() -> None:
    mail = SAMPLE.render({**VALUES, "workspace": "<b>A & B</b>", "person": '"O\'Neil"'})
    assert mail.subject == "<b>A & B</b> waits"
    assert mail.text == 'Dear "O\'Neil",\n\nhttps://crm.example.com/x?a=1&b=2\n'
    assert '<a href="https://crm.example.com/x?a=1&amp;b=2">&lt;b&gt;A &amp; B&lt;/b&gt;</a>' in mail.html
    assert "Dear &quot;O&#x27;Neil&quot;," in mail.html
    assert "<title>&lt;b&gt;A &amp; B&lt;/b&gt; waits</title>" in mail.html


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x00", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\x1b"])
def test_a_value_cannot_begin_a_new_line(end: str) -> None:
    mail = SAMPLE.render({**VALUES, "workspace": f"Acme{end}Bcc: eve@example.com{end}{end}Hello"})
    assert mail.subject == "Acme Bcc: eve@example.com Hello waits"


def test_a_value_that_looks_like_a_placeholder_stays_what_it_is() -> None:
    mail = SAMPLE.render({**VALUES, "workspace": "{{ link }}", "person": "{{ workspace }}{{ body }}"})
    assert mail.subject == "{{ link }} waits"
    assert mail.text.startswith("Dear {{ workspace }}{{ body }},")
    assert "Dear {{ workspace }}{{ body }}," in mail.html


def test_a_long_subject_is_cut() -> None:
    assert len(SAMPLE.render({**VALUES, "workspace": "x" * 100_000}).subject) == 200


def test_values_need_not_be_text() -> None:
    assert SAMPLE.render({**VALUES, "person": 7, "workspace": None}).text.startswith("Dear 7,")


def test_every_missing_value_is_named() -> None:
    with pytest.raises(TemplateError, match="link, person"):
        SAMPLE.render({"workspace": "Acme"})


@pytest.mark.parametrize("name", ["", "no-such", "../layout", "test.txt", "Test", "a/b", "test\n"])
def test_only_templates_can_be_named(name: str) -> None:
    with pytest.raises(TemplateError):
        render(name, "en", {})


@pytest.mark.parametrize("locale", ["en", "pt-BR", "xx", "", "../../x", "en\n", "x" * 1000])
def test_an_unknown_locale_gives_the_english_mail(locale: str) -> None:
    assert render("test", locale, {"server": "https://x"}).subject == "Test mail from Rapport"


@pytest.mark.parametrize("name", names())
def test_every_template_can_be_rendered_with_its_placeholders(name: str) -> None:
    stem, _, locale = name.partition(".")
    template = find(stem, locale or "en")
    values = {placeholder: f"<{placeholder}>" for placeholder in template.placeholders}
    mail = template.render(values)
    assert "{{" not in mail.text + mail.html + mail.subject
    assert mail.subject
    assert all(f"&lt;{placeholder}&gt;" in mail.html for placeholder in template.placeholders)
    if "link" in values:
        assert "<link>" in mail.text
    if locale:
        assert template.placeholders == find(stem, "en").placeholders
