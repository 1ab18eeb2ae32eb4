"""What is wrong with a file is said with its line; hostile files cost nothing."""

import time

import pytest

from rapport.metadata.fieldtypes.registry import FIELD_TYPES
from rapport.metadata.model_file.errors import InvalidModelFile
from rapport.metadata.model_file.forms import read_form
from rapport.metadata.model_file.reading import DEEPEST, MOST_BYTES, read_yaml

BOMB = b"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"


def faults(source: bytes) -> list[str]:
    with pytest.raises(InvalidModelFile) as caught:
        read_form(read_yaml(source))
    return [str(fault) for fault in caught.value.faults]


def test_unquoted_values_are_those_of_yaml_1_2() -> None:
    source = (
        b"a: [no, on, yes, 1:30, 2026-01-01, 0x1F, 017, 1_000, .nan, .inf, 1e999, ~, null, '']\nb: [1, -2.5, 1e3, true]"
    )
    assert read_yaml(source).plain() == {
        "a": ["no", "on", "yes", "1:30", "2026-01-01", "0x1F", 17, "1_000", ".nan", ".inf", "1e999", None, None, ""],
        "b": [1, -2.5, 1000.0, True],
    }


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (b"", "line 1: the file is empty"),
        (b"# nothing\n", "line 1: the file is empty"),
        (b"a: 1\nb: 2\na: 3", 'line 3: "a" is there twice, first in line 1'),
        (BOMB, "line 1: anchors (&name) are not supported; if it is meant to be a text, put it in quotes"),
        (b"a: *x", "line 1: aliases (*name) are not supported"),
        (b"a: 1\nb: !!python/object/apply:os.system [ls]",
         "line 2: tags (!name) are not supported; if it is meant to be a text, put it in quotes"),
        (b"a: 1\n---\nb: 2", "line 2: there is a second document"),
        (b"a: b: c", "line 1: mapping values are not allowed in this context"),
        (b"a: 1\nb: @x", "line 2: found character that cannot start any token"),
        (b"a: 1\nb: \xff", "line 2: the file is not UTF-8"),
        (b"a: 1\nb: x\x00y", "line 2: control characters are not allowed"),
        (b"? [a]\n: 1", "line 1: a key must be a name"),
        (b"1: 2", "line 1: a key must be a name; if it is meant to be a text, put it in quotes"),
        (b"a:\n  true: 2", "line 2: a key must be a name; if it is meant to be a text, put it in quotes"),
        (b"[" * 1_000_000, f"line 1: more than {DEEPEST} levels of nesting"),
        (b"{a: " * 1_000_000, f"line 1: more than {DEEPEST} levels of nesting"),
        (b"- " * 1_000_000, f"line 1: more than {DEEPEST} levels of nesting"),
        (b"a: " + b"x" * MOST_BYTES, "line 1: the file is larger than 4 MB"),
    ],
)  # fmt: skip
def test_what_is_not_yaml_as_models_need_it_is_refused(source: bytes, told: str) -> None:
    started = time.monotonic()
    assert faults(source) == [told]
    assert time.monotonic() - started < 5


