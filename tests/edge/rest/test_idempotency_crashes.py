"""Requests with an `Idempotency-Key` that are interrupted: what they have done is done once, or nobody claims so."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.types import Message

from rapport.access.principal import Principal
from rapport.base.errors import RecordNotFound, Unavailable
from rapport.base.ids import new_id
from rapport.edge.answer import Answer
from rapport.edge.caller import Caller
from rapport.edge.rest.idempotency.asked import caller_of
from rapport.edge.rest.idempotency.errors import KeyReused, OutcomeUnknown, StillRunning
from rapport.edge.rest.idempotency.keeping import Idempotency
from rapport.edge.rest.request import RestRequest
from rapport.edge.rest.router import Route
from rapport.edge.rest.shapes import ErrorShape
from rapport.edge.traffic.sources import Source
from rapport.edge.traffic.turns import Turns
from rapport.edge.traffic.visit import Visit
from rapport.records.failures import WriteConflict
from rapport.store.database import Database
from tests.crashing import CrashingDatabase
from tests.edge.rest.records import ask
from tests.edge.rest.test_idempotency import is_replayed, key, post
from tests.files.asking import TYPE, field, form, hang_up_after
from tests.serving import Client, serving

CREATE = {"city": "Once"}
LINKED = {"city": "Once", "company": {"create": {"name": "Once"}}}
UPSERT = [{"city": "Once", "email": "once@acme.example"}]


@asynccontextmanager
async def crashing(client: Client) -> AsyncIterator[tuple[Client, CrashingDatabase]]:
    database = await CrashingDatabase.connect(client.database.dialing.dsn, size=3)
    assert isinstance(database, CrashingDatabase)
    async with serving(database, client.tenant) as server:
        yield server, database
    await database.close()


@pytest.mark.parametrize("is_after", [False, True])
@pytest.mark.parametrize(
    ("path", "body", "steps"),
    [("/people", CREATE, 7), ("/people", LINKED, 9), ("/batch/people?upsert=true", UPSERT, 7)],
    ids=["create", "linked", "upsert"],
)
async def test_a_record_and_the_answer_are_there_both_or_neither(
    client: Client, path: str, body: object, steps: int, is_after: bool
) -> None:
    seen = []
    async with crashing(client) as (server, database):
        await ask(server, "GET", "/people")  # the caller and the data model are known
        for step in range(50):
            name = key()
            database.arm(step, is_after=is_after)
            first = await post(server, path, body, name)
            if not database.disarm():
                assert first.status_code == 201
                break
            assert first.status_code == 503, first.text
            made = (await ask(server, "GET", "/people?filter=city[eq]:Once"))["totalCount"]
            kept = await client.database.value('select count(*) from core."idempotencyKey" where key = $1', name)
            assert made == kept
            seen.append(made)
            second, third = [await post(server, path, body, name) for _ in range(2)]
            assert (second.status_code, third.content) == (201, second.content)
            assert is_replayed(second) is bool(made)
            assert (await ask(server, "GET", "/people?filter=city[eq]:Once"))["totalCount"] == 1
            assert (await ask(server, "GET", "/companies"))["totalCount"] == (1 if body is LINKED else 0)
            for things in ("people", "companies"):
                await ask(server, "DELETE", f"/{things}?soft_delete=false&filter=id[is]:NOT_NULL")
        assert len(seen) >= steps
        # All was lost but for the commit itself, when it came through.
        assert seen == [0] * (len(seen) - 1) + [1 if is_after else 0]


async def test_the_data_model_is_not_changed_twice(client: Client) -> None:
    """Whatever happened in between, a request sent again does nothing that was done, and says when it does not know."""
    seen = set()
    people = await client.database.value('select id from core."objectMetadata" where "nameSingular" = \'person\'')
    async with crashing(client) as (server, database):
        field = {"objectMetadataId": str(people), "type": "NUMBER", "name": "first", "label": "First"}
        await ask(server, "POST", "/metadata/fields", field, 201)
        database.arm(1000, is_after=False)
        assert (
            await post(server, "/metadata/fields", {**field, "name": "second", "label": "Second"}, key())
        ).is_success
        database.disarm()
        count = database.count
        assert count > 8
        for number, step in enumerate((0, 1, 2, count // 2, count - 5, count - 4, count - 3, count - 2, count - 1)):
            for is_after in (False, True):
                word = f"field{'abcdefghi'[number]}{'a' if is_after else 'b'}"
                body, name = {**field, "name": word, "label": word}, key()
                database.arm(step, is_after=is_after)
                first = await post(server, "/metadata/fields", body, name)
                assert database.disarm(), step
                assert first.status_code in (503, 500), (step, first.text)
                is_there = await _is_there(client, word)
                lease = 'update core."idempotencyKey" set "heldUntil" = now() where status is null'
                await client.database.execute(lease)  # as if half a minute had passed
                again = await post(server, "/metadata/fields", body, name)
                seen.add((is_there, again.status_code, is_replayed(again)))
                assert await _is_there(client, word) == (is_there or again.status_code == 201)
    assert seen == {
        (False, 201, False),  # nothing had begun
        (False, 409, False),  # not done, but nobody knows
        (True, 409, False),  # done, and only the data model says so
        (True, 201, True),  # done, and the answer kept
    }


async def _is_there(client: Client, name: str) -> bool:
    return bool(await client.database.value('select count(*) from core."fieldMetadata" where name = $1', name))


# -- requests in steps ---------------------------------------------------------------------------------------------

Work = Callable[[RestRequest], Awaitable[Answer]]
DONE = Answer(body=b'{"n":1}', status=201, headers=((b"location", b"/x"),))


class Asking:
    """Sends one request again and again, for what somebody makes of it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._principal = Principal(workspace_id=new_id(), schema="s", api_key_id=new_id())

    def process(self, *, patience: float = 0.05, lease: float = 30) -> Idempotency:
        return Idempotency(
            self._database,
            keep=timedelta(hours=1),
            error_shape=ErrorShape(is_flat=False),
            patience=timedelta(seconds=patience),
            lease=timedelta(seconds=lease),
        )

    async def ask(self, process: Idempotency, work: Work, body: bytes = b"x") -> Answer:
        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        caller = Caller(principal=self._principal)
        request = RestRequest(
            caller=caller,
            path={},
            query=b"",
            headers={b"idempotency-key": b"k"},
            receive=receive,
            max_body_bytes=1000,
            turn=Visit(caller, Source(None, 0), (), Turns(most=0)),
        )
        return await process.answer(Route(methods=("POST",), path="x", handler=work), request)


