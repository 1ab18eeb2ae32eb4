"""The tables of a workspace: what they refuse, how they search, how they are named, and that doctor sees damage."""

from dataclasses import dataclass

import asyncpg
import pytest

from rapport.base.ids import new_id
from rapport.events.ddl import create_event_table
from rapport.metadata.catalog import Catalog, WorkspaceId
from rapport.metadata.ddl import create_statements
from rapport.metadata.indexes import index_name, indexes
from rapport.metadata.standard.model import standard_catalog
from rapport.store.database import Database
from tests.metadata.yardstick import differences


@dataclass(frozen=True)
class Made:
    """A workspace's tables, without a workspace."""

    database: Database
    catalog: Catalog

    async def run(self, sql: str, *args: object) -> object:
        """The first value of a statement in which `w.` stands for the schema."""
        return await self.database.value(sql.replace("w.", f'"{self.catalog.schema}".'), *args)

    async def differences(self) -> list[str]:
        return [str(item) for item in await differences(self.database, self.catalog)]


@pytest.fixture
async def made(database: Database) -> Made:
    catalog = standard_catalog(WorkspaceId(new_id()))
    await database.script(";\n".join([*create_statements(catalog), create_event_table(catalog.schema)]))
    return Made(database, catalog)


async def test_tables_agree_with_their_metadata(made: Made) -> None:
    assert await made.differences() == []


async def test_doctor_names_every_difference(made: Made) -> None:
    await made.run("alter table w.company drop column employees")
    await made.run('alter table w.person add column "extra" text')
    await made.run("alter table w.person alter column city type varchar(9)")
    await made.run("alter table w.opportunity alter column stage drop not null")
    index = index_name("task", ("assigneeId",))
    await made.run(f'drop index w."{index}"')
    await made.run('alter table w.blocklist drop constraint "fk_blocklist_workspaceMemberId"')
    await made.run('drop table w."calendarChannelEventAssociation"')
    await made.run("create table w.intruder (id int)")
    await made.run("create index stray on w.note (title)")
    assert await made.differences() == [
        'table "blocklist": constraint "fk_blocklist_workspaceMemberId" is missing',
        'table "calendarChannelEventAssociation": it is missing',
        'table "company": column "employees" is missing',
        'table "intruder": it is not in the metadata',
        'table "note": index "stray" is not in the metadata',
        'table "opportunity": column "stage" must not be empty but may be',
        'table "person": column "city" is character varying(9), should be text',
        'table "person": column "extra" is not in the metadata',
        f'table "task": index "{index}" is missing',
    ]


async def test_defaults_fill_a_record(made: Made) -> None:
    await made.run("insert into w.opportunity (name) values ('Deal')")
    row = await made.database.row(
        'select stage, position, "createdBySource", "createdByName", "createdAt" is not null as dated, id is not null '
        f'as named from "{made.catalog.schema}".opportunity'
    )
    assert row is not None
    assert tuple(row) == ("NEW", 0.0, "MANUAL", "System", True, True)


async def test_an_option_that_does_not_exist_is_refused(made: Made) -> None:
    with pytest.raises(asyncpg.CheckViolationError, match="check_opportunity_stage"):
        await made.run("insert into w.opportunity (stage) values ('NOWHERE')")
    with pytest.raises(asyncpg.CheckViolationError, match="check_workflow_statuses"):
        await made.run("insert into w.workflow (statuses) values ('{DRAFT,NOWHERE}')")
    with pytest.raises(asyncpg.CheckViolationError, match="check_workflow_statuses"):
        await made.run("insert into w.workflow (statuses) values ('{DRAFT,null}')")
    await made.run("insert into w.workflow (statuses) values ('{}'), (null), ('{DRAFT,ACTIVE}')")


