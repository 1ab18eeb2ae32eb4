"""Many workspaces on one server, and one with a large data model: `python -m bench.workspaces --count 300`.

Starts a server with its own PostgreSQL in a temporary folder, as `make bench` does, and prints what workspaces cost:
seconds to make one, memory, disk; and what a large model costs in each kind of request, beside the standard model.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from bench.asking import Asker, Timed
from bench.big_model import enlarged, selection
from bench.processes import PROC, resident_mb
from bench.report import table
from bench.run import prepare_environment
from bench.server import Server, running_server
from rapport.keys.service import create_key
from rapport.metadata.evolving import Evolving
from rapport.metadata.store import load_catalog
from rapport.store.database import Database
from rapport.store.embedded import address_of_running
from rapport.workspaces.create import create_workspace

TOUCH = (
    "{ people(first: 20) { edges { node { id name { firstName } company { name } } } } }",
    "{ companies(first: 20) { edges { node { id name people { totalCount } } } } opportunities { totalCount } }",
    'mutation { createPerson(data: { city: "Brest" }) { id } }',
)
STANDARD_LIST = """{ people(first: 20) { edges { node {
  id createdAt updatedAt city jobTitle position name { firstName lastName } emails { primaryEmail additionalEmails }
  phones { primaryPhoneNumber } linkedinLink { primaryLinkUrl } xLink { primaryLinkUrl } createdBy { source name }
} } } }"""
STANDARD_NESTED = """{ people(first: 20) { edges { node { id jobTitle company { id name people(first: 5) {
  edges { node { id jobTitle } } } } } } } }"""
OBJECTS = """{ objects(paging: { first: 1000 }) { edges { node { id nameSingular namePlural labelSingular isActive
  fieldsList { id name label type isActive isNullable defaultValue options settings } } } } }"""
INTROSPECTION = "{ __schema { types { name kind fields { name type { name kind ofType { name kind } } } } } }"
CREATE_FIELD = "mutation($input: CreateOneFieldMetadataInput!) { made: createOneField(input: $input) { id } }"
UPDATE_FIELD = "mutation($input: UpdateOneFieldMetadataInput!) { made: updateOneField(input: $input) { id } }"
DELETE_FIELD = "mutation($input: DeleteOneFieldInput!) { made: deleteOneField(input: $input) { id } }"
_BACKENDS = """
select pid from pg_stat_activity
where backend_type = 'client backend' and datname = current_database() and pid <> pg_backend_pid()
"""


@dataclass(frozen=True, kw_only=True)
class Workspace:
    id: UUID
    schema: str
    key: str
    seconds: float  # that making it took


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Megabytes: of the server, and of PostgreSQL's processes for its connections."""

    server: float
    connections: Sequence[float]

    def __str__(self) -> str:
        each = f"{statistics.mean(self.connections):.1f} MB each" if self.connections else ""
        return f"server {self.server:.0f} MB, {len(self.connections)} connections {each}"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.workspaces", description=__doc__)
    parser.add_argument("--count", type=int, default=300, help="workspaces (300)")
    parser.add_argument("--objects", type=int, default=100, help="custom objects of the large model (100)")
    parser.add_argument("--fields", type=int, default=50, help="fields of each of them (50)")
    options = parser.parse_args(arguments)
    prepare_environment()
    with tempfile.TemporaryDirectory(prefix="rapport-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # PostgreSQL may run under another account than ours
        data_dir = Path(folder, "data")
        with running_server(data_dir) as server:
            asyncio.run(_measure(server, data_dir, options.count, options.objects, options.fields))
    return 0


async def _measure(server: Server, data_dir: Path, count: int, objects: int, fields: int) -> None:
    dsn = address_of_running(data_dir)
    assert dsn is not None
    async with _database(dsn) as database:
        empty = await _size(database)
        made = [await make(database, f"Workspace {number}") for number in range(count)]
        say(creation(made))
        before = await memory(server, database)
        size = (await _size(database) - empty) / max(1, count)
        say(f"disk: {size:.1f} MB for each workspace, {await _size(database):.0f} MB in all")
        await asyncio.to_thread(touch, server, made)
        say(f"memory before touching them: {before}")
        say(f"memory after touching all:   {await memory(server, database)}")
        if made and objects:
            say("")
            await _large(server, database, made[0], objects, fields)


@asynccontextmanager
async def _database(dsn: str) -> AsyncIterator[Database]:
    database = await Database.connect(dsn, size=1, statement_timeout_ms=600_000)
    try:
        yield database
    finally:
        await database.close()


async def make(database: Database, name: str) -> Workspace:
    begun = time.perf_counter()
    async with database.transaction() as connection:
        workspace_id, schema = await create_workspace(connection, name=name)
        key = await create_key(connection, workspace_id=workspace_id, name="Bench")
    return Workspace(id=workspace_id, schema=schema, key=key.token, seconds=time.perf_counter() - begun)


def creation(made: Sequence[Workspace]) -> str:
    """What making them took, at the beginning and later: each the median of the last ten."""
    marks = sorted({1, *(mark for mark in (100, 200, 300) if mark < len(made)), len(made)})
    shown = []
    for mark in marks:
        around = made[:1] if mark == 1 else made[max(1, mark - 10) : mark]
        shown.append(f"{mark}: {statistics.median(each.seconds for each in around) * 1000:.0f} ms")
    return f"making a workspace, the first and the median of ten up to each: {', '.join(shown)}"


def touch(server: Server, made: Sequence[Workspace]) -> None:
    times = []
    for each in made:
        asker = Asker(server.host, server.port, each.key)
        times.append(sum(asker.ask(query)[1] for query in TOUCH))
        asker.close()
    if times:
        median = statistics.median(times)
        say(f"the first {len(TOUCH)} requests in each: median {median:.0f} ms, most {max(times):.0f} ms")


async def memory(server: Server, database: Database) -> Memory:
    pids = [row["pid"] for row in await database.rows(_BACKENDS)]
    return Memory(server=resident_mb(server.pid), connections=[own_mb(pid) for pid in pids])


def own_mb(pid: int) -> float:
    """Memory that a process shares with no other, without PostgreSQL's shared buffers."""
    lines = (PROC / str(pid) / "status").read_text(encoding="ascii", errors="replace").splitlines()
    (kilobytes,) = [int(line.split()[1]) for line in lines if line.startswith("RssAnon:")]
    return kilobytes / 1024


async def _size(database: Database) -> float:
    found = await database.value("select pg_database_size(current_database())")
    assert isinstance(found, int)
    return found / 1e6


# -- a large model ----------------------------------------------------------------------------------------------------


async def _large(server: Server, database: Database, standard: Workspace, objects: int, fields: int) -> None:
    large = await make(database, "Large")
    begun = time.perf_counter()
    evolving = Evolving(database, forget=lambda _id: None)
    await evolving.change(large.id, lambda catalog: enlarged(catalog, objects=objects, fields=fields))
    say(f"{objects} objects of {fields} fields, made in one change: {time.perf_counter() - begun:.1f} s")
    await _fill(database, standard, large)
    names = selection(fields)
    inner = selection(min(fields, 10))
    earlier = "earlier(first: 5) { edges { node { id name } } }"
    nested = f"edges {{ node {{ id {inner} later {{ id {inner} {earlier} }} }} }}"
    questions = {
        "list of 20": (STANDARD_LIST, f"{{ things0(first: 20) {{ edges {{ node {{ id name {names} }} }} }} }}"),
        "nested list": (STANDARD_NESTED, f"{{ things0(first: 20) {{ {nested} }} }}"),
        "objects": (OBJECTS, OBJECTS),
        "introspection": (INTROSPECTION, INTROSPECTION),
    }
    rows: list[tuple[str, ...]] = [("", "standard first", "again", "KB", "large first", "again", "KB", "")]
    askers = [Asker(server.host, server.port, each.key) for each in (standard, large)]
    for title, (one, other) in questions.items():
        # Both models are in memory before: what is measured is the plan.
        for asker in askers:
            asker.ask("{ people { totalCount } }")
        found = [await asyncio.to_thread(asker.timed, query) for asker, query in zip(askers, (one, other), strict=True)]
        rows.append((title, *(text for each in found for text in _shown(each)), ""))
    rows.append(("load of the model", *_pair([await _loading(database, each) for each in (standard, large)]), ""))
    for title, times in zip(
        ("new field", "rename field", "delete field"),
        zip(_changes(askers[0], "company"), _changes(askers[1], "thing0"), strict=True),
        strict=True,
    ):
        rows.append((title, *_pair(times), ""))
    say("\n".join(table(rows)))
    say("milliseconds; first: with the model in memory and no plan")
    for asker in askers:
        asker.close()
    say(f"memory: {await memory(server, database)}")


async def _fill(database: Database, standard: Workspace, large: Workspace) -> None:
    one, other = f'"{standard.schema}"', f'"{large.schema}"'
    await database.script(
        f"insert into {one}.company (name) select 'company ' || n from generate_series(1, 20) n; "
        f'insert into {one}.person (city, "jobTitle", "companyId") '
        f"select 'Brest', 'title ' || n, (select id from {one}.company limit 1) from generate_series(1, 50) n; "
        f"insert into {other}._thing1 (name) select 'thing ' || n from generate_series(1, 20) n; "
        f'insert into {other}._thing0 (name, field0, "laterId") '
        f"select 'thing ' || n, 'text', (select id from {other}._thing1 limit 1) from generate_series(1, 50) n"
    )


async def _loading(database: Database, workspace: Workspace) -> float:
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        await load_catalog(database, workspace.id)
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def _changes(asker: Asker, name: str) -> tuple[float, float, float]:
    """Milliseconds to add a field, to rename it and to delete it: medians of three."""
    data, _, _ = asker.ask("{ objects(paging: { first: 1000 }) { edges { node { id nameSingular } } } }")
    connection = data["objects"]
    assert isinstance(connection, dict)
    (object_id,) = [each["node"]["id"] for each in connection["edges"] if each["node"]["nameSingular"] == name]
    found: list[tuple[float, float, float]] = []
    for number in range(3):
        given = {"objectMetadataId": object_id, "name": f"new{number}", "label": f"New {number}", "type": "TEXT"}
        data, making, _ = asker.ask(CREATE_FIELD, {"input": {"field": given}})
        made = data["made"]
        assert isinstance(made, dict)
        update = {"name": f"newer{number}", "label": f"Newer {number}"}
        _, renaming, _ = asker.ask(UPDATE_FIELD, {"input": {"id": made["id"], "update": update}})
        _, deleting, _ = asker.ask(DELETE_FIELD, {"input": {"id": made["id"]}})
        found.append((making, renaming, deleting))
    first, second, third = (statistics.median(times) for times in zip(*found, strict=True))
    return first, second, third


def _shown(timed: Timed) -> tuple[str, str, str]:
    return f"{timed.first:.1f}", f"{timed.repeated:.1f}", f"{timed.size / 1000:.0f}"


def _pair(times: Sequence[float]) -> tuple[str, ...]:
    standard, large = times
    return (f"{standard:.1f}", "", "", f"{large:.1f}", "", "")


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