async def never(request: RestRequest) -> Answer:
    raise AssertionError("carried out again")


async def test_a_request_that_takes_its_time_is_waited_for(database: Database) -> None:
    asking = Asking(database)
    process, other, patient = asking.process(), asking.process(), asking.process(patience=5)
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def work(request: RestRequest) -> Answer:
        begun.set()
        await may_end.wait()
        return DONE

    first = asyncio.create_task(asking.ask(process, work))
    await begun.wait()
    for each in (process, other):
        with pytest.raises(StillRunning):
            await asking.ask(each, never)
    with pytest.raises(KeyReused):
        await asking.ask(other, never, b"another")
    waiting = asyncio.create_task(asking.ask(patient, never))
    await asyncio.sleep(0.1)
    may_end.set()
    assert await first == DONE
    again = await waiting
    assert (again.status, again.body) == (201, DONE.body)
    assert again.headers == (*DONE.headers, (b"idempotency-replayed", b"true"))


def test_whose_a_key_is() -> None:
    ids = [new_id() for _ in range(4)]
    user = Principal(workspace_id=ids[0], schema="s", user_workspace_id=ids[1], role_id=ids[3])
    assert caller_of(user) == f"user {ids[1]}"
    assert caller_of(replace(user, impersonator_user_workspace_id=ids[2])) == f"user {ids[1]} by {ids[2]}"
    assert caller_of(Principal(workspace_id=ids[0], schema="s", api_key_id=ids[2])) == f"key {ids[2]}"


