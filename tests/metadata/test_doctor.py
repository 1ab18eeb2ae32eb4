"""The doctor on real tables: it finds every kind of damage, mends what it can, and touches nothing else."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import pytest

from rapport.base.ids import new_id
from rapport.events.ddl import create_event_table
from rapport.metadata.catalog import Catalog
from rapport.metadata.doctor import Mended, Reference, look, mend
from rapport.metadata.evolution.custom_indexes import create_index
from rapport.metadata.evolution.fields import create_field
from rapport.metadata.evolution.objects import create_object
from rapport.metadata.evolving import Edit, Evolving, ModelBusy
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.indexes import index_name
from rapport.metadata.store import load_catalog, model_version
from rapport.store.database import Database
from rapport.workspaces.create import begin_workspace, create_workspace
from tests.conftest import Inhabited

LINK = index_name("task", ("assigneeId",))
UNIQUE = index_name("person", ("emailsPrimaryEmail",), is_unique=True)
SEARCH = index_name("person", ("searchVector",))
ROCKET: Mapping[str, Json] = {
    "nameSingular": "rocket",
    "namePlural": "rockets",
    "labelSingular": "Rocket",
    "labelPlural": "Rockets",
}


@dataclass(frozen=True)
class Patient:
    """A workspace that is damaged and examined."""

    db: Database
    workspace_id: UUID
    schema: str
    reference: Reference

    async def run(self, sql: str, *args: object) -> object:
        """The first value of the last statement; `w.` stands for the workspace's schema."""
        sql = sql.replace("w.", f'"{self.schema}".')
        if args:
            return await self.db.value(sql, *args)
        *first, last = sql.split(";\n")
        for statement in first:
            await self.db.script(statement)
        return await self.db.value(last)

    async def looked(self) -> list[str]:
        return [str(each) for each in await look(self.db, self.workspace_id, self.reference)]

    async def mended(self) -> Mended:
        return await mend(self.db, self.workspace_id, self.reference)

    async def change(self, edit: Edit) -> None:
        await Evolving(self.db, forget=lambda _: None).change(self.workspace_id, edit)


# For all tests: it learns in a schema of its own, what is damaged elsewhere has no part in it.
SOUND = Reference(own_tables={"event": create_event_table})


@pytest.fixture
def patient(inhabited: Inhabited) -> Patient:
    tenant = inhabited.tenant
    return Patient(inhabited.database, tenant.workspace_id, tenant.schema, SOUND)


async def test_a_new_workspace_is_well_and_stays_as_it_is(patient: Patient) -> None:
    assert await patient.looked() == []
    assert await patient.mended() == Mended(done=(), left=())
    assert await model_version(patient.db, patient.workspace_id) == 1
    assert await patient.run("select count(*) from pg_namespace where nspname like 'rapport_doctor%'") == 0


async def test_a_workspace_that_waits_for_its_model_is_well(database: Database) -> None:
    user_id = new_id()
    await database.execute('insert into core."user" (id, email) values ($1, $2)', user_id, "ada@example.com")
    async with database.transaction() as connection:
        begun = await begin_workspace(connection, user_id=user_id, email="ada@example.com")
    assert await look(database, begun.id, Reference()) == []


