"""While many write, in long and short transactions, each event reaches everybody once, and mirrors become true."""

import asyncio
import json
import random
from collections import defaultdict
from contextlib import suppress

import asyncpg

from rapport.base.ids import new_id
from tests.access.acting import Role, acting
from tests.edge.rest.asking import send
from tests.edge.rest.events.mirror import END, OBJECTS, mirrored_by_pages, mirrored_by_streams, on_server
from tests.edge.rest.records import ask
from tests.imports.asking import NDJSON, ended, importing, start
from tests.serving import Client

CITIES = ("Oslo", "Rome", "Bern")
ALLOWED = {200, 201, 400, 403, 404, 409, 422}  # what two writers may get in the way of each other with


class Writers:
    """They know the same few records, so that they meet."""

    def __init__(self, client: Client, seed: int) -> None:
        self._client = client
        self._chance = random.Random(seed)
        self._people = [str(new_id()) for _ in range(8)]
        self._companies = [str(new_id()) for _ in range(4)]
        self._notes = [str(new_id()) for _ in range(3)]

    async def begin(self) -> None:
        await ask(
            self._client, "POST", "/batch/companies", [{"id": each, "name": each} for each in self._companies], 201
        )
        await ask(self._client, "POST", "/batch/people", [self._person(each) for each in self._people], 201)
        await ask(self._client, "POST", "/batch/notes", [{"id": each, "title": each} for each in self._notes], 201)

    async def write(self, count: int) -> None:
        verbs = (
            self._update, self._update, self._update_several, self._delete, self._restore, self._destroy, self._merge,
            self._upsert, self._create, self._link, self._favor, self._sell,
        )  # fmt: skip
        for _ in range(count):
            await self._chance.choice(verbs)()

    async def write_long(self, count: int) -> None:
        """Transactions that stay open for a while; some are taken back."""
        schema = self._client.tenant.schema
        update = (
            f"with o as (select * from {schema}.person where id = any($1::uuid[]) order by id for update), "
            f'i as (update {schema}.person t set city = $2, "updatedAt" = now() from o where t.id = o.id '
            "returning t.id, to_jsonb(o.*) - 'searchVector' as before, to_jsonb(t.*) - 'searchVector' as after) "
            f'insert into {schema}.event (action, object, "recordId", before, after, "updatedFields") '
            "select 'updated', 'person', id, before, after, '{city}' from i"
        )
        for number in range(count):
            with suppress(KeyError, asyncpg.DeadlockDetectedError):
                async with self._client.database.transaction() as connection:
                    for _ in range(2):
                        chosen = sorted(self._chance.sample(self._people, 2))
                        await connection.execute(update, chosen, f"{self._chance.choice(CITIES)}{number}")
                        await asyncio.sleep(self._chance.random() / 50)
                    if self._chance.random() < 0.3:
                        raise KeyError

    # -- verbs --------------------------------------------------------------------------------------------------

    def _person(self, id_: str) -> dict[str, object]:
        company = self._chance.choice([*self._companies, None])
        name = {"firstName": id_[-4:], "lastName": str(self._chance.random())}
        return {"id": id_, "name": name, "city": self._chance.choice(CITIES), "companyId": company}

    async def _send(self, method: str, path: str, body: object = None) -> None:
        answer = await send(self._client, method, path, body)
        assert answer.status_code in ALLOWED, f"{method} {path}: {answer.text}"

    async def _update(self) -> None:
        body = {"city": self._chance.choice(CITIES), "companyId": self._chance.choice([*self._companies, None])}
        await self._send("PATCH", f"/people/{self._chance.choice(self._people)}", body)

    async def _update_several(self) -> None:
        chosen = self._chance.sample(self._people, 3)
        await self._send(
            "PATCH", "/batch/people", [{"id": each, "city": self._chance.choice(CITIES)} for each in chosen]
        )
        await self._send("PATCH", "/people?filter=city[eq]:Rome", {"jobTitle": str(self._chance.random())})

    async def _any(self) -> tuple[str, str]:
        kind = self._chance.choice(("people", "companies", "notes"))
        known = {"people": self._people, "companies": self._companies, "notes": self._notes}[kind]
        return kind, self._chance.choice(known)

    async def _delete(self) -> None:
        await self._send("DELETE", "/{}/{}".format(*await self._any()))

    async def _restore(self) -> None:
        await self._send("PATCH", "/restore/{}/{}".format(*await self._any()))

    async def _destroy(self) -> None:
        kind, id_ = await self._any()
        await self._send("DELETE", f"/{kind}/{id_}?soft_delete=false")
        body = {"people": self._person(id_), "companies": {"id": id_, "name": id_}, "notes": {"id": id_, "title": id_}}
        await self._send("POST", f"/{kind}", body[kind])

    async def _merge(self) -> None:
        body = {"ids": self._chance.sample(self._people, 2), "conflictPriorityIndex": 0}
        await self._send("PATCH", "/people/merge", body)

    async def _upsert(self) -> None:
        await self._send("POST", "/batch/people?upsert=true", [self._person(each) for each in self._people[:3]])

    async def _create(self) -> None:
        await self._send("POST", "/people", self._person(str(new_id())))

    async def _link(self) -> None:
        body = {"noteId": self._chance.choice(self._notes), "targetCompanyId": self._chance.choice(self._companies)}
        await self._send("POST", "/noteTargets", body)

    async def _favor(self) -> None:
        await self._send("POST", "/favorites", {"personId": self._chance.choice(self._people), "position": 1})

    async def _sell(self) -> None:
        links = {
            "companyId": self._chance.choice(self._companies),
            "pointOfContactId": self._chance.choice(self._people),
        }
        await self._send("POST", "/opportunities", {"name": "Deal", **links})