async def test_unique_values_are_unique_among_live_records_that_have_one(made: Made) -> None:
    insert = 'insert into w.person ("emailsPrimaryEmail", "deletedAt") values ($1, $2)'
    await made.run("insert into w.person (\"emailsPrimaryEmail\") values (null), (null), (''), ('')")
    await made.run(insert, "ann@example.com", None)
    name = index_name("person", ("emailsPrimaryEmail",), is_unique=True)
    with pytest.raises(asyncpg.UniqueViolationError, match=name):
        await made.run(insert, "ann@example.com", None)
    await made.run('update w.person set "deletedAt" = now()')
    await made.run(insert, "ann@example.com", None)


async def test_destroying_a_record_follows_the_rule_of_each_link(made: Made) -> None:
    company, person, note = new_id(), new_id(), new_id()
    await made.run("insert into w.company (id) values ($1)", company)
    await made.run('insert into w.person (id, "companyId") values ($1, $2)', person, company)
    await made.run("insert into w.note (id) values ($1)", note)
    await made.run('insert into w."noteTarget" ("noteId", "targetCompanyId") values ($1, $2)', note, company)
    await made.run("delete from w.company")
    assert await made.run('select "companyId" from w.person') is None
    assert await made.run("select count(*) from w.person") == 1
    assert await made.run('select count(*) from w."noteTarget"') == 0
    with pytest.raises(asyncpg.ForeignKeyViolationError, match="fk_person_companyId"):
        await made.run('update w.person set "companyId" = $1', company)


@pytest.mark.parametrize(
    "words",
    [
        "ada",
        "LOVELACE",
        "lovel",
        "acme",
        "acme-corp",
        "ada.l@acme-corp.example.com",
        "example",
        "612345678",
        "ingenieur",
    ],
)
async def test_people_are_found_by_any_part_of_what_they_are(made: Made, words: str) -> None:
    await made.run(
        'insert into w.person ("nameFirstName", "nameLastName", "emailsPrimaryEmail", "phonesPrimaryPhoneNumber", '
        "\"jobTitle\") values ('Áda', 'Lovelace', 'ada.l@acme-corp.example.com', '612345678', 'Ingénieur')"
    )
    # As search asks (core-api.md §6): the word as it is, or all of its parts.
    found = (
        "select count(*) from w.person where \"searchVector\" @@ ((quote_literal(w.fold($1)) || ':*')::tsquery || ("
        "select string_agg(quote_literal(part) || ':*', ' & ')::tsquery "
        "from unnest(string_to_array(w.fold($1), '-')) part))"
    )
    assert await made.run(found, words) == 1
    assert await made.run(found, "nobody") == 0


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Łódź STRAßE", "lodz strasse"),
        ("Ærøskøbing", "aeroskobing"),
        ("ﬁne Ｗｉｄｅ", "fine wide"),
        ("東京", "東京"),
        ("", ""),
    ],
)
async def test_folding_takes_accents_and_case_away(made: Made, text: str, folded: str) -> None:
    assert await made.run("select w.fold($1)", text) == folded


async def test_a_text_of_any_length_can_be_searched(made: Made) -> None:
    words = " ".join(f"wörd{number}-東京{number}" for number in range(200_000))
    await made.run('insert into w.note (title, "bodyV2Markdown") values ($1, $2)', "x" * 5_000_000, words)
    await made.run('insert into w.note ("bodyV2Markdown") values ($1)', words)


def test_generated_names_are_short_and_differ() -> None:
    catalog = standard_catalog(WorkspaceId(new_id()))
    names = [index.name for item in catalog.objects for index in indexes(item)]
    assert len(set(names)) == len(names)
    assert all(len(name.encode()) <= 63 for name in names)


async def test_the_event_table_numbers_and_dates_its_events(made: Made) -> None:
    await made.run("insert into w.event (action, object, \"recordId\") values ('created', 'person', gen_random_uuid())")
    assert await made.run("select seq from w.event") == 1
    assert await made.run('select xid is not null and id is not null and "happenedAt" <= now() from w.event') is True