SAFE = [
    ("alter table w.company drop column employees", ['table "company": column "employees" is missing']),
    (
        "alter table w.opportunity alter column stage drop not null",
        ['table "opportunity": column "stage" must not be empty but may be'],
    ),
    (
        "alter table w.company alter column name set not null",
        ['table "company": column "name" may be empty but must not be'],
    ),
    (
        "alter table w.opportunity alter column stage drop default",
        ['table "opportunity": column "stage" has the default none, should have \'NEW\'::text'],
    ),
    (
        "alter table w.company alter column name set default 'x'",
        ['table "company": column "name" has the default \'x\'::text, should have none'],
    ),
    (
        "alter table w.opportunity alter column stage set default 'SCREENING'",
        ["table \"opportunity\": column \"stage\" has the default 'SCREENING'::text, should have 'NEW'::text"],
    ),
    (
        (
            'alter table w.person alter column "searchVector" drop expression;\n'
            'alter table w.person drop column "searchVector"'
        ),
        ['table "person": column "searchVector" is missing', f'table "person": index "{SEARCH}" is missing'],
    ),
    (
        (
            'alter table w.person drop column "searchVector";\nalter table w.person add column "searchVector" tsvector '
            "generated always as (w.search_vector(coalesce(city,''))) stored"
        ),
        [
            'table "person": column "searchVector" is computed from something else than it should be',
            f'table "person": index "{SEARCH}" is missing',
        ],
    ),
    (
        (
            "alter table w.company drop column name cascade;\n"
            "alter table w.company add column name text generated always as ('x') stored"
        ),
        [
            'table "company": column "name" is computed but should not be',
            'table "company": column "searchVector" is missing',
            f'table "company": index "{index_name("company", ("searchVector",))}" is missing',
        ],
    ),
    (
        'alter table w.blocklist drop constraint "fk_blocklist_workspaceMemberId"',
        ['table "blocklist": constraint "fk_blocklist_workspaceMemberId" is missing'],
    ),
    (
        'alter table w.blocklist rename constraint "fk_blocklist_workspaceMemberId" to other',
        ['table "blocklist": constraint "fk_blocklist_workspaceMemberId" is called "other"'],
    ),
    (
        (
            'alter table w.blocklist drop constraint "fk_blocklist_workspaceMemberId", add constraint '
            '"fk_blocklist_workspaceMemberId" foreign key ("workspaceMemberId") references w."workspaceMember" '
            "on delete restrict"
        ),
        [
            (
                'table "blocklist": constraint "fk_blocklist_workspaceMemberId" is '
                'foreign key ("workspaceMemberId") references '
                '"workspaceMember" ("id") on delete restrict, should be foreign key ("workspaceMemberId") references '
                '"workspaceMember" ("id") on delete cascade'
            )
        ],
    ),
    (
        (
            'alter table w.blocklist drop constraint "fk_blocklist_workspaceMemberId", add constraint '
            '"fk_blocklist_workspaceMemberId" foreign key ("workspaceMemberId") references w."workspaceMember" '
            "on delete cascade not valid"
        ),
        ['table "blocklist": constraint "fk_blocklist_workspaceMemberId" is not validated'],
    ),
    (
        (
            "alter table w.opportunity drop constraint check_opportunity_stage, "
            "add constraint check_opportunity_stage check (stage <> '')"
        ),
        [
            (
                'table "opportunity": constraint "check_opportunity_stage" is CHECK ((stage <> \'\'::text)), '
                "should be CHECK "
                "((stage = ANY (ARRAY['NEW'::text, 'SCREENING'::text, 'MEETING'::text, 'PROPOSAL'::text, "
                "'CUSTOMER'::text, "
                "'PROSPECTING'::text, 'NEGOTIATION'::text])))"
            )
        ],
    ),
    (
        "alter table w.note add constraint check_note_left check (title <> 'x')",
        ['table "note": constraint "check_note_left" is not in the metadata'],
    ),
    (
        "alter table w.note drop constraint pk_note cascade",
        [
            'table "attachment": constraint "fk_attachment_targetNoteId" is missing',
            'table "favorite": constraint "fk_favorite_noteId" is missing',
            'table "note": constraint "pk_note" is missing',
            'table "noteTarget": constraint "fk_noteTarget_noteId" is missing',
            'table "timelineActivity": constraint "fk_timelineActivity_targetNoteId" is missing',
        ],
    ),
    (f'drop index w."{LINK}"', [f'table "task": index "{LINK}" is missing']),
    # As workspaces have them that were made before indexes were named by what they are over.
    (
        (
            f'alter index w."{LINK}" rename to "ix_task_assigneeId";\n'
            f'alter index w."{UNIQUE}" rename to "uq_person_emailsPrimaryEmail"'
        ),
        [
            f'table "person": index "{UNIQUE}" is called "uq_person_emailsPrimaryEmail"',
            f'table "task": index "{LINK}" is called "ix_task_assigneeId"',
        ],
    ),
    (
        f'drop index w."{LINK}";\ncreate index "ix_task_assigneeId" on w.task ("assigneeId")',
        [f'table "task": index "{LINK}" is missing', 'table "task": index "ix_task_assigneeId" is not in the metadata'],
    ),
    (
        f'drop index w."{LINK}";\ncreate index "{LINK}" on w.task ("assigneeId")',
        [f'table "task": index "{LINK}" is USING btree ("assigneeId"), should be USING btree ("assigneeId", id)'],
    ),
    (
        f'alter index w."{LINK}" rename to "ix_task_assigneeId";\ncreate index "{LINK}" on w.task (title)',
        [f'table "task": index "{LINK}" is called "ix_task_assigneeId", and its name is that of another'],
    ),
    (
        (
            f'drop index w."{UNIQUE}";\ncreate index "{UNIQUE}" on w.person ("emailsPrimaryEmail") '
            'where "deletedAt" is null and "emailsPrimaryEmail" <> \'\''
        ),
        [
            (
                f'table "person": index "{UNIQUE}" is '
                'USING btree ("emailsPrimaryEmail") WHERE (("deletedAt" IS NULL) AND '
                f'("emailsPrimaryEmail" <> \'\'::text)), should be unique USING btree ("emailsPrimaryEmail") WHERE '
                f'(("deletedAt" IS NULL) AND ("emailsPrimaryEmail" <> \'\'::text))'
            )
        ],
    ),
    ('drop table w."calendarChannelEventAssociation"', ['table "calendarChannelEventAssociation": it is missing']),
    (
        "drop table w.note cascade",
        [
            'table "attachment": constraint "fk_attachment_targetNoteId" is missing',
            'table "favorite": constraint "fk_favorite_noteId" is missing',
            'table "note": it is missing',
            'table "noteTarget": constraint "fk_noteTarget_noteId" is missing',
            'table "timelineActivity": constraint "fk_timelineActivity_targetNoteId" is missing',
        ],
    ),
    ("drop table w.event", ['table "event": it is missing']),
    ('drop index w."ix_event_xid"', ['table "event": index "ix_event_xid" is missing']),
    ("alter table w.event drop column actor", ['table "event": column "actor" is missing']),
    (
        "alter table w.event alter column xid drop default",
        ['table "event": column "xid" has the default none, should have pg_current_xact_id()'],
    ),
    ("alter table w.event set unlogged", ['table "event": it is not kept safe from crashes']),
    (
        "update core.\"indexMetadata\" set name = 'old' where \"indexType\" = 'GIN' and name = '" + SEARCH + "'",
        [f'the metadata of the index "{SEARCH}" has name "old", should have "{SEARCH}"'],
    ),
    (
        (
            'update core."fieldMetadata" set "morphId" = null where name = \'targetNote\' and "objectMetadataId" = '
            '(select id from core."objectMetadata" where "nameSingular" = \'attachment\')'
        ),
        None,
    ),
    ('delete from core."indexMetadata"', None),
]


