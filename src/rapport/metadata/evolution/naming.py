"""What objects and fields may be called (system-api.md §15). Names and labels come trimmed."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping

from rapport.metadata.catalog import Field, Object
from rapport.metadata.evolution.problems import Issue
from rapport.metadata.evolution.reserved import OF_FIELDS, OF_OBJECTS
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.shown import printable
from rapport.metadata.fieldtypes.storable import obstacle

OBJECT_INPUT, FIELD_INPUT = "INVALID_OBJECT_INPUT", "INVALID_FIELD_INPUT"
LONGEST = 63  # characters of a name or a label, and PostgreSQL's limit for names of columns
_LONGEST_TEXT = {"description": 10_000, "icon": 255, "shortcut": 255}

_NAME = re.compile(r"[a-z][a-zA-Z0-9]*", re.ASCII)
# Letters without a decomposition into a letter and an accent.
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D"}
    | {"ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i", "ħ": "h", "Ħ": "H", "ŧ": "t", "Ŧ": "T"}
)
_WORD = re.compile(
    r"\d*(?:1st|2nd|3rd|[04-9]th)(?![a-z0-9])"  # an ordinal is one word
    r"|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+",
    re.ASCII,
)


def object_issues(
    *, name_singular: str, name_plural: str, label_singular: str, label_plural: str, is_label_synced: bool = False
) -> list[Issue]:
    """What is wrong with the names and labels of an object by themselves."""
    issues = [*_name_issues(name_singular, OBJECT_INPUT), *_name_issues(name_plural, OBJECT_INPUT)]
    issues += [*label_issues(label_singular, OBJECT_INPUT), *label_issues(label_plural, OBJECT_INPUT)]
    if name_singular and name_singular == name_plural:
        issues.append(_issue(OBJECT_INPUT, "The singular and the plural name cannot be the same", name_singular))
    if label_singular and label_singular.lower() == label_plural.lower():
        issues.append(_issue(OBJECT_INPUT, "The singular and the plural label cannot be the same", label_singular))
    if is_label_synced:
        issues += _sync_issues(name_singular, label_singular, OBJECT_INPUT)
        issues += _sync_issues(name_plural, label_plural, OBJECT_INPUT)
    return issues


def field_issues(*, name: str, label: str, is_label_synced: bool = False) -> list[Issue]:
    """What is wrong with the name and the label of a field by themselves."""
    issues = [*_name_issues(name, FIELD_INPUT), *label_issues(label, FIELD_INPUT)]
    if is_label_synced:
        issues += _sync_issues(name, label, FIELD_INPUT)
    return issues


def label_issues(label: str, code: str) -> Iterator[Issue]:
    if not label:
        yield _issue(code, "Label cannot be empty")
    elif len(label) > LONGEST:
        yield _issue(code, f"Label is too long: it exceeds the {LONGEST} characters limit", label)
    elif reason := obstacle(label):
        yield _issue(code, f"Label is not valid{reason}", label)


def text_issues(given: Mapping[str, Json], code: str) -> Iterator[Issue]:
    """What is wrong with the texts beside names and labels."""
    for key, longest in _LONGEST_TEXT.items():
        text, what = given.get(key), key.capitalize()
        if not isinstance(text, str):
            continue
        if len(text) > longest:
            yield _issue(code, f"{what} is too long: it exceeds the {longest} characters limit")
        elif reason := obstacle(text):
            yield _issue(code, f"{what} is not valid{reason}", text)


def taken_issues(owner: Object, name: str, *, columns: Iterable[str] = (), but: Field | None = None) -> list[Issue]:
    """Whether an object has room for a field of this name with these columns, beside all its fields but one.

    Inactive fields count: they keep their columns. Names and columns share one space, for relations are read and
    written by the names of their columns too.
    """
    others = [field for field in owner.fields if but is None or field.id != but.id]
    used = {field.name for field in others} | {column.name for field in others for column in field.columns}
    issues: list[Issue] = []
    for wanted in dict.fromkeys((name, *columns)):
        if wanted in used:
            message = f'Name "{printable(wanted)}" is not available as it is already used by another field'
            issues.append(_issue("NOT_AVAILABLE", message, wanted, user_message=message))
        elif wanted != name and len(wanted) > LONGEST:
            message = f'Name is too long: its column "{printable(wanted)}" exceeds the {LONGEST} characters limit'
            issues.append(_issue(FIELD_INPUT, message, name))
            break
    return issues


def name_of_label(label: str, reserved: Collection[str] = OF_FIELDS) -> str:
    """The name that goes with a label; '' for a label without letters and digits.

    >>> name_of_label("Carried by"), name_of_label("2nd Owner"), name_of_label("Événement clé"), name_of_label("Type")
    ('carriedBy', 'n2ndOwner', 'evenementCle', 'typeCustom')
    """
    slug = " ".join(re.findall(r"[a-zA-Z0-9]+", _spelled(label), re.ASCII))
    name = f"n{slug}" if slug[:1].isdigit() else slug
    # Of several words of one letter each other words are found when they stand together: aBC, aBc.
    while (camel := camel_case(name)[:LONGEST]) != name:
        name = camel
    return f"{name}Custom" if name in reserved else name


def camel_case(text: str) -> str:
    """Words of ASCII letters and digits put together.

    >>> camel_case("my object"), camel_case("myURL"), camel_case("pos2"), camel_case("bodyV2"), camel_case("a1b")
    ('myObject', 'myUrl', 'pos2', 'bodyV2', 'a1B')
    """
    words: list[str] = _WORD.findall(text)
    return "".join(word.capitalize() if place else word.lower() for place, word in enumerate(words))


def folded(text: str) -> str:
    """The text without accents."""
    parts = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(character for character in parts if not unicodedata.combining(character))


def _spelled(label: str) -> str:
    """In ASCII: letters that are not Latin become words of their own, by their code points."""
    return "".join(f" u{ord(each):x} " if _is_foreign(each) else each for each in folded(label))


def _is_foreign(character: str) -> bool:
    return character.isalnum() and not character.isascii()


def _name_issues(name: str, code: str) -> Iterator[Issue]:
    if not name:
        yield _issue(code, "Name cannot be empty")
        return
    if len(name) > LONGEST:
        yield _issue(code, f"Name is too long: it exceeds the {LONGEST} characters limit", name)
        return
    if camel_case(name) != name:
        yield _issue(code, "Name should be in camelCase", name)
    if not _NAME.fullmatch(name):
        message = "Name is not valid: it must start with lowercase letter and contain only alphanumeric letters"
        yield _issue(code, message, name)
    if name in (OF_OBJECTS if code == OBJECT_INPUT else OF_FIELDS):
        yield _issue(code, f'Name "{name}" is reserved', name, user_message=f'The name "{name}" is reserved.')


def _sync_issues(name: str, label: str, code: str) -> Iterator[Issue]:
    # Clients write letters of other scripts in Latin ones, in ways of their own.
    if any(map(_is_foreign, folded(label))):
        return
    reserved = OF_OBJECTS if code == OBJECT_INPUT else OF_FIELDS
    expected = name_of_label(label, reserved)
    # Clients differ in whether they make a label lower case before they look for its words: iPhone, iphone.
    if name not in (expected, name_of_label(label.lower(), reserved)):
        message = f'Name is not synced with label: "{expected}" is expected for "{printable(label)}"'
        yield _issue(code, message, name)


def _issue(code: str, message: str, value: str | None = None, *, user_message: str | None = None) -> Issue:
    return Issue(
        code=code, message=message, user_message=user_message, value=None if value is None else printable(value)
    )
