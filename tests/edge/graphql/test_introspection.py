"""Introspection: by a process of its own, and from memory."""

import asyncio
import gc
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import orjson
import pytest
from graphql import (
    OperationDefinitionNode,
    build_client_schema,
    get_introspection_query,
    parse,
    print_type,
    validate_schema,
)

from rapport.base.errors import Timeout
from rapport.edge.graphql.introspection import SchemaIntrospector
from rapport.edge.graphql.model import Model
from rapport.edge.graphql.schema.process import IntrospectionFailed
from rapport.edge.graphql.service import Refused
from rapport.edge.limits import TooComplex
from tests.edge.graphql.models import standard, system, with_rockets

SEED = """
query IntrospectionQuery {
  __schema {
    types {
      name
      description
    }
  }
}
"""
# Everything about everything that a depth of two lists allows: takes longer than a test can wait.
HEAVY = """
{ __schema { types { fields { args { type { ofType { enumValues { name } } } }
  type { name fields { name args { name type { name kind ofType { name } } } } ofType { fields { name
    args { name type { name kind } } } } } } } } }
"""


@pytest.fixture
async def introspector() -> AsyncIterator[SchemaIntrospector]:
    introspector = SchemaIntrospector(system())
    yield introspector
    await introspector.close()


@pytest.fixture
def model() -> Model:
    return Model(standard())


async def ask(
    introspector: SchemaIntrospector, model: Model | None, text: str, values: Mapping[str, object] | None = None
) -> object:
    """The data of a document without errors, as a client reads it."""
    document = parse(text)
    (operation,) = (each for each in document.definitions if isinstance(each, OperationDefinitionNode))
    data, errors = await introspector.introspect(model, document, operation, values or {})
    assert errors == []
    return orjson.loads(orjson.dumps(data))


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it has not come to pass within ten seconds")


def is_running(pid: int | None) -> bool:
    return Path(f"/proc/{pid}").exists()


def environment(pid: int | None) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


def fields(data: object) -> dict[str, object]:
    """Names of a type's fields with those of their types."""
    assert isinstance(data, dict)
    return {each["name"]: each["type"]["name"] for each in data["__type"]["fields"]}


async def test_a_client_builds_the_schema_from_the_standard_introspection_query(
    introspector: SchemaIntrospector, model: Model
) -> None:
    text = get_introspection_query(
        descriptions=True,
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )
    data = await ask(introspector, model, text)
    assert isinstance(data, dict)
    schema = build_client_schema(data)  # type: ignore[arg-type]
    assert validate_schema(schema) == []
    connection = schema.get_type("PersonEdge")
    assert connection is not None
    assert print_type(connection) == "type PersonEdge {\n  node: Person!\n  cursor: Cursor\n}"


async def test_the_query_of_the_seed_works_as_written(introspector: SchemaIntrospector, model: Model) -> None:
    data = await ask(introspector, model, SEED)
    assert isinstance(data, dict)
    types = {each["name"]: each["description"] for each in data["__schema"]["types"]}
    assert types["Person"] == "Standard object: person"
    assert {"Query", "Mutation", "PersonConnection", "PersonFilterInput", "Account", "DateTime"} <= types.keys()


async def test_a_type_is_found_by_its_name(introspector: SchemaIntrospector, model: Model) -> None:
    text = "query($n: String!, $more: Boolean = false) { a: __type(name: $n) { name kind } b: __type(name: $n) {name} }"
    assert await ask(introspector, model, text.replace(", $more: Boolean = false", ""), {"n": "Person"}) == {
        "a": {"name": "Person", "kind": "OBJECT"},
        "b": {"name": "Person"},
    }
    assert await ask(introspector, model, '{ __type(name: "Nothing") { name } }') == {"__type": None}
    found = fields(await ask(introspector, model, '{ __type(name: "Company") { fields { name type { name } } } }'))
    assert (found["name"], found["people"], found["id"]) == ("String", "PersonConnection", None)