@pytest.mark.parametrize(("damage", "told"), SAFE)
async def test_what_can_be_mended_safely_is_found_and_mended(
    patient: Patient, damage: str, told: list[str] | None
) -> None:
    note = "insert into w.note (id, title) values (gen_random_uuid(), 'kept')"
    await patient.db.script(note.replace("w.", f'"{patient.schema}".'))
    for statement in damage.replace("w.", f'"{patient.schema}".').split(";\n"):
        await patient.db.script(statement)
    fresh = Reference(own_tables={"event": create_event_table})  # made amid the damage
    found = [str(each) for each in await look(patient.db, patient.workspace_id, fresh)]
    assert found
    if told is not None:
        assert sorted(found) == told
    assert await patient.looked() == found  # looking changes nothing
    mended = await patient.mended()
    assert mended.left == ()
    assert {str(each) for each in mended.done} >= set(found)
    assert await patient.looked() == []
    assert await model_version(patient.db, patient.workspace_id) == 2
    if "drop table w.note" not in damage:
        assert await patient.run("select count(*) from w.note where title = 'kept'") == 1


UNSAFE = [
    ('alter table w.person add column "extra" text', ['table "person": column "extra" is not in the metadata']),
    ("create table w.intruder (id int)", ['table "intruder": it is not in the metadata']),
    ("create view w.report as select id from w.person", ['table "report": it is not in the metadata']),
    (
        "alter table w.person alter column city type varchar(9)",
        ['table "person": column "city" is character varying(9), should be text'],
    ),
    ("create index stray on w.note (title)", ['table "note": index "stray" is not in the metadata']),
    (
        "alter table w.note add constraint stray check (title <> 'x')",
        ['table "note": constraint "stray" is not in the metadata'],
    ),
    (
        'alter table w.person alter column "searchVector" drop expression',
        ['table "person": column "searchVector" is not computed but should be'],
    ),
    ("create function w.helper() returns int language sql as 'select 1'", ['function "helper" is not in the metadata']),
    (
        (
            "create function w.spy() returns trigger language plpgsql as 'begin return null; end';\n"
            "create trigger spy after insert on w.note for each row execute function w.spy()"
        ),
        ['function "spy" is not in the metadata', 'table "note": trigger "spy" is not in the metadata'],
    ),
    (
        (
            'drop table w."calendarChannelEventAssociation";\n'
            'create view w."calendarChannelEventAssociation" as select 1 as id'
        ),
        ['table "calendarChannelEventAssociation": it is a view'],
    ),
    ("alter table w.event alter column seq drop identity", ['table "event": column "seq" does not number its rows']),
]