async def test_followers_beside_many_writers(client: Client) -> None:
    writers = Writers(client, seed=7)
    await writers.begin()
    limited = await acting(client, Role(rows=(("person", "city", "IS", "Oslo"),)))
    following = [
        asyncio.create_task(each)
        for each in (
            mirrored_by_pages(client, "limit=1"),
            mirrored_by_pages(client, "limit=7&before=true"),
            mirrored_by_pages(client, "limit=1000&wait=5"),
            mirrored_by_streams(client, 100_000),
            mirrored_by_streams(client, 9),
        )
    ]
    seeing_less = [
        asyncio.create_task(each)
        for each in (mirrored_by_pages(limited, "limit=3"), mirrored_by_streams(limited, 100_000))
    ]
    async with importing(client):
        rows = [{"emails": {"primaryEmail": f"{n % 40}@x.example"}, "city": CITIES[n % 3]} for n in range(120)]
        lines = "".join(json.dumps(each) + "\n" for each in rows)
        importer = await start(client, "/people/import?match=emails.primaryEmail", lines, NDJSON)
        await asyncio.gather(*(writers.write(25) for _ in range(4)), *(writers.write_long(12) for _ in range(2)))
        assert (await ended(client, importer["id"]))["state"] == "done"
    await ask(client, "POST", "/notes", {"title": END}, 201)

    async with asyncio.timeout(60):
        mirrors, less = await asyncio.gather(*following), await asyncio.gather(*seeing_less)
    log = await client.database.rows(
        f'select id::text, object, "recordId"::text as record from {client.tenant.schema}.event order by seq'
    )
    in_order = defaultdict(list)
    for row in log:
        in_order[row["object"], row["record"]].append(row["id"])
    there = {kind: await on_server(client, kind) for kind in OBJECTS}
    for mirror in mirrors:
        assert len(mirror.events) == len({each["id"] for each in mirror.events}) == len(log)
        assert mirror.by_record() == in_order
        assert {kind: mirror.of(kind) for kind in OBJECTS} == there
    actions = {each["action"] for each in mirrors[0].events}
    assert actions == {"created", "updated", "deleted", "restored", "destroyed"}
    assert {kind for kind in OBJECTS if there[kind]} >= {"person", "company", "note", "opportunity"}

    oslo = await on_server(limited, "person")
    assert oslo
    for mirror in less:
        assert len(mirror.events) == len({each["id"] for each in mirror.events})
        assert mirror.of("person") == oslo
        assert {"shown", "hidden"} <= {each["action"] for each in mirror.events}
        assert "Rome" not in str([each["record"] for each in mirror.events if each["object"] == "person"])
