"""Deliveries are made: in the order of each record, again when they fail, and not without end."""

import asyncio
import json
from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from rapport.base.ids import new_id
from rapport.base.networks import Networks
from rapport.jobs.handler import DELAYS
from rapport.jobs.queue import Jobs
from rapport.outgoing.client import Outgoing
from rapport.webhooks.draining import PARALLEL, PATIENCE
from rapport.webhooks.waking import wake, wake_forgotten
from tests.serving import Client
from tests.waiting import until
from tests.webhooks.asking import make_webhook
from tests.webhooks.delivering import (
    CREATE,
    HERE,
    UPDATE,
    deliveries,
    delivering,
    due_now,
    reading,
    states,
    until_idle,
    until_states,
    working,
)
from tests.webhooks.receiving import Received, Receiver, Reply, receiving

PEOPLE = [str(new_id()) for _ in range(3)]
STATUS = """select "disabledAt" is not null as disabled, "disabledReason", "failingSince",
    "pausedUntil" - now() as pause from core.webhook where id = $1"""


async def write(client: Client, person_id: str, *cities: str) -> None:
    """Creates a person, and changes it."""
    first, *others = cities
    await client.data(CREATE, {"id": person_id, "city": first})
    for city in others:
        await client.data(UPDATE, {"id": person_id, "city": city})


def of(receiver: Receiver, person_id: str) -> list[str]:
    """The cities that were told of a record."""
    return [each.told["record"]["city"] for each in receiver.received if each.told["record"]["id"] == person_id]


async def test_a_record_is_told_in_order_while_others_are_told_at_the_same_time(client: Client) -> None:
    gate, under_way, most = asyncio.Event(), Counter[str](), Counter[str]()

    def reply(received: Received) -> Reply:
        person_id = received.told["record"]["id"]
        under_way[person_id] += 1
        most[person_id] = max(most[person_id], under_way[person_id])
        return Reply(waits=gate)

    people = [str(new_id()) for _ in range(PARALLEL + 5)]
    many = "mutation($data: [PersonCreateInput!]!) { createPeople(data: $data) { id } }"
    async with receiving() as receiver:
        receiver.reply = reply
        await make_webhook(client, targetUrl=receiver.url)
        await client.data(many, {"data": [{"id": each, "city": "0"} for each in people]})
        for city in ("1", "2"):
            await client.data(UPDATE, {"id": people[0], "city": city})
        async with delivering(client.database):
            await receiver.until(PARALLEL)
            assert len(receiver.received) == PARALLEL
            assert most.total() == PARALLEL
            gate.set()
            await until_states(client, *["delivered"] * (PARALLEL + 7))
    assert of(receiver, people[0]) == ["0", "1", "2"]
    assert {each.told["record"]["id"] for each in receiver.received} == set(people)


async def test_what_fails_keeps_back_its_record_and_no_other(client: Client) -> None:
    bad, good, _ = PEOPLE
    fails = True

    def reply(received: Received) -> Reply:
        return Reply(status=500 if fails and received.told["record"]["id"] == bad else 204)

    async with receiving() as receiver, delivering(client.database):
        receiver.reply = reply
        await make_webhook(client, targetUrl=receiver.url)
        await write(client, bad, "a", "b")
        await write(client, good, "x", "y")
        await until_states(client, "waiting", "waiting", "delivered", "delivered")
        await until_idle(client)
        assert (of(receiver, bad), of(receiver, good)) == (["a"], ["x", "y"])
        await client.database.execute(
            """update core."webhookDelivery" set "dueAt" = now() + interval '1 hour'
               where attempts > 0 and state = 'waiting'"""
        )

        await client.data(UPDATE, {"id": bad, "city": "c"})  # is told at once, were it not for those before it
        await client.data(UPDATE, {"id": good, "city": "z"})
        await until_states(client, *["waiting"] * 2, *["delivered"] * 2, "waiting", "delivered")
        await until_idle(client)
        assert (of(receiver, bad), of(receiver, good)) == (["a"], ["x", "y", "z"])

        fails = False
        await due_now(client)
        async with working(client.database):
            await until_states(client, *["delivered"] * 6)
    assert (of(receiver, bad), of(receiver, good)) == (["a", "a", "b", "c"], ["x", "y", "z"])
    first, again = (each for each in receiver.received if each.told["record"]["city"] == "a")
    assert (first.body, first.headers["webhook-id"]) == (again.body, again.headers["webhook-id"])