@pytest.mark.parametrize(("damage", "told"), UNSAFE)
async def test_what_holds_data_or_is_of_others_is_told_and_left_alone(
    patient: Patient, damage: str, told: list[str]
) -> None:
    for statement in damage.replace("w.", f'"{patient.schema}".').split(";\n"):
        await patient.db.script(statement)
    assert sorted(await patient.looked()) == told
    mended = await patient.mended()
    assert mended.done == ()
    assert sorted(str(each) for each, _ in mended.left) == told
    assert all(reason is None for _, reason in mended.left)
    assert sorted(await patient.looked()) == told
    assert await model_version(patient.db, patient.workspace_id) == 1


async def test_a_function_that_is_another_is_put_right_and_what_it_computed_is_computed_anew(patient: Patient) -> None:
    await patient.run("insert into w.person (\"nameFirstName\") values ('Ádám') returning 1")
    search = "select count(*) from w.person where \"searchVector\" @@ 'adam'::tsquery"
    assert await patient.run(search) == 1
    broken = await patient.db.value("select pg_get_functiondef(($1 || '.fold')::regproc)", f'"{patient.schema}"')
    assert isinstance(broken, str)
    await patient.db.script(broken.replace("return lower(translate(", "return lower('x' || translate("))
    await patient.run("update w.person set \"nameFirstName\" = 'ÁDÁM' returning 1")
    assert await patient.run(search) == 0
    assert await patient.looked() == ['function "fold" is another one than it should be']
    assert (await patient.mended()).left == ()
    assert await patient.run(search) == 1
    assert await patient.looked() == []


async def test_rows_that_stand_in_the_way_are_named_and_the_rest_is_mended(patient: Patient) -> None:
    await patient.run(f'drop index w."{UNIQUE}"')
    await patient.run(f'drop index w."{LINK}"')
    await patient.run(
        "insert into w.person (\"emailsPrimaryEmail\") values ('a@example.com'), ('a@example.com') returning 1"
    )
    mended = await patient.mended()
    assert [str(each) for each in mended.done] == [f'table "task": index "{LINK}" is missing']
    ((left, reason),) = mended.left
    assert str(left) == f'table "person": index "{UNIQUE}" is missing'
    assert reason == (
        f'could not create unique index "{UNIQUE}" (Key ("emailsPrimaryEmail")=(a@example.com) is duplicated.)'
    )
    assert await patient.looked() == [str(left)]


