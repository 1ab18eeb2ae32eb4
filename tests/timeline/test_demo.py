"""The demo has a timeline of its own, and of what is done in it later nothing is missing."""

from pathlib import Path

from rapport.accounts.passwords import Passwords
from rapport.accounts.service import AccountService
from rapport.accounts.tokens import TokenSigner
from rapport.demo.build import ensure_demo
from rapport.events.log import read
from rapport.events.readers import Log, cursor_of
from rapport.metadata.catalogs import Catalogs
from rapport.store.database import Database
from rapport.timeline.reader import TIMELINE, TimelineReader
from tests.serving import Tenant, serving


async def test_the_records_of_the_demo_are_not_told_of_twice(database: Database, tmp_path: Path) -> None:
    passwords = Passwords(memory_kib=64, passes=1)
    accounts = AccountService(database, TokenSigner("a secret for tests only"), passwords)
    demo = await ensure_demo(database, accounts, data_dir=tmp_path / "data")
    passwords.close()
    assert await ensure_demo(database, accounts, data_dir=tmp_path / "data") == demo
    tenant = Tenant(workspace_id=demo.workspace_id, schema=demo.schema, key=demo.api_key)
    async with serving(database, tenant) as client:
        await client.data('mutation { createPerson(data: { city: "Oslo" }) { id } }')
    log = Log(workspace_id=demo.workspace_id, schema=demo.schema)
    async with database.transaction() as connection:
        batch = await read(connection, demo.schema, await cursor_of(connection, demo.workspace_id, TIMELINE), 1000)
        assert [(event.object, event.action) for event in batch.events] == [("person", "created")]
        await TimelineReader(Catalogs()).read(connection, log, batch.events)
    twice = await database.rows(
        f"""select "targetPersonId", "targetCompanyId", "targetOpportunityId" from "{demo.schema}"."timelineActivity"
        where name like '%.created' and "linkedRecordId" is null group by 1, 2, 3 having count(*) > 1"""
    )
    assert twice == []