@pytest.mark.parametrize("status", [204, 301, 302, 307, 400, 404, 429, 500, 503])
async def test_success_is_2xx_and_nothing_else(client: Client, status: int) -> None:
    async with receiving() as receiver, delivering(client.database):
        receiver.reply = lambda _: Reply(status=status, headers={"Location": f"{receiver.url}elsewhere"})
        await make_webhook(client, targetUrl=receiver.url)
        await client.data(CREATE, {})
        await receiver.until(1)
        await until_states(client, "delivered" if status == 204 else "waiting")
        await until_idle(client)
    assert [each.path for each in receiver.received] == ["/"]
    (delivery,) = await deliveries(client)
    assert (delivery.attempts, delivery.answers) == (1, (status,))


async def test_a_delivery_is_tried_nine_times_over_a_day_and_is_dead_then(client: Client) -> None:
    async with receiving() as receiver:
        receiver.reply = lambda _: Reply(status=500, text="x" * 5_000 + "\0")
        await make_webhook(client, targetUrl=receiver.url)
        await client.data(CREATE, {})
        for attempt, delay in enumerate((*DELAYS, None), 1):
            async with delivering(client.database):
                await receiver.until(attempt)
                await until_states(client, "dead" if delay is None else "waiting")
                await until_idle(client)
            (delivery,) = await deliveries(client)
            assert delivery.attempts == attempt
            if delay is not None:
                row = await client.database.row(
                    """select d."dueAt" - max(a."attemptedAt") as wait, j.execute_after - d."dueAt" as more
                       from core."webhookDelivery" d join core."webhookAttempt" a on a."deliveryId" = d.id, core.job j
                       group by d.id, j.id"""
                )
                assert row is not None
                assert delay * 0.89 < row["wait"] < delay * 1.1 + timedelta(seconds=2)
                assert row["more"] == timedelta(0)
            await due_now(client)
    assert (delivery.state, delivery.error) == ("dead", "The endpoint answered 500.")
    assert delivery.answers == (500,) * 9
    assert timedelta(hours=23) < sum(DELAYS, timedelta()) < timedelta(hours=25)
    kept = await client.database.rows("""select response, "durationMs" from core."webhookAttempt" """)
    assert {row["response"] for row in kept} == {"x" * 1_000}
    assert not await client.database.value("select exists (select from core.job)")


async def test_what_has_waited_for_longer_than_a_day_has_one_attempt(client: Client) -> None:
    async with receiving() as receiver:
        receiver.reply = lambda _: Reply(status=500)
        await make_webhook(client, targetUrl=receiver.url)
        await write(client, PEOPLE[0], "a", "b")
        async with reading(client.database):
            await until_states(client, "waiting", "waiting")
        await client.database.execute(
            """update core."webhookDelivery" set "waitingSince" = now() - interval '27 hours'"""
        )
        async with delivering(client.database):
            await until_states(client, "dead", "dead")
    assert of(receiver, PEOPLE[0]) == ["a", "b"]


async def test_an_endpoint_that_is_gone_disables_its_webhook(client: Client) -> None:
    async with receiving() as receiver:
        receiver.reply = lambda _: Reply(status=410)
        hook = await make_webhook(client, targetUrl=receiver.url)
        await make_webhook(client, targetUrl=f"{receiver.url}other", operations=["company.*"])
        await write(client, PEOPLE[0], "a", "b", "c")
        async with delivering(client.database):
            await until_states(client, "dead", "dead", "dead")
            await until_idle(client)
            assert len(receiver.received) == 1
            await client.data(CREATE, {})
            await client.data("mutation { createCompany(data: {}) { id } }")
            await receiver.until(2)
            await until_idle(client)
    found = await deliveries(client)
    assert [(each.name, each.error, each.answers) for each in found] == [
        ("person.created", "The endpoint answered 410.", (410,)),
        ("person.updated", "The endpoint answered 410 Gone.", ()),
        ("person.updated", "The endpoint answered 410 Gone.", ()),
        ("company.created", "The endpoint answered 410.", (410,)),
    ]
    status = await client.database.row(STATUS, UUID(hook["id"]))
    assert status is not None
    assert (status["disabled"], status["disabledReason"]) == (True, "The endpoint answered 410 Gone.")
    rows = await client.database.rows(
        """select details from core."auditEntry" where action = 'webhookDisabled' order by "createdAt" """
    )
    assert json.loads(rows[0]["details"])["webhookId"] == hook["id"]


