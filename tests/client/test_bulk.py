"""Exports, imports and files through the clients."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

import pytest

from rapport.client import ConnectionFailed, InvalidInput, NotFound
from tests.client.apis import Api
from tests.client.conftest import Connect
from tests.client.flaky import CUT, HANG_UP, Told, flaky
from tests.imports.asking import importing
from tests.serving import Client as Served

LINES = "one\u2028still one\x85\x0b\r\n two"


@pytest.fixture(scope="module")
async def many(served: Served) -> int:
    """How many companies there are."""
    async with served.database.transaction() as connection:
        await connection.execute(
            f"insert into {served.tenant.schema}.company (name, employees) "
            "select format('Company %s', n), n from generate_series(1, 2500) n"
        )
    return 2500


async def test_an_export_gives_every_row(api: Api, many: int) -> None:
    made = await api.do(lambda c: c.companies.create(name=LINES, employees=many + 1))

    rows = await api.all(lambda c: c.companies.export(order_by="employees"))
    assert [each["employees"] for each in rows] == list(range(1, many + 2))
    assert rows[-1] == made
    some = await api.all(
        lambda c: c.companies.export(
            fields=["name", "employees"], filter={"employees": {"gt": many - 1}}, order_by="name"
        )
    )
    assert some == [{"name": f"Company {many}", "employees": many}, {"name": LINES, "employees": many + 1}]

    text = b"".join(await api.all(lambda c: c.companies.export_csv(fields=["name", "employees"], order_by="employees")))
    table = list(csv.reader(io.StringIO(text.decode(), newline="")))
    assert (table[0], table[-1], len(table)) == (["name", "employees"], [LINES, str(many + 1)], many + 2)

    await api.do(lambda c: c.companies.destroy(made["id"]))
    for wrong in (lambda c: c.companies.export(fields=["nothing"]), lambda c: c.companies.export_csv(filter="x")):
        with pytest.raises(InvalidInput):
            await api.all(wrong)


async def test_an_export_is_begun_again_but_a_row_is_never_lost_in_silence(connect: Connect) -> None:
    rows = Told(body='{"n":1}\n{"n":2}\n')
    async with flaky(Told(status=503), HANG_UP, rows) as server, connect(server.url) as api:
        assert await api.all(lambda c: c.people.export()) == [{"n": 1}, {"n": 2}]
        assert len(server.asked) == 3
    for broken in (CUT, Told(body='{"n":1}\n{"n"')):
        async with flaky(broken) as server, connect(server.url) as api:
            with pytest.raises(ConnectionFailed, match="broke off"):
                await api.all(lambda c: c.people.export())
            assert len(server.asked) == 1


async def test_a_file_goes_up_and_comes_down(api: Api, tmp_path: Path) -> None:
    content = bytes(range(256)) * 1000
    path = tmp_path / "Übersicht „Q1“.bin"
    path.write_bytes(content)

    with path.open("rb") as file:
        file.read(10)
        shown = await api.do(lambda c: c.files.upload(file))
    assert (shown["filename"], shown["size"]) == (path.name, len(content))
    assert await api.do(lambda c: c.files.download(shown["id"])) == content
    text = await api.do(lambda c: c.files.upload(b"hello", name="hello.txt"))
    assert text["mimeType"].startswith("text/plain")
    await api.do(lambda c: c.files.delete(text["id"]))
    with pytest.raises(NotFound):
        await api.do(lambda c: c.files.download(text["id"]))


async def test_an_upload_is_repeated_whole_and_with_the_same_key(connect: Connect) -> None:
    shown = Told(status=201, body={"id": "x"})
    file = io.BytesIO(b"0123456789" * 30_000)
    async with flaky(Told(status=503), HANG_UP, shown) as server, connect(server.url) as api:
        assert await api.do(lambda c: c.files.upload(file, name="n.txt")) == {"id": "x"}
        assert len({each.body for each in server.asked}) == len({*server.sent_keys()}) == 1
        assert file.getvalue() in server.asked[0].body


async def test_what_cannot_be_read_twice_is_not_uploaded(connect: Connect) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    async with connect("http://127.0.0.1:9") as api:
        with pytest.raises(ValueError, match="cannot be read twice"):
            await api.do(lambda c: c.files.upload(Pipe(b"x")))


async def test_what_is_no_file_and_no_record_is_refused_before_anything_is_sent(
    connect: Connect, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    path.write_text("city\nRome\n")
    with path.open() as text:
        no_files = ["people.csv", "", path, bytearray(b"x"), text, io.StringIO("city\n"), None, 7]
        no_sources = [*no_files, {"city": "Rome"}, ["people.csv"], [b"city\n"], [{"city": "Rome"}, "Oslo"]]
        async with flaky(Told(status=500)) as server, connect(server.url) as api:
            for wrong in no_files:
                with pytest.raises(TypeError, match="binary mode"):
                    await api.do(lambda c, wrong: c.files.upload(wrong), wrong)
            for wrong in no_sources:
                with pytest.raises(TypeError, match="binary mode, bytes, or an iterable of mappings"):
                    await api.do(lambda c, wrong: c.people.import_(wrong), wrong)
            assert server.asked == []


async def test_files_and_records_are_imported_and_taken_back(served: Served, api: Api, tmp_path: Path) -> None:
    path = tmp_path / "tasks.csv"
    path.write_text("title,dueAt\r\n" + "".join(f"Imported {n},2026-06-30\r\n" for n in range(150)) + "Bad,soon\r\n")
    found = {"title": {"startsWith": "Imported"}}

    async with importing(served):
        with path.open("rb") as file:
            begun = await api.do(lambda c: c.tasks.import_(file, dry_run=True))
            assert (await _wait(api, begun))["created"] == 150
            begun = await api.do(lambda c: c.tasks.import_(file))
        done = await _wait(api, begun)
        assert (done["state"], done["created"], done["failed"]) == ("done", 150, 1)
        assert [each["row"] for each in await api.all(lambda c: c.imports.errors(done["id"]))] == [152]
        assert (await api.do(lambda c: c.tasks.list(filter=found))).total_count == 150
        first, *_ = await api.do(lambda c: c.imports.list(first=1))
        assert first["id"] == done["id"]

        undone = await _wait(api, await api.do(lambda c: c.imports.undo(done["id"])))
        assert (undone["state"], undone["undone"]) == ("undone", 150)
        assert (await api.do(lambda c: c.tasks.list(filter=found))).total_count == 0

        rows = [{"title": "Ünïcode \u2028", "dueAt": "2026-06-30"}, {"title": "Second"}]
        done = await _wait(api, await api.do(lambda c: c.tasks.import_(rows, on_error="stop")))
        assert (done["format"], done["created"]) == ("ndjson", 2)
        latin = await api.do(lambda c: c.tasks.import_("title;id\nÉté;\n".encode("latin-1"), encoding="iso-8859-1"))
        assert (await _wait(api, latin))["created"] == 1
        assert (await api.do(lambda c: c.tasks.delete_where({"title": {"in": ["Été", "Second"]}}))) != []
        assert len(await api.do(lambda c: c.tasks.delete_where({"title": {"startsWith": "Ü"}}))) == 1

    with pytest.raises(InvalidInput, match="nothing"):
        await api.do(lambda c: c.tasks.import_(b"nothing\n1\n"))
    with pytest.raises(NotFound):
        await api.do(lambda c: c.imports.cancel("99999999-9999-4999-8999-999999999999"))
    with pytest.raises(TypeError, match="unexpected keyword argument 'fromat'"):
        await api.do(lambda c: c.tasks.import_(b"", fromat="csv"))


async def _wait(api: Api, begun: Mapping[str, object]) -> Mapping[str, object]:
    found: Mapping[str, object] = await api.do(lambda c: c.imports.wait(begun["id"], every=0.02))
    return found


async def test_an_import_is_repeated_whole_and_with_the_same_key(connect: Connect) -> None:
    begun = Told(status=202, body={"data": {"import": {"id": "x"}}})
    file = io.BytesIO(b"title\n" + b"x\n" * 100_000)
    file.read()
    async with flaky(Told(status=503), HANG_UP, begun) as server, connect(server.url) as api:
        assert await api.do(lambda c: c.tasks.import_(file)) == {"id": "x"}
        assert [each.body for each in server.asked] == [file.getvalue()] * 3
        assert len({*server.sent_keys()}) == 1
        assert server.asked[0].headers["content-type"] == "text/csv"