async def test_objects_that_users_add_appear(introspector: SchemaIntrospector, model: Model) -> None:
    text = '{ __type(name: "Rocket") { fields { name type { name } } } }'
    found = fields(await ask(introspector, Model(with_rockets()), text))
    assert (found["crew"], found["status"], found["owner"]) == ("Int", "RocketStatusEnum", "Company")
    assert await ask(introspector, model, text) == {"__type": None}


async def test_fields_of_other_kinds_in_the_document_are_left_to_others(
    introspector: SchemaIntrospector, model: Model
) -> None:
    text = """
    query($id: UUID, $n: String!) { ...Root people(filter: {id: {eq: $id}}) { nonsense } currentUser { ...Account } }
    fragment Root on Query { person { id } __type(name: $n) { ...Named } ... { again: __type(name: $n) { ...Named } } }
    fragment Named on __Type { name }
    fragment Account on Account { id }
    """
    expected = {"__type": {"name": "Person"}, "again": {"name": "Person"}}
    assert await ask(introspector, model, text, {"id": "x", "n": "Person"}) == expected


async def test_without_a_workspace_there_is_only_the_system(introspector: SchemaIntrospector) -> None:
    text = '{ __schema { queryType { fields { name } } } __type(name: "Person") { name } }'
    assert await ask(introspector, None, text) == {
        "__schema": {"queryType": {"fields": [{"name": "currentUser"}]}},
        "__type": None,
    }


async def test_workspaces_with_the_same_model_share_an_answer(introspector: SchemaIntrospector, model: Model) -> None:
    first = await ask(introspector, model, SEED)
    pid = introspector.process_id
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await until(lambda: introspector.process_id is None)
    # Nobody is left to make an answer: these come from memory, whatever the layout of the document.
    assert await ask(introspector, Model(standard()), SEED) == first
    assert await ask(introspector, model, "\n".join(f"  {line}" for line in SEED.splitlines())) == first
    assert introspector.process_id is None


async def test_an_answer_that_is_known_needs_no_process(model: Model) -> None:
    introspector = SchemaIntrospector(system(), idle_seconds=0.1)
    text = get_introspection_query()
    answer = await ask(introspector, model, text)
    await until(lambda: introspector.process_id is None)

    assert await ask(introspector, model, text) == answer
    assert introspector.process_id is None
    await introspector.close()


async def test_who_asks_for_the_same_at_once_waits_for_one_answer(
    introspector: SchemaIntrospector, model: Model
) -> None:
    answers = await asyncio.gather(*(ask(introspector, model, SEED) for _ in range(50)))
    assert all(each == answers[0] for each in answers)


async def test_a_client_that_hangs_up_does_not_spoil_the_next_answer(
    introspector: SchemaIntrospector, model: Model
) -> None:
    waiting = asyncio.create_task(ask(introspector, model, SEED))
    await asyncio.sleep(0.05)
    waiting.cancel()
    assert await ask(introspector, model, '{ __type(name: "Task") { name } }') == {"__type": {"name": "Task"}}


async def test_what_is_wrong_with_the_document_refuses_it(introspector: SchemaIntrospector, model: Model) -> None:
    with pytest.raises(Refused) as refused:
        await ask(introspector, model, 'query A {\n  __type(nome: "Person") { nime } }')
    assert refused.value.errors == [
        {
            "message": message,
            "locations": [{"line": 2, "column": column}],
            "extensions": {
                "code": "GRAPHQL_VALIDATION_FAILED",
                "statusCode": 400,
                "userFriendlyMessage": "An error occurred.",
            },
        }
        for message, column in (
            ('Unknown argument "nome" on field "Query.__type". Did you mean "name"?', 10),
            ('Cannot query field "nime" on type "__Type". Did you mean "name"?', 28),
            ('Field "__type" argument "name" of type "String!" is required, but it was not provided.', 3),
        )
    ]
    with pytest.raises(Refused, match="String cannot represent a non string value: 5"):
        await ask(introspector, model, "query($n: String!) { __type(name: $n) { name } }", {"n": 5})