async def test_an_endpoint_that_is_down_is_left_alone_for_longer_and_longer(client: Client) -> None:
    async with receiving() as receiver:
        hook = await make_webhook(client, targetUrl=receiver.url)
        port = int(receiver.url.rsplit(":", 1)[1].strip("/"))
    webhook_id = UUID(hook["id"])
    for _ in range(30):
        await client.data(CREATE, {})
    async with delivering(client.database):
        await until(lambda: is_paused(client, webhook_id))
        await until_idle(client)
        await client.data(CREATE, {"city": "late"})
        await until(lambda: has_deliveries(client, 31))
        await until_idle(client)
        status = await client.database.row(STATUS, webhook_id)
        assert status is not None
        assert timedelta(seconds=0) < status["pause"] <= timedelta(seconds=10)
        tried = [each for each in await deliveries(client) if each.attempts]
        assert len(tried) <= PARALLEL + PATIENCE
        assert {each.answers for each in tried} == {("The host cannot be reached.",)}
        more = await client.database.value("""select execute_after - "pausedUntil" from core.job, core.webhook""")
        assert more == timedelta(0)

        # Two hours later it is still down: one delivery is enough to see that.
        await client.database.execute("""update core.webhook set "failingSince" = now() - interval '1 hour'""")
        await due_now(client)
        async with working(client.database):
            await until(lambda: is_paused(client, webhook_id))
            await until_idle(client)
        again = [each for each in await deliveries(client) if each.attempts]
        assert sum(each.attempts for each in again) == len(tried) + 1
        status = await client.database.row(STATUS, webhook_id)
        assert status is not None
        assert timedelta(minutes=25) < status["pause"] < timedelta(minutes=35)

        async with receiving(port) as receiver:
            await due_now(client)
            async with working(client.database):
                await until_states(client, *["delivered"] * 31)
                await until_idle(client)
            assert len(receiver.received) == 31
    status = await client.database.row(STATUS, webhook_id)
    assert status is not None
    assert (status["failingSince"], status["pause"]) == (None, None)


async def is_paused(client: Client, webhook_id: UUID) -> bool:
    found = await client.database.value("""select "pausedUntil" > now() from core.webhook where id = $1""", webhook_id)
    return found is True


async def has_deliveries(client: Client, count: int) -> bool:
    return len(await deliveries(client)) == count


async def test_who_has_been_down_for_more_than_a_day_is_given_up_but_for_what_is_new(client: Client) -> None:
    async with receiving() as receiver:
        hook = await make_webhook(client, targetUrl=receiver.url)
    for _ in range(5):
        await client.data(CREATE, {})
    async with reading(client.database):
        await until_states(client, *["waiting"] * 5)
    await client.database.execute("""update core.webhook set "failingSince" = now() - interval '28 hours'""")
    await client.database.execute(
        """update core."webhookDelivery" set "waitingSince" = now() - interval '28 hours' where number <= $1""",
        await client.database.value("""select min(number) + 3 from core."webhookDelivery" """),
    )
    async with working(client.database):
        await until(lambda: is_paused(client, UUID(hook["id"])))
    found = await deliveries(client)
    assert [each.state for each in found] == ["dead"] * 4 + ["waiting"]
    assert found[0].error == "The host cannot be reached."
    assert {each.error for each in found[1:4]} == {"The endpoint could not be reached for more than a day."}


async def test_one_delivery_that_breaks_the_endpoint_does_not_stop_the_others(client: Client) -> None:
    async with receiving() as receiver, delivering(client.database):
        receiver.reply = lambda received: Reply(hangs_up=received.told["record"]["city"] == "bad")
        await make_webhook(client, targetUrl=receiver.url)
        await client.data(CREATE, {"city": "bad"})
        await until_idle(client)
        for _ in range(10):
            await client.data(CREATE, {"city": "good"})
        await until_states(client, "waiting", *["delivered"] * 10)
    (bad, *_) = await deliveries(client)
    assert set(bad.answers) == {"The host closed the connection without an answer."}


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        ("120", 110, 121),
        ("0", 0, 2),
        ("999999", 3_590, 3_601),
        ("soon", 0, 0),
        ("Fri, 31 Dec 2100 23:59:59 GMT", 3_590, 3_601),
        ("Fri, 31 Dec 9999 23:59:59 -2359", 3_590, 3_601),
        ("Fri, 31 Dec 2027 23:59:59 +99999999999999999999", 0, 0),
        ("Fri, 99999999999999 Dec 2027 23:59:59 GMT", 0, 0),
        ("Fri, 31 Dec 99999999999999999999 23:59:59 GMT", 0, 0),
    ],
)
async def test_who_asks_for_a_pause_gets_it_within_bounds(client: Client, asked: str, least: int, most: int) -> None:
    async with receiving() as receiver, delivering(client.database):
        receiver.reply = lambda _: Reply(status=503, headers={"Retry-After": asked})
        hook = await make_webhook(client, targetUrl=receiver.url)
        await client.data(CREATE, {})
        await receiver.until(1)
        await until(lambda: has_attempts(client))
        await until(lambda: is_free(client))
        status = await client.database.row(STATUS, UUID(hook["id"]))
    assert status is not None
    seconds = status["pause"].total_seconds() if status["pause"] else 0
    assert least - 1 <= seconds <= most
    assert status["failingSince"] is None