def test_who_does_not_wait_is_told_when_to_come_again() -> None:
    answer = ErrorShape(is_flat=False).answer(StillRunning())
    assert (answer.status, answer.headers) == (409, ((b"retry-after", b"1"),))


async def test_a_client_that_hangs_up_can_come_for_the_answer(database: Database) -> None:
    asking = Asking(database)
    process = asking.process(patience=5)
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def work(request: RestRequest) -> Answer:
        begun.set()
        await may_end.wait()
        return DONE

    first = asyncio.create_task(asking.ask(process, work))
    await begun.wait()
    first.cancel()
    may_end.set()
    assert (await asking.ask(process, never)).body == DONE.body


async def test_a_long_request_says_that_it_is_alive(database: Database) -> None:
    asking = Asking(database)
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def work(request: RestRequest) -> Answer:
        begun.set()
        await may_end.wait()
        return DONE

    first = asyncio.create_task(asking.ask(asking.process(lease=0.3), work))
    await begun.wait()
    await asyncio.sleep(0.5)
    with pytest.raises(StillRunning):
        await asking.ask(asking.process(), never)
    may_end.set()
    await first


async def test_nobody_knows_what_became_of_a_request_whose_process_died(database: Database) -> None:
    asking = Asking(database)
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def work(request: RestRequest) -> Answer:
        begun.set()
        await may_end.wait()
        raise Unavailable

    dying = asyncio.create_task(asking.ask(asking.process(lease=30), work))
    await begun.wait()
    with pytest.raises(StillRunning):
        await asking.ask(asking.process(), never)
    # The last sign of life was half a minute ago.
    await database.execute('update core."idempotencyKey" set "heldUntil" = now() - interval \'1 ms\'')
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            await asking.ask(asking.process(), never)
    may_end.set()
    with pytest.raises(Unavailable):
        await dying


@pytest.mark.parametrize("error", [Unavailable(), ValueError("unforeseen")])
async def test_after_a_failure_of_ours_the_outcome_is_not_known(database: Database, error: Exception) -> None:
    asking = Asking(database)

    async def work(request: RestRequest) -> Answer:
        raise error

    with pytest.raises(type(error)):
        await asking.ask(asking.process(), work)
    with pytest.raises(OutcomeUnknown):
        await asking.ask(asking.process(), never)


async def test_a_moments_trouble_is_no_answer(database: Database) -> None:
    asking = Asking(database)

    async def busy(request: RestRequest) -> Answer:
        raise WriteConflict

    async def missing(request: RestRequest) -> Answer:
        raise RecordNotFound

    for _ in range(2):
        with pytest.raises(WriteConflict):
            await asking.ask(asking.process(), busy)
    first = await asking.ask(asking.process(), missing)
    assert first.status == 404
    assert (await asking.ask(asking.process(), never)).body == first.body


@pytest.mark.parametrize(
    ("path", "kind", "body"),
    [
        ("people/import", "text/csv", b"city\nOslo\n"),
        ("files", TYPE, form(field(b"x" * 100))),
    ],
    ids=["import", "file"],
)
async def test_a_file_of_which_a_part_got_lost_is_taken_when_it_comes_again(
    client: Client, path: str, kind: str, body: bytes
) -> None:
    name = key()
    headers = {"Authorization": f"Bearer {client.tenant.key}", "Content-Type": kind, "Idempotency-Key": name}
    lines = [f"POST /rest/{path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    await hang_up_after(client, "\r\n".join([*lines, "", ""]).encode(), body[:-5])

    async with asyncio.timeout(10):
        while (again := await client.http.post(f"{client.url}/rest/{path}", content=body, headers=headers)).is_error:
            assert again.status_code == 409, again.text  # the first is still under way
    assert not is_replayed(again)