async def test_what_an_interrupted_concurrent_index_left_is_taken_away(patient: Patient) -> None:
    await patient.run("insert into w.note (title) values ('same'), ('same') returning 1")
    with pytest.raises(asyncpg.UniqueViolationError):
        await patient.run("create unique index concurrently left_over on w.note (title)")
    await patient.run(f'drop index w."{UNIQUE}"')
    await patient.run(
        "insert into w.person (\"emailsPrimaryEmail\") values ('a@example.com'), ('a@example.com') returning 1"
    )
    definition = '("emailsPrimaryEmail") where "deletedAt" is null and "emailsPrimaryEmail" <> \'\''
    with pytest.raises(asyncpg.UniqueViolationError):
        await patient.run(f'create unique index concurrently "{UNIQUE}" on w.person {definition}')
    await patient.run("delete from w.person returning 1")
    assert sorted(await patient.looked()) == [
        'table "note": index "left_over" is not in the metadata, and invalid',
        f'table "person": index "{UNIQUE}" is invalid',
    ]
    assert (await patient.mended()).left == ()
    assert await patient.looked() == []


async def test_a_whole_schema_comes_back_empty(patient: Patient) -> None:
    await patient.run(f'drop schema "{patient.schema}" cascade')
    assert (await patient.looked())[0] == f'schema "{patient.schema}" is missing'
    assert (await patient.mended()).left == ()
    assert await patient.looked() == []


async def test_models_of_users_are_compared_as_well(patient: Patient) -> None:
    made: dict[str, UUID] = {}

    def edit(catalog: Catalog) -> Catalog:
        catalog, made["rocket"] = create_object(catalog, ROCKET)
        fields: dict[str, dict[str, Json]] = {
            "stage": {"type": "SELECT", "options": [{"value": "A", "label": "A"}, {"value": "B", "label": "B"}]},
            "serial": {"type": "TEXT", "isUnique": True},
            "price": {"type": "CURRENCY", "defaultValue": {"amountMicros": 5_000_000, "currencyCode": "EUR"}},
        }
        for name, more in fields.items():
            catalog, made[name] = create_field(catalog, made["rocket"], {"name": name, "label": name, **more})
        parts: list[Json] = [{"fieldMetadataId": str(made["stage"])}, {"fieldMetadataId": str(made["serial"])}]
        catalog, _ = create_index(catalog, {"objectMetadataId": str(made["rocket"]), "fields": parts})
        return catalog

    await patient.change(edit)
    assert await patient.looked() == []
    custom = index_name("_rocket", ("stage", "serial"))
    await patient.run(f'drop index w."{custom}"')
    await patient.run("alter table w._rocket drop constraint check__rocket_stage")
    await patient.run('alter table w._rocket alter column "priceCurrencyCode" drop default')
    assert sorted(await patient.looked()) == [
        'table "_rocket": column "priceCurrencyCode" has the default none, should have \'EUR\'::text',
        'table "_rocket": constraint "check__rocket_stage" is missing',
        f'table "_rocket": index "{custom}" is missing',
    ]
    assert (await patient.mended()).left == ()
    # A custom index without its fields has nothing left to be about.
    await patient.run(
        'delete from core."indexFieldMetadata" p using core."indexMetadata" i '
        'where i.id = p."indexMetadataId" and i."isCustom"'
    )
    assert await patient.looked() == [f'index "{custom}" is over no field']
    mended = await patient.mended()
    assert [str(each) for each in mended.done] == [
        f'index "{custom}" is over no field',
        f'table "_rocket": index "{custom}" is not in the metadata',
    ]
    assert mended.left == ()