async def test_floods_are_refused(introspector: SchemaIntrospector, model: Model) -> None:
    deep = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"
    with pytest.raises(Refused, match="Maximum introspection depth exceeded"):
        await ask(introspector, model, deep)
    with pytest.raises(TooComplex, match="30 deep"):
        await ask(introspector, model, f'{{ __type(name: "A") {{ {"ofType { " * 40} name {"} " * 40} }} }}')
    wide = " ".join(f"a{number}: name" for number in range(1000))
    with pytest.raises(TooComplex, match="1000 fields"):
        await ask(introspector, model, f"{{ __schema {{ types {{ {wide} }} }} }}")
    doubling = "".join(f"fragment F{n} on __Type {{ ...F{n + 1} a: ofType {{ ...F{n + 1} }} }} " for n in range(25))
    with pytest.raises(TooComplex):
        await ask(
            introspector, model, f"{{ __schema {{ types {{ ...F0 }} }} }} {doubling} fragment F25 on __Type {{name}}"
        )
    types = " ".join(f"a{number}: types {{ fields {{ args {{ type {{ name }} }} }} }}" for number in range(90))
    fields = " ".join(f"a{number}: fields {{ args {{ type {{ name }} }} }}" for number in range(90))
    for document in (f"{{ __schema {{ {types} }} }}", f"{{ __schema {{ types {{ {fields} }} }} }}"):
        with pytest.raises(TooComplex, match="far too much"):
            await ask(introspector, model, document)
    assert introspector.process_id is not None  # of the first document: the others never got there


async def test_an_answer_that_takes_too_long_is_given_up(model: Model) -> None:
    introspector = SchemaIntrospector(system(), time_limit=0.05)
    with pytest.raises(Timeout):
        await ask(introspector, model, HEAVY)
    assert introspector.process_id is None
    await introspector.close()


async def test_when_the_process_is_killed_the_next_question_starts_another(
    introspector: SchemaIntrospector, model: Model
) -> None:
    assert await ask(introspector, model, '{ __type(name: "Note") { name } }') == {"__type": {"name": "Note"}}
    first = introspector.process_id
    assert first is not None
    waiting = asyncio.create_task(ask(introspector, model, HEAVY))
    await asyncio.sleep(0.05)
    os.kill(first, signal.SIGKILL)
    with pytest.raises(IntrospectionFailed, match="Try again"):
        await waiting
    assert await ask(introspector, model, '{ __type(name: "Task") { name } }') == {"__type": {"name": "Task"}}
    assert introspector.process_id not in (None, first)


async def test_the_process_goes_away_when_nobody_asks(model: Model) -> None:
    introspector = SchemaIntrospector(system(), idle_seconds=0.1)
    await ask(introspector, model, '{ __type(name: "Note") { name } }')
    pid = introspector.process_id
    assert pid is not None
    await until(lambda: not is_running(pid))
    assert introspector.process_id is None
    assert await ask(introspector, model, '{ __type(name: "Task") { name } }') == {"__type": {"name": "Task"}}
    await introspector.close()


async def test_closing_ends_the_process_also_while_it_works(model: Model) -> None:
    introspector = SchemaIntrospector(system())
    await ask(introspector, model, '{ __type(name: "Note") { name } }')
    pid = introspector.process_id
    waiting = asyncio.create_task(ask(introspector, model, HEAVY))
    await asyncio.sleep(0.05)
    await introspector.close()
    assert not is_running(pid)
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_no_secret_of_the_server_reaches_the_process(
    introspector: SchemaIntrospector, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAPPORT_APP_SECRET", "not for other processes")
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:nothing@127.0.0.1/none")
    await ask(introspector, model, '{ __type(name: "Note") { name } }')
    seen = environment(introspector.process_id)
    assert b"PYTHONPATH=" in seen
    assert b"not for other processes" not in seen
    assert b"nobody:nothing" not in seen


async def test_models_that_are_gone_are_forgotten(introspector: SchemaIntrospector) -> None:
    await ask(introspector, Model(standard()), SEED)
    gc.collect()
    assert len(introspector._digests) == 0