async def has_attempts(client: Client) -> bool:
    return await client.database.value("""select exists (select from core."webhookAttempt")""") is True


async def is_free(client: Client) -> bool:
    """No turn is under way."""
    return await client.database.value("""select bool_and("deliveringBy" is null) from core.webhook""") is True


class Breaking:
    """Names that break in a way that nobody has thought of."""

    async def find(self, host: str, port: int) -> list[str]:
        if host == "broken.example":
            raise RuntimeError("no way out")
        return ["127.0.0.1"]

    def close(self) -> None:
        pass


async def test_what_breaks_unexpectedly_is_a_failed_attempt_like_others(client: Client) -> None:
    async with receiving() as receiver, reading(client.database):
        await make_webhook(client, targetUrl="http://broken.example/", operations=["person.*"])
        await make_webhook(client, targetUrl=receiver.url, operations=["company.*"])
        await client.data(CREATE, {})
        await client.data("mutation { createCompany(data: {}) { id } }")
        async with working(client.database, Outgoing(HERE, names=Breaking())):
            await until_states(client, "waiting", "delivered")
            await until(lambda: has_failed(client))
            await until_idle(client)
    broken, _ = await deliveries(client)
    assert set(broken.answers) == {"The server could not send it: RuntimeError."}


async def test_an_endpoint_that_was_not_even_asked_does_not_count_as_down(client: Client) -> None:
    gate = asyncio.Event()
    async with receiving() as receiver, reading(client.database):
        receiver.reply = lambda _: Reply(waits=gate)
        hook = await make_webhook(client, targetUrl=receiver.url)
        for _ in range(PATIENCE + 2):
            await client.data(CREATE, {})
        async with working(client.database, Outgoing(HERE, most_per_host=1, turn_seconds=0.05)):
            await until(lambda: have_failed(client, PATIENCE + 1))
            status = await client.database.row(STATUS, UUID(hook["id"]))
            gate.set()
    assert status is not None
    assert status["failingSince"] is None
    found = {answer for each in await deliveries(client) for answer in each.answers}
    assert "Too many others of the same owner ask at the same time." in found


async def have_failed(client: Client, count: int) -> bool:
    return len([each for each in await deliveries(client) if each.answers]) >= count


async def has_failed(client: Client) -> bool:
    return (
        await client.database.value("""select exists (select from core."webhookAttempt" where error is not null)""")
        is True
    )


async def test_private_addresses_are_refused(client: Client) -> None:
    async with receiving() as receiver, reading(client.database):
        await make_webhook(client, targetUrl=receiver.url)
        await client.data(CREATE, {})
        async with working(client.database, Outgoing(Networks(()))):
            await until(lambda: has_attempts(client))
            await until_idle(client)
    (delivery,) = await deliveries(client)
    assert (delivery.state, delivery.answers) == ("waiting", ("The address is in a private network.",))
    assert receiver.received == []


async def test_what_was_under_way_when_the_worker_died_is_sent_again(client: Client) -> None:
    gate = asyncio.Event()
    async with receiving() as receiver, reading(client.database):
        receiver.reply = lambda _: Reply(waits=gate)
        await make_webhook(client, targetUrl=receiver.url)
        await write(client, PEOPLE[0], "a", "b")
        async with working(client.database) as worker:
            await receiver.until(1)
            killed = asyncio.create_task(worker.stop(grace=0))
            await killed
        assert await states(client) == ["waiting", "waiting"]
        gate.set()
        async with working(client.database):
            await until_states(client, "delivered", "delivered")
    assert of(receiver, PEOPLE[0]) == ["a", "a", "b"]
    assert len({each.headers["webhook-id"] for each in receiver.received}) == 2


async def test_whoever_has_the_webhook_delivers_alone(client: Client) -> None:
    """Though there may be two jobs for a moment: one whose worker was taken for dead, and that of the next turn."""
    async with receiving() as receiver, delivering(client.database):
        hook = await make_webhook(client, targetUrl=receiver.url)
        await client.database.execute(
            """update core.webhook set "deliveringBy" = $2, "deliveringUntil" = now() + interval '1 minute'
               where id = $1""",
            UUID(hook["id"]),
            new_id(),
        )
        await client.data(CREATE, {})
        await until(lambda: is_armed(client, timedelta(seconds=30)))
        assert receiver.received == []
        await client.database.execute("""update core.webhook set "deliveringUntil" = now() - interval '1 second'""")
        await client.data(CREATE, {})  # brings the job forward
        await until_states(client, "delivered", "delivered")