ROCKET = "version: 1\nobjects:\n  rocket:\n    plural: rockets\n    label: Rocket\n    labelPlural: Rockets\n"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("just a text", ["line 1: it must be a mapping, `key: value`",
                         "line 1: version: this release reads files that say: version: 1"]),
        ("[1, 2]", ["line 1: it must be a mapping, `key: value`",
                    "line 1: version: this release reads files that say: version: 1"]),
        ("version: 2", ["line 1: version: this release reads files that say: version: 1"]),
        ("version: 1\nobject: {}", ['line 2: "object" is not known; did you mean objects?']),
        ("version: 1\nobjects: [a]", ["line 2: objects: it must be a mapping, `key: value`"]),
        (ROCKET + "    lable: x\n    active: yes\n    icon: 5\n    shortcut: [a]\n",
         ['line 7: objects.rocket: "lable" is not known; did you mean label?',
          "line 8: objects.rocket.active: it must be true or false",
          "line 9: objects.rocket.icon: it must be a text, put it in quotes",
          "line 10: objects.rocket.shortcut: it must be a text"]),
        (ROCKET + "    fields:\n      a: {type: TXT, label: ''}\n      b: 7\n      c: {type: TEXT, to: x.y}\n",
         ["line 8: objects.rocket.fields.a.label: it must be a text",
          f"line 8: objects.rocket.fields.a.type: it must be one of {', '.join(FIELD_TYPES)}",
          "line 9: objects.rocket.fields.b: it must be a mapping, `key: value`",
          "line 10: objects.rocket.fields.c.to: only relations have it"]),
        (ROCKET + "    fields:\n      a: {type: SELECT, label: A, options: [{label: x}, 5, {value: A, colour: red}]}\n",
         ["line 8: objects.rocket.fields.a.options[0]: an option needs a value",
          "line 8: objects.rocket.fields.a.options[1]: an option is a text, or value, label and color",
          'line 8: objects.rocket.fields.a.options[2]: "colour" is not known; did you mean color?']),
        (ROCKET + "    fields:\n      a: {type: RELATION, label: A, default: 5}\n",
         ["line 8: objects.rocket.fields.a.default: a relation of this kind does not have it",
          "line 8: objects.rocket.fields.a: a relation needs relation",
          "line 8: objects.rocket.fields.a: a relation needs to"]),
        (ROCKET + "    fields:\n      a: {type: RELATION, label: A, relation: MANY_TO_ONE, to: company.as}\n",
         [("line 8: objects.rocket.fields.a: the other side of the relation is missing: objects.company.fields.as with "
           "type: RELATION, relation: ONE_TO_MANY, to: rocket.a")]),
        (ROCKET + "    fields:\n      a: {type: RELATION, label: A, relation: MANY_TO_ONE, to: company}\n",
         ["line 8: objects.rocket.fields.a.to: it must be object.field, the other side"]),
        (ROCKET + "    fields:\n      a: {type: RELATION, label: A, relation: MANY_TO_ONE, to: rocket.b}\n"
         "      b: {type: RELATION, label: B, relation: MANY_TO_ONE, to: rocket.a}\n",
         ["line 8: objects.rocket.fields.a: rocket.b (line 9) is not the other side of this relation",
          "line 9: objects.rocket.fields.b: rocket.a (line 8) is not the other side of this relation"]),
        (ROCKET + "    fields:\n      a: {type: RELATION, label: A, relation: MANY_TO_ONE, to: rocket.a}\n",
         ["line 8: objects.rocket.fields.a: rocket.a (line 8) is not the other side of this relation"]),
        (ROCKET + "    fields:\n"
         "      a: {type: MORPH_RELATION, label: A, relation: MANY_TO_ONE, to: rocket.b, group: g}"
         "\n"
         "      b: {type: RELATION, label: B, relation: ONE_TO_MANY, to: rocket.a}\n",
         ['line 8: objects.rocket.fields.a: the member of the group "g" that leads to rocket is called gRocket']),
        (ROCKET + "    indexes:\n      - {fields: []}\n      - name\n      - {fields: [name], unique: 1}\n",
         ["line 8: objects.rocket.indexes[0]: fields must be a list of names of fields",
          "line 9: objects.rocket.indexes[1]: it must be a mapping, `key: value`",
          "line 9: objects.rocket.indexes[1]: fields must be a list of names of fields",
          "line 10: objects.rocket.indexes[2].unique: it must be true or false"]),
        (ROCKET + "    indexes: name\n", ["line 7: objects.rocket.indexes: it must be a list"]),
        ("version: 1\nobjects:\n" + "".join(f"  o{n}: {{}}\n" for n in range(1001)),
         ["line 2: objects: there are more than 1000"]),
    ],
)  # fmt: skip
def test_all_that_is_wrong_is_told_at_once(source: str, told: list[str]) -> None:
    assert sorted(faults(source.encode())) == sorted(told)


def test_of_very_many_faults_only_some_are_told() -> None:
    with pytest.raises(InvalidModelFile) as caught:
        read_form(read_yaml(b"version: 1\nobjects:\n" + b"".join(b"  o%d: 5\n" % n for n in range(500))))
    assert len(caught.value.message.splitlines()) == 22
    assert caught.value.message.endswith("and 480 more")
