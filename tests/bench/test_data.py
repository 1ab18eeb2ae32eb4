from bench.data import Data, company_id, person_id
from rapport.store.database import Database
from rapport.workspaces.create import create_workspace


async def test_the_records_are_loaded_once(database_dsn: str) -> None:
    database = await Database.connect(database_dsn, size=1, statement_timeout_ms=120_000)
    async with database.transaction() as connection:
        _, schema = await create_workspace(connection, name="Bench")
    data = Data(database, schema)
    for _ in range(2):
        await data.ensure()
    counts = [await database.value(f'select count(*) from "{schema}".{name}') for name in ("company", "person")]
    assert counts == [10_000, 50_000]
    row = await database.row(
        f'select count(*), count("pointOfContactId"), count(distinct "companyId"), count("closeDate")'
        f' from "{schema}".opportunity'
    )
    assert row is not None
    total, with_contact, companies, dated = row
    assert total == 20_000
    assert 18_000 < with_contact < 20_000
    assert companies > 5_000
    assert 17_000 < dated < 19_000
    first = await database.value(f'select "companyId" is null from "{schema}".person where id = $1', person_id(50_000))
    assert first is not None
    assert await database.value(f'select name from "{schema}".company where id = $1', company_id(1)) is not None
    await database.close()