async def is_armed(client: Client, least: timedelta) -> bool:
    """There is a job for a later time."""
    found = await client.database.value("select execute_after - now() from core.job where status = 'queued'")
    return isinstance(found, timedelta) and found > least


async def test_what_is_added_at_the_last_moment_of_a_turn_is_delivered(client: Client) -> None:
    gate = asyncio.Event()
    async with receiving() as receiver:
        receiver.reply = lambda _: Reply(waits=gate)
        hook = UUID((await make_webhook(client, targetUrl=receiver.url))["id"])
        await client.data(CREATE, {})
        async with delivering(client.database):
            await receiver.until(1)
            async with client.database.transaction() as connection:
                await connection.execute(
                    """insert into core."webhookDelivery"
                           (id, "workspaceId", "webhookId", "eventId", "recordId", "eventName", body)
                       select $1, "workspaceId", id, $1, $1, 'person.created', '{}' from core.webhook where id = $2""",
                    new_id(),
                    hook,
                )
                await wake(connection, Jobs(), hook)  # there is a job, which runs
                gate.set()
                await until(lambda: somebody_waits(client))  # the turn is over, but for this
            await until_states(client, "delivered", "delivered")
    assert len(receiver.received) == 2


async def somebody_waits(client: Client) -> bool:
    return await client.database.value("select exists (select from pg_locks where not granted)") is True


async def test_deliveries_without_a_job_are_found(client: Client) -> None:
    async with receiving() as receiver:
        await make_webhook(client, targetUrl=receiver.url)
        await client.data(CREATE, {})
        async with reading(client.database):
            await until_states(client, "waiting")
        await client.database.execute("delete from core.job")
        assert await wake_forgotten(client.database) == 0  # it may be on its way
        await client.database.execute("""update core."webhookDelivery" set "dueAt" = now() - interval '2 minutes'""")
        assert await wake_forgotten(client.database) == 1
        assert await wake_forgotten(client.database) == 0
        async with working(client.database):
            await until_states(client, "delivered")


async def test_a_failing_turn_leaves_the_webhook_to_the_next(client: Client) -> None:
    """Here the secret was sealed with another app secret."""
    async with receiving() as receiver:
        await make_webhook(client, targetUrl=receiver.url)
        await client.database.execute("""update core.webhook set secret = '\\x00'""")
        await client.data(CREATE, {})
        async with delivering(client.database):
            await until(lambda: is_armed(client, timedelta(seconds=1)))
    assert receiver.received == []
    assert await states(client) == ["waiting"]
    assert await is_free(client)
    (listed,) = await Jobs().listed(client.database)
    assert (listed.name, listed.attempts) == ("webhooks.deliver", 1)
    assert str(listed.error).startswith("CannotOpen")


async def test_turns_of_a_deleted_webhook_bury_what_waits(client: Client) -> None:
    async with receiving() as receiver:
        hook = await make_webhook(client, targetUrl=receiver.url)
        await write(client, PEOPLE[0], "a", "b")
        async with reading(client.database):
            await until_states(client, "waiting", "waiting")
        await client.data(f'mutation {{ deleteWebhook(id: "{hook["id"]}") }}')
        async with working(client.database):
            await until_states(client, "dead", "dead")
    assert receiver.received == []
    assert {each.error for each in await deliveries(client)} == {"The webhook was deleted."}


async def test_times_of_attempts_are_kept(client: Client) -> None:
    async with receiving() as receiver, delivering(client.database):
        receiver.reply = lambda _: Reply(status=201, text="made ü\0")
        await make_webhook(client, targetUrl=receiver.url)
        await client.data(CREATE, {})
        await until_states(client, "delivered")
    row = await client.database.row(
        """select a.status, a.response, a.error, a."durationMs", a."attemptedAt", d."deliveredAt", d.attempts
           from core."webhookAttempt" a join core."webhookDelivery" d on d.id = a."deliveryId" """
    )
    assert row is not None
    assert (row["status"], row["response"], row["error"], row["attempts"]) == (201, "made ü", None, 1)
    assert 0 <= row["durationMs"] < 5_000
    assert isinstance(row["deliveredAt"], datetime)
    assert row["attemptedAt"] <= row["deliveredAt"]
