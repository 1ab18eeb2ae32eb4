"""The demo workspace on a real database: made once, whole, and found again."""

import asyncio
import stat
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from rapport.accounts.passwords import Passwords
from rapport.accounts.service import AccountService
from rapport.accounts.tokens import TokenSigner
from rapport.base.errors import ConfigurationError
from rapport.demo.build import Demo, ensure_demo
from rapport.demo.data import demo_records
from rapport.demo.members import MEMBERS
from rapport.keys.credential import KeyCredential
from rapport.metadata.names import qualified
from rapport.metadata.store import load_catalog
from rapport.store.database import Database
from rapport.workspaces.create import create_workspace
from tests.metadata.yardstick import differences

TODAY = date(2026, 7, 27)


@pytest.fixture
def accounts(database: Database) -> Iterator[AccountService]:
    passwords = Passwords(memory_kib=64, passes=1)
    yield AccountService(database, TokenSigner("a secret for tests only"), passwords)
    passwords.close()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


async def make(database: Database, accounts: AccountService, data_dir: Path) -> Demo:
    return await ensure_demo(database, accounts, data_dir=data_dir, today=TODAY)


async def count(database: Database, demo: Demo, table: str) -> object:
    return await database.value(f"select count(*) from {qualified(demo.schema, table)}")


async def test_the_demo_has_all_its_records_each_with_its_event(
    database: Database, accounts: AccountService, data_dir: Path
) -> None:
    demo = await make(database, accounts, data_dir)
    catalog = await load_catalog(database, demo.workspace_id)
    expected = demo_records(TODAY, {name: item.id for name, item in catalog.by_name.items()})
    for name in {record.object for record in expected}:
        ids = {record.id for record in expected if record.object == name}
        stored = await database.rows(f"select id::text from {qualified(demo.schema, catalog.by_name[name].table)}")
        assert {row["id"] for row in stored} == ids, name
        events = await database.rows(
            f"""select "recordId"::text as id, action from {qualified(demo.schema, "event")} where object = $1""", name
        )
        assert sorted((row["id"], row["action"]) for row in events) == sorted((each, "created") for each in ids), name
    assert await differences(database, catalog) == []
    assert await count(database, demo, "workspaceMember") == 5


async def test_a_second_time_nothing_is_added(database: Database, accounts: AccountService, data_dir: Path) -> None:
    demo = await make(database, accounts, data_dir)
    before = [await count(database, demo, table) for table in ("company", "person", "event", "workspaceMember")]
    started = time.perf_counter()
    assert await make(database, accounts, data_dir) == demo
    assert time.perf_counter() - started < 1
    assert [await count(database, demo, table) for table in ("company", "person", "event", "workspaceMember")] == before
    assert await database.value("select count(*) from core.workspace") == 1
    assert await database.value('select count(*) from core."apiKey"') == 1
    assert await database.value('select count(*) from core."user"') == 5


async def test_making_it_is_quick(database: Database, accounts: AccountService, data_dir: Path) -> None:
    started = time.perf_counter()
    await make(database, accounts, data_dir)
    assert time.perf_counter() - started < 5  # 2 when the machine does nothing else


async def test_two_servers_that_start_at_once_share_one(
    database: Database, accounts: AccountService, data_dir: Path
) -> None:
    first, second = await asyncio.gather(make(database, accounts, data_dir), make(database, accounts, data_dir / "b"))
    assert first.workspace_id == second.workspace_id
    assert await database.value("select count(*) from core.workspace") == 1


async def test_every_member_can_sign_in(database: Database, accounts: AccountService, data_dir: Path) -> None:
    demo = await make(database, accounts, data_dir)
    assert demo.email == MEMBERS[0].email
    for member in MEMBERS:
        signed_in = await accounts.sign_in(member.email, demo.password, enter_only_workspace=True)
        membership = signed_in.entered
        assert membership is not None
        assert (membership.workspace_id, membership.workspace_member_id) == (demo.workspace_id, member.id)


async def test_records_show_who_made_them(database: Database, accounts: AccountService, data_dir: Path) -> None:
    demo = await make(database, accounts, data_dir)
    rows = await database.rows(
        'select distinct "createdBySource" as source, "createdByName" as name, "createdByWorkspaceMemberId" as member '
        f"from {qualified(demo.schema, 'person')}"
    )
    names = {f"{member.first_name} {member.last_name}": member.id for member in MEMBERS}
    assert {row["source"] for row in rows} == {"MANUAL", "IMPORT", "API"}
    assert [row for row in rows if names.get(row["name"]) != row["member"]] == []
    actor = await database.value(
        f"""select actor::text from {qualified(demo.schema, "event")} where object = 'note' order by seq limit 1"""
    )
    assert '"source": "MANUAL"' in str(actor)
    assert '"userId": null' not in str(actor)


async def test_records_can_be_found_by_words(database: Database, accounts: AccountService, data_dir: Path) -> None:
    demo = await make(database, accounts, data_dir)
    condition = """"searchVector" @@ to_tsquery('simple', 'otterfield')"""
    found = await database.value(f"select name from {qualified(demo.schema, 'company')} where {condition}")
    assert found == "Otterfield Tech"


async def test_the_key_opens_the_workspace_and_is_kept_for_the_owner_only(
    database: Database, accounts: AccountService, data_dir: Path
) -> None:
    demo = await make(database, accounts, data_dir)
    principal = await KeyCredential(database).principal(demo.api_key)
    assert (principal.workspace_id, principal.name) == (demo.workspace_id, "Demo")
    file = data_dir / "demo-api-key"
    assert file.read_text().strip() == demo.api_key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_lost_or_useless_key_is_replaced(database: Database, accounts: AccountService, data_dir: Path) -> None:
    first = (await make(database, accounts, data_dir)).api_key
    file = data_dir / "demo-api-key"
    file.unlink()
    second = (await make(database, accounts, data_dir)).api_key
    await database.execute('update core."apiKey" set "revokedAt" = now()')
    third = (await make(database, accounts, data_dir)).api_key
    file.write_text("nonsense")
    fourth = (await make(database, accounts, data_dir)).api_key
    file.write_text(f"sk_live_{'0' * 43}\n")
    fifth = (await make(database, accounts, data_dir)).api_key
    assert len({first, second, third, fourth, fifth}) == 5
    assert file.read_text().strip() == fifth
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_data_directory_that_cannot_be_written_is_said(
    database: Database, accounts: AccountService, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be kept"):
        await make(database, accounts, tmp_path / "file")
    assert await database.value('select count(*) from core."apiKey"') == 0


async def test_somebody_elses_workspace_of_that_name_is_left_alone(
    database: Database, accounts: AccountService, data_dir: Path
) -> None:
    async with database.transaction() as connection:
        await create_workspace(connection, name="Mine", subdomain="demo")
    with pytest.raises(ConfigurationError, match='another workspace with the subdomain "demo"'):
        await make(database, accounts, data_dir)
    assert await database.value("select count(*) from core.workspace") == 1


async def test_somebody_elses_user_of_that_address_is_left_alone(
    database: Database, accounts: AccountService, data_dir: Path
) -> None:
    async with database.transaction() as connection:
        await accounts.create_user(
            connection, email="Yuki@example.com", password=None, first_name="Yuki", last_name="Other"
        )
    with pytest.raises(ConfigurationError, match="already a user with one of the addresses"):
        await make(database, accounts, data_dir)
    assert await database.value("select count(*) from core.workspace") == 0
    assert await database.value('select count(*) from core."user"') == 1
