"""System operations of a document, with operations made for the test."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

import pytest
from graphql import OperationDefinitionNode, build_schema, parse

from rapport.access.principal import Principal
from rapport.access.request import RequestContext
from rapport.base.errors import Forbidden
from rapport.edge.graphql.system import InvalidRequest, PreparedOperations, SystemOperations, SystemResult

SDL = """
extend type Query {
  thing(id: UUID!, at: DateTime, kind: Kind, kinds: [Kind!]): Thing @access(who: PUBLIC)
  must: String! @access(who: PUBLIC)
  mine: String @access(who: MEMBER)
  me: String @access(who: USER)
}
extend type Mutation {
  make(input: MakeInput!): Thing! @access(who: MEMBER)
  guess(word: String): Boolean @access(who: PUBLIC)
}
type Thing {
  id: UUID!
  at: DateTime
  kind: Kind
  token: Badge
  tokens: [Badge!]
  again: Thing
}
type Badge @shorthand(field: "text") { text: String! number: Int }
enum Kind { GOOD BAD }
input MakeInput { name: String! number: Int id: UUID tags: [String!] payload: JSON }
"""

ID = "0197a1b2-0000-7000-8000-0000000000aa"
NOBODY = RequestContext(principal=None)
MEMBER = RequestContext(principal=Principal(workspace_id=UUID(ID), schema="w", user_id=UUID(ID)))
KEY = RequestContext(principal=Principal(workspace_id=UUID(ID), schema="w", api_key_id=UUID(ID)))
STRAY = RequestContext(principal=Principal(workspace_id=None, schema=None, user_id=UUID(ID)))


class Things:
    """The resolvers; they note what they were called with."""

    def __init__(self) -> None:
        self.calls: list[Mapping[str, object]] = []

    async def thing(self, _context: RequestContext, arguments: Mapping[str, object]) -> object:
        self.calls.append(arguments)
        badge = {"text": "b1", "number": 1}
        inner = {"id": UUID(ID), "token": badge}
        return {
            "id": UUID(ID),
            "at": arguments.get("at", datetime(2026, 5, 1, 12, 30, 0, 123456, UTC)),
            "kind": "GOOD",
            "token": badge,
            "tokens": [badge, {"text": "b2"}],
            "again": inner,
        }

    async def make(self, _context: RequestContext, arguments: Mapping[str, object]) -> object:
        self.calls.append(arguments)
        return {"id": ID}

    async def guess(self, _context: RequestContext, arguments: Mapping[str, object]) -> object:
        self.calls.append(arguments)
        return True

    async def must(self, _context: RequestContext, _arguments: Mapping[str, object]) -> object:
        raise Forbidden("No.", sub_code="NO", user_message="Sorry.", extensions={"reason": "test"})

    async def mine(self, context: RequestContext, _arguments: Mapping[str, object]) -> object:
        return "mine"

    async def me(self, _context: RequestContext, _arguments: Mapping[str, object]) -> object:
        raise RuntimeError("select secret from table")


@pytest.fixture
def things() -> Things:
    return Things()


@pytest.fixture
def operations(things: Things) -> SystemOperations:
    names = ("thing", "make", "guess", "must", "mine", "me")
    return SystemOperations([SDL], {name: getattr(things, name) for name in names})


def prepare(operations: SystemOperations, text: str, name: str | None = None) -> PreparedOperations:
    document = parse(text)
    found = [item for item in document.definitions if isinstance(item, OperationDefinitionNode)]
    (operation,) = [item for item in found if name is None or (item.name and item.name.value == name)]
    return operations.prepare(document, operation)


async def run(
    operations: SystemOperations,
    text: str,
    variables: Mapping[str, object] | None = None,
    context: RequestContext = MEMBER,
) -> SystemResult:
    return await operations.run(prepare(operations, text), variables or {}, context)


async def data_of(operations: SystemOperations, text: str, variables: Mapping[str, object] | None = None) -> object:
    result = await run(operations, text, variables)
    assert result.errors == ()
    return result.data


async def problems(operations: SystemOperations, text: str, variables: Mapping[str, object] | None = None) -> list[str]:
    with pytest.raises(InvalidRequest) as invalid:
        await run(operations, text, variables)
    for error in invalid.value.errors:
        json.dumps(error)
    return [str(error["message"]) for error in invalid.value.errors]


async def test_values_come_in_the_order_and_under_the_names_of_the_document(operations: SystemOperations) -> None:
    data = await data_of(operations, f'{{ b: mine a: thing(id: "{ID}") {{ at x: id kind }} mine }}')

    assert json.dumps(data) == json.dumps(
        {"b": "mine", "a": {"at": "2026-05-01T12:30:00.123Z", "x": ID, "kind": "GOOD"}, "mine": "mine"}
    )


async def test_record_fields_and_what_belongs_to_them_are_left_out(operations: SystemOperations) -> None:
    text = """
      query Mixed($id: UUID!, $filter: PersonFilterInput, $with: Boolean!) {
        people(filter: $filter) { edges { node { ...Name } } }
        __typename
        ...Both
        ... @include(if: $with) { mine company { id } }
        ... on Query { tasks { id } }
      }
      fragment Both on Query { thing(id: $id) { ...Part } opportunities { id } ...Records }
      fragment Records on Query { notes { id } }
      fragment Name on Person { name { firstName } }
      fragment Part on Thing { id }
    """

    with_mine = await data_of(operations, text, {"id": ID, "with": True, "filter": {"what": "ever"}})
    assert with_mine == {"thing": {"id": ID}, "mine": "mine"}
    assert await data_of(operations, text, {"id": ID, "with": False}) == {"thing": {"id": ID}}


async def test_only_the_operation_asked_for_is_run(operations: SystemOperations, things: Things) -> None:
    prepared = prepare(operations, "query A { mine } mutation B { guess } query C { people { id } }", "A")

    assert (await operations.run(prepared, {}, MEMBER)).data == {"mine": "mine"}
    assert things.calls == []


async def test_fragments_that_use_each_other_without_end_come_to_an_end(operations: SystemOperations) -> None:
    text = "{ ...A } fragment A on Query { mine ...B } fragment B on Query { ...A }"

    assert await data_of(operations, text) == {"mine": "mine"}


async def test_fragments_that_double_forty_times_cost_nothing(operations: SystemOperations) -> None:
    chain = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(40))

    assert await data_of(operations, f"{{ ...F0 }} {chain} fragment F40 on Query {{ mine }}") == {"mine": "mine"}


async def test_an_object_with_a_shorthand_may_be_selected_without_fields(operations: SystemOperations) -> None:
    text = f'{{ thing(id: "{ID}") {{ token t: token {{ number }} tokens again {{ token }} ...F }} }} '
    data = await data_of(operations, text + "fragment F on Thing { f: token }")

    assert data == {
        "thing": {"token": "b1", "t": {"number": 1}, "tokens": ["b1", "b2"], "again": {"token": "b1"}, "f": "b1"}
    }


async def test_an_object_without_one_may_not(operations: SystemOperations) -> None:
    assert await problems(operations, f'{{ thing(id: "{ID}") }}') == [
        'Field "thing" of type "Thing" must have a selection of subfields. Did you mean "thing { ... }"?'
    ]


@pytest.mark.parametrize("declared", ["UUID!", "ID!", "String!", "DateTime", "ID", "Uuid!", "NoSuchType!"])
async def test_ids_may_be_declared_as_any_text(operations: SystemOperations, things: Things, declared: str) -> None:
    text = f"query($id: {declared}) {{ thing(id: $id) {{ id }} }}"

    assert await data_of(operations, text, {"id": ID.upper()}) == {"thing": {"id": ID}}
    assert things.calls == [{"id": ID}]
    assert await problems(operations, text, {"id": "x"}) == ["Invalid UUID"]


async def test_a_time_may_be_declared_as_text(operations: SystemOperations, things: Things) -> None:
    text = "query($id: ID!, $at: String) { thing(id: $id, at: $at) { at } }"

    for given, shown in (
        ("2026-02-03T04:05:06.789Z", "2026-02-03T04:05:06.789Z"),
        ("2026-02-03T04:05:06+02:00", "2026-02-03T02:05:06.000Z"),
        ("2026-02-03", "2026-02-03T00:00:00.000Z"),
    ):
        assert await data_of(operations, text, {"id": ID, "at": given}) == {"thing": {"at": shown}}
    for bad in ("yesterday", "", 5, "0001-01-01T00:00:00+14:00", "\x00"):
        (problem,) = await problems(operations, text, {"id": ID, "at": bad})
        assert problem in ("Invalid DateTime", "DateTime must be a string")


@pytest.mark.parametrize("declared", ["DateTime!", "UUID", "ID!", "ConnectionCursor"])
async def test_a_text_may_be_declared_as_something_stricter(
    operations: SystemOperations, things: Things, declared: str
) -> None:
    text = f"mutation($word: {declared}) {{ guess(word: $word) }}"

    await data_of(operations, text, {"word": "2030-01-01T00:00:00Z"})
    assert things.calls == [{"word": "2030-01-01T00:00:00Z"}]


@pytest.mark.parametrize("declared", ["makeinput!", "MakeThingDto", "MakeInput"])
async def test_inputs_may_be_declared_under_other_names(
    operations: SystemOperations, things: Things, declared: str
) -> None:
    text = f"mutation($input: {declared}) {{ make(input: $input) {{ id }} }}"

    await data_of(operations, text, {"input": {"name": "n", "payload": {"deep": [1, None]}}})
    assert things.calls == [{"input": {"name": "n", "payload": {"deep": [1, None]}}}]


async def test_enum_values_may_be_quoted(operations: SystemOperations, things: Things) -> None:
    text = f'{{ thing(id: "{ID}", kind: "GOOD", kinds: ["BAD", GOOD]) {{ id }} }}'

    await data_of(operations, text)
    assert things.calls == [{"id": ID, "kind": "GOOD", "kinds": ["BAD", "GOOD"]}]
    assert await problems(operations, f'{{ thing(id: "{ID}", kind: "UGLY") {{ id }} }}') == [
        'Value "UGLY" does not exist in "Kind" enum.'
    ]


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("{ mine { x } }", ['Field "mine" must not have a selection since type "String" has no subfields.']),
        ("{ mine(a: 1) }", ['Unknown argument "a" on field "Query.mine".']),
        ("{ thing { id } }", ['Field "thing" argument "id" of type "UUID!" is required, but it was not provided.']),
        (f'{{ thing(id: "{ID}") {{ agian }} }}', ['Cannot query field "agian" on type "Thing". Did you mean "again"?']),
        ("mutation { make(input: {}) { id } }", ['Field "name" of required type "String!" was not provided.']),
        (
            'mutation { make(input: {name: "n", nam: 1}) { id } }',
            ['Field "nam" is not defined by type "MakeInput". Did you mean "name"?'],
        ),
        ("mutation { make(input: {name: null}) { id } }", ['Expected value of type "String!", found null.']),
        (
            "query($x: Kind) { thing(id: $x) { id } }",
            ['Variable "$x" of type "Kind" used in position expecting type "UUID!".'],
        ),
        (f'{{ thing(id: "{ID}") {{}} }}', ['Field "thing" of type "Thing" must have at least one field selected.']),
        ("{ mine @no }", ['Unknown directive "@no".']),
    ],
)
async def test_documents_are_checked_in_the_words_of_the_standard(
    operations: SystemOperations, text: str, messages: list[str]
) -> None:
    assert await problems(operations, text) == messages
    with pytest.raises(InvalidRequest) as invalid:
        prepare(operations, text)
    for error in invalid.value.errors:
        assert error["locations"]
        assert error["extensions"] == {
            "code": "GRAPHQL_VALIDATION_FAILED",
            "statusCode": 400,
            "userFriendlyMessage": "An error occurred.",
        }


@pytest.mark.parametrize(
    ("given", "messages"),
    [
        ({}, ['Variable "$input" of required type "MakeInput!" was not provided.']),
        ({"input": None}, ['Expected non-nullable type "MakeInput!" not to be null.']),
        ({"input": 3}, ['Expected type "MakeInput" to be an object.']),
        ({"input": {}}, ['Field "name" of required type "String!" was not provided.']),
        ({"input": {"name": None}}, ['Expected non-nullable type "String!" not to be null.']),
        ({"input": {"name": "n", "nam": 1}}, ['Field "nam" is not defined by type "MakeInput". Did you mean "name"?']),
        ({"input": {"name": "n", "number": "x"}}, ['Int cannot represent non-integer value: "x"']),
        (
            {"input": {"name": "n", "number": 2**31}},
            ["Int cannot represent non 32-bit signed integer value: 2147483648"],
        ),
        ({"input": {"name": ["n"]}}, ['String cannot represent a non string value: ["n"]']),
        ({"input": {"name": "n", "id": 5}}, ["UUID must be a string"]),
    ],
)
async def test_variables_are_checked_in_the_words_of_the_contract(
    operations: SystemOperations, given: Mapping[str, object], messages: list[str]
) -> None:
    text = "mutation($input: MakeInput!) { make(input: $input) { id } }"

    assert await problems(operations, text, given) == messages
    with pytest.raises(InvalidRequest) as invalid:
        operations.check(prepare(operations, text), given)
    assert invalid.value.errors[0]["extensions"] == {
        "code": "BAD_USER_INPUT",
        "statusCode": 400,
        "userFriendlyMessage": "An error occurred.",
        "http": {"status": 400},
    }


async def test_a_nullable_variable_may_stand_where_a_value_is_required(operations: SystemOperations) -> None:
    text = "query($id: ID) { thing(id: $id) { id } }"

    assert await data_of(operations, text, {"id": ID}) == {"thing": {"id": ID}}
    for given in ({}, {"id": None}):
        result = await run(operations, text, given)
        assert result.data == {"thing": None}
        (error,) = result.errors
        assert error["path"] == ["thing"]
        assert isinstance(error["extensions"], dict)
        assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_an_error_has_its_codes_its_path_and_its_place(operations: SystemOperations) -> None:
    result = await run(operations, "{\n  a: must\n}")

    assert result == SystemResult(
        data=None,
        errors=(
            {
                "message": "No.",
                "locations": [{"line": 2, "column": 3}],
                "path": ["a"],
                "extensions": {
                    "code": "FORBIDDEN",
                    "subCode": "NO",
                    "statusCode": 403,
                    "userFriendlyMessage": "Sorry.",
                    "reason": "test",
                },
            },
        ),
    )


async def test_the_unforeseen_is_not_told(operations: SystemOperations) -> None:
    result = await run(operations, "{ me mine }")

    assert result.data == {"me": None, "mine": "mine"}
    (error,) = result.errors
    extensions = error["extensions"]
    assert isinstance(extensions, dict)
    assert error["message"] == "Internal server error"
    assert "secret" not in json.dumps(error)
    UUID(extensions.pop("exceptionEventId"))
    assert extensions == {
        "code": "INTERNAL_SERVER_ERROR",
        "statusCode": 500,
        "userFriendlyMessage": "An error occurred.",
    }


@pytest.mark.parametrize(
    ("text", "context", "code"),
    [
        ("{ mine }", NOBODY, "UNAUTHENTICATED"),
        ("{ mine }", STRAY, "FORBIDDEN"),
        ("{ mine }", KEY, None),
        ("{ me }", NOBODY, "UNAUTHENTICATED"),
        ("{ me }", KEY, "FORBIDDEN"),
        ("{ me }", STRAY, "INTERNAL_SERVER_ERROR"),
        ("mutation { guess }", NOBODY, None),
        ('mutation { make(input: {name: ""}) { id } }', NOBODY, "UNAUTHENTICATED"),
    ],
)
async def test_each_operation_says_who_may_call_it(
    operations: SystemOperations, text: str, context: RequestContext, code: str | None
) -> None:
    result = await run(operations, text, context=context)

    assert [error["extensions"]["code"] for error in result.errors] == ([code] if code else [])  # type: ignore[index]


async def test_public_documents_are_known_as_such(operations: SystemOperations) -> None:
    assert prepare(operations, "mutation { guess people { id } }").is_public
    assert not prepare(operations, "{ must mine }").is_public


async def test_aliases_do_not_multiply_guesses(operations: SystemOperations, things: Things) -> None:
    many = " ".join(f'a{n}: guess(word: "{n}")' for n in range(6))
    for text in (f"mutation {{ {many} }}", f"mutation {{ ...F }} fragment F on Mutation {{ {many} }}"):
        (problem,) = await problems(operations, text)
        assert problem == "The document calls too many operations at once."
    assert await problems(operations, "{" + " ".join(f"a{n}: mine" for n in range(101)) + "}") == [problem]
    assert things.calls == []


async def test_mutations_follow_one_another(operations: SystemOperations, things: Things) -> None:
    await data_of(operations, 'mutation { a: guess(word: "1") b: make(input: {name: "2"}) { id } c: guess(word: "3") }')

    assert things.calls == [{"word": "1"}, {"input": {"name": "2"}}, {"word": "3"}]


async def test_lone_surrogates_do_not_spoil_an_error(operations: SystemOperations) -> None:
    text = 'query($k: Kind) { thing(id: "' + ID + '", kind: $k) { id } }'
    (problem,) = await problems(operations, text, {"k": "\ud800"})

    assert problem.encode()


def test_an_operation_must_say_whose_it_is_and_be_coded() -> None:
    async def nothing(_context: RequestContext, _arguments: Mapping[str, object]) -> object:
        return None

    with pytest.raises(ValueError, match="a must say who may call it"):
        SystemOperations(["extend type Query { a: Int }"], {"a": nothing})
    with pytest.raises(ValueError, match="missing of: a"):
        SystemOperations(["extend type Query { a: Int @access(who: PUBLIC) }"], {})
    with pytest.raises(ValueError, match="missing of: b"):
        SystemOperations([], {"b": nothing})


def test_the_sdl_can_stand_beside_other_definitions(operations: SystemOperations) -> None:
    schema = build_schema(
        "type Query { people: Int } type Mutation { createPerson: Int } scalar UUID\n" + operations.sdl({"UUID"})
    )

    assert schema.query_type is not None
    assert set(schema.query_type.fields) == {"people", "thing", "must", "mine", "me"}
    assert "@access" not in operations.sdl()
    assert "@shorthand" not in operations.sdl()


def test_names_and_fields_are_known_before_anything_is_run(operations: SystemOperations) -> None:
    assert operations.query_fields == {"thing", "must", "mine", "me"}
    assert operations.mutation_fields == {"make", "guess"}