FIELD = """
update core."fieldMetadata" field set {} from core."objectMetadata" owner
where owner.id = field."objectMetadataId" and owner."nameSingular" = '{}' and field.name = '{}'
"""
FAULTS = [
    (FIELD.format("relation = null", "person", "company"), 'field "person.company" is a relation without another side'),
    (
        FIELD.format("relation = jsonb_set(relation, '{targetFieldId}', '\"x\"')", "person", "company"),
        'field "person.company" is a relation to a field that there is not',
    ),
    (
        FIELD.format("relation = jsonb_set(relation, '{joinColumn}', '\"firmId\"')", "person", "company"),
        'field "person.company" has the join column "firmId", and its other side "companyId"',
    ),
    (
        FIELD.format("relation = jsonb_set(relation, '{kind}', '\"ONE_TO_ONE\"')", "person", "company"),
        'field "person.company" is a relation of a kind that there is not',
    ),
    (
        FIELD.format("relation = jsonb_set(relation, '{kind}', '\"ONE_TO_MANY\"')", "person", "company"),
        'field "person.company" is a relation to the field "people", which is not its other side',
    ),
    (FIELD.format("type = 'FLUX'", "person", "city"), 'field "person.city" is of a type that there is not: "FLUX"'),
    (FIELD.format("relation = '{}'", "person", "city"), 'field "person.city" is of type TEXT, but has a relation'),
    (FIELD.format("name = 'createdOn'", "person", "createdAt"), 'object "person" lacks the field createdAt'),
    (
        'update core."objectMetadata" set "targetTableName" = \'company\' where "nameSingular" = \'person\'',
        'has the table of another object: "company"',
    ),
    (
        'update core."objectMetadata" set "labelIdentifierFieldName" = \'gone\' where "nameSingular" = \'person\'',
        'object "person" has the labelIdentifierFieldName "gone", which is no field of it',
    ),
    (
        'update core."objectMetadata" set "uniqueConstraints" = \'[["gone"]]\' where "nameSingular" = \'person\'',
        "the metadata cannot be read: KeyError('gone')",
    ),
    (FIELD.format('options = \'[{"value": "NEW"}]\'', "opportunity", "stage"), "the metadata cannot be read: KeyError"),
    (
        FIELD.format("\"defaultValue\" = '\"''NOWHERE''\"'", "opportunity", "stage"),
        'field "opportunity.stage" has the default "NOWHERE", which is none of its options',
    ),
]


@pytest.mark.parametrize(("damage", "told"), FAULTS)
async def test_rows_that_are_no_model_are_told_and_left_alone(patient: Patient, damage: str, told: str) -> None:
    await patient.db.script(damage)
    found = await patient.looked()
    assert any(told in each for each in found), found
    rows = "select md5(string_agg(f::text, '' order by id)) from core.\"fieldMetadata\" f"
    before = await patient.run(rows)
    mended = await patient.mended()
    assert mended.done == ()
    assert mended.left
    assert await patient.run(rows) == before


async def test_each_workspace_is_mended_by_itself_and_one_yardstick_serves_all(database: Database) -> None:
    reference = Reference(own_tables={"event": create_event_table})
    patients = []
    for name in ("one", "two", "three"):
        async with database.transaction() as connection:
            workspace_id, schema = await create_workspace(connection, name=name)
        patients.append(Patient(database, workspace_id, schema, reference))
    await patients[1].run(f'drop index w."{LINK}"')
    assert [await each.looked() for each in patients] == [[], [f'table "task": index "{LINK}" is missing'], []]
    assert (await patients[1].mended()).left == ()
    assert [await each.looked() for each in patients] == [[], [], []]
    assert (await load_catalog(database, patients[0].workspace_id)).version == 1


async def test_a_table_in_use_is_given_way_to(patient: Patient) -> None:
    await patient.run(f'drop index w."{LINK}"')
    async with patient.db.transaction() as other:
        await other.script(f"insert into \"{patient.schema}\".task (title) values ('x')")
        with pytest.raises(ModelBusy):
            await mend(patient.db, patient.workspace_id, patient.reference, patience=0.1)
    assert (await patient.mended()).left == ()


async def test_a_change_that_is_under_way_is_no_difference(patient: Patient) -> None:
    evolving = Evolving(patient.db, forget=lambda _: None, large_table_bytes=0)  # makes indexes beforehand
    has_seen_enough, made = asyncio.Event(), 0

    async def change() -> None:
        nonlocal made
        while not has_seen_enough.is_set():
            name = f"part{'abcdefghijklmnopqrstuvwxyz'[made % 26] * (1 + made // 26)}"
            given: Mapping[str, Json] = {"type": "TEXT", "name": name, "label": name, "isUnique": True}

            def edit(catalog: Catalog, given: Mapping[str, Json] = given) -> Catalog:
                owner = next(each for each in catalog.objects if each.name == "note")
                return create_field(catalog, owner.id, given)[0]

            await evolving.change(patient.workspace_id, edit)
            made += 1

    changing = asyncio.create_task(change())
    for _ in range(6):
        assert await patient.looked() == []
    has_seen_enough.set()
    await changing
    assert made > 1
    assert await patient.looked() == []
