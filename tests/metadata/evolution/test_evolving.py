"""Changes of the model in the database: the tables follow, wholly or not at all."""

from collections.abc import Callable, Mapping
from uuid import UUID

import asyncpg
import pytest

from rapport.metadata.catalog import Catalog, Object
from rapport.metadata.evolution.custom_indexes import create_index, delete_index
from rapport.metadata.evolution.fields import create_field, delete_field, update_field
from rapport.metadata.evolution.objects import create_object, delete_object, update_object
from rapport.metadata.evolution.problems import InvalidModel
from rapport.metadata.evolving import Evolving
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.store import load_catalog
from rapport.store.database import Database
from tests.conftest import Inhabited
from tests.metadata.yardstick import differences

ROCKET: Mapping[str, Json] = {
    "nameSingular": "rocket",
    "namePlural": "rockets",
    "labelSingular": "Rocket",
    "labelPlural": "Rockets",
}


class Workspace:
    """A workspace whose model is changed step by step; after each change the tables are compared with the metadata."""

    def __init__(self, db: Database, workspace_id: UUID, evolving: Evolving) -> None:
        self.db, self.id, self.evolving = db, workspace_id, evolving

    async def catalog(self) -> Catalog:
        return await load_catalog(self.db, self.id)

    async def item(self, name: str) -> Object:
        return next(item for item in (await self.catalog()).objects if item.name == name)

    async def change(self, edit: Callable[[Catalog], Catalog], *, prove: bool = True) -> Catalog:
        """Without ``prove`` for what leads up to a change: looking at all tables takes longer than changing them."""
        changed = await self.evolving.change(self.id, edit)
        found = await self.catalog()
        assert found == changed.after
        if prove:
            assert [str(each) for each in await differences(self.db, found)] == []
        return found

    async def make_object(self, **given: Json) -> Object:
        await self.change(lambda catalog: create_object(catalog, {**ROCKET, **given})[0], prove=False)
        return await self.item(str({**ROCKET, **given}["nameSingular"]))

    async def make_field(self, owner: str, type_name: str, name: str, **given: Json) -> UUID:
        made: list[UUID] = []

        def edit(catalog: Catalog) -> Catalog:
            item = next(each for each in catalog.objects if each.name == owner)
            changed, field_id = create_field(
                catalog, item.id, {"type": type_name, "name": name, "label": name.capitalize(), **given}
            )
            made.append(field_id)
            return changed

        await self.change(edit, prove=False)
        return made[-1]

    async def run(self, sql: str, *args: object) -> object:
        return await self.db.value(sql.replace("w.", f'"{(await self.catalog()).schema}".'), *args)


@pytest.fixture
def workspace(inhabited: Inhabited) -> Workspace:
    db = inhabited.database
    return Workspace(db, inhabited.tenant.workspace_id, Evolving(db, forget=lambda _id: None))


async def test_an_object_comes_with_its_fields_and_links(workspace: Workspace) -> None:
    rocket = await workspace.make_object()
    assert [str(each) for each in await differences(workspace.db, await workspace.catalog())] == []
    assert [field.name for field in rocket.fields] == [
        "id", "name", "createdAt", "updatedAt", "deletedAt", "position", "createdBy", "updatedBy",
        "timelineActivities", "favorites", "attachments", "noteTargets", "taskTargets", "searchVector",
    ]  # fmt: skip
    assert rocket.table == "_rocket"
    assert (await workspace.item("taskTarget")).field["targetRocket"].relation is not None
    assert (await workspace.item("favorite")).field["rocket"].relation is not None
    await workspace.run("insert into w._rocket (name) values ('Ariane')")
    assert await workspace.run("select count(*) from w._rocket where \"searchVector\" @@ 'ariane'::tsquery") == 1


async def test_renaming_an_object_keeps_its_records_and_links(workspace: Workspace) -> None:
    rocket = await workspace.make_object()
    await workspace.run("insert into w._rocket (name) values ('Ariane')")
    await workspace.run('insert into w."noteTarget" ("targetRocketId") select id from w._rocket')
    update = {"nameSingular": "ship", "namePlural": "ships", "labelSingular": "Ship", "labelPlural": "Ships"}
    await workspace.change(lambda catalog: update_object(catalog, rocket.id, update))
    assert await workspace.run("select name from w._ship") == "Ariane"
    assert await workspace.run('select count(*) from w."noteTarget" where "targetShipId" is not null') == 1
    assert (await workspace.item("noteTarget")).field["targetShip"].label == "Ship"


async def test_an_object_is_refused_whose_links_would_have_names_too_long(workspace: Workspace) -> None:
    long = "x" * 57  # `target…Id` has 65
    with pytest.raises(InvalidModel, match="creating object"):
        await workspace.make_object(nameSingular=long)
    rocket = await workspace.make_object()
    with pytest.raises(InvalidModel, match="updating object"):
        await workspace.change(lambda catalog: update_object(catalog, rocket.id, {"nameSingular": long}))


async def test_deleting_an_object_deletes_its_records_and_links(workspace: Workspace) -> None:
    before = await workspace.catalog()
    rocket = await workspace.make_object()
    await workspace.make_field(
        "rocket", "RELATION", "owner",
        relationCreationPayload={
            "type": "MANY_TO_ONE", "targetObjectMetadataId": str((await workspace.item("company")).id),
            "targetFieldLabel": "Rockets", "targetFieldIcon": "IconRocket",
        },
    )  # fmt: skip
    assert "rockets" in (await workspace.item("company")).field
    after = await workspace.change(lambda catalog: delete_object(catalog, rocket.id))
    assert after.objects == before.objects


@pytest.mark.parametrize(
    ("type_name", "given"),
    [
        ("TEXT", {}),
        ("TEXT", {"isNullable": False}),
        ("TEXT", {"isUnique": True}),
        ("NUMBER", {"settings": {"dataType": "int"}, "defaultValue": 5}),
        ("BOOLEAN", {"isNullable": False}),
        ("DATE", {}),
        ("DATE_TIME", {"defaultValue": "now"}),
        ("SELECT", {"options": ["Ready", "In Flight"], "defaultValue": "Ready"}),
        ("MULTI_SELECT", {"options": ["Heavy", "Light"]}),
        ("RATING", {}),
        ("RAW_JSON", {}),
        ("ARRAY", {}),
        ("UUID", {}),
        ("POSITION", {}),
        ("RICH_TEXT_V2", {}),
        ("CURRENCY", {}),
        ("LINKS", {"isUnique": True}),
        ("EMAILS", {}),
        ("PHONES", {}),
        ("ADDRESS", {}),
        ("FULL_NAME", {}),
        ("NUMERIC", {}),
        ("FILES", {}),
    ],
)
async def test_a_field_of_any_type_comes_and_goes(workspace: Workspace, type_name: str, given: dict[str, Json]) -> None:
    await workspace.make_object()
    await workspace.run("insert into w._rocket (name) values ('Ariane')")
    before = await workspace.catalog()
    field_id = await workspace.make_field("rocket", type_name, "special", **given)
    await workspace.run("insert into w._rocket (name) values ('Saturn')")
    await workspace.change(lambda catalog: update_field(catalog, field_id, {"name": "particular"}))
    after = await workspace.change(lambda catalog: delete_field(catalog, field_id))
    assert after.objects == before.objects
    assert await workspace.run("select count(*) from w._rocket") == 2


async def test_options_rewrite_the_rows(workspace: Workspace) -> None:
    await workspace.make_object()
    one = await workspace.make_field(
        "rocket", "SELECT", "status", options=["Ready", "Flying", "Lost"], defaultValue="Ready"
    )
    many = await workspace.make_field("rocket", "MULTI_SELECT", "tags", options=["Heavy", "Light", "Old"])
    await workspace.run("insert into w._rocket (name, status, tags) values ('A', 'FLYING', '{HEAVY,OLD}')")
    await workspace.run("insert into w._rocket (name, status, tags) values ('B', 'LOST', '{LIGHT}')")
    rocket = await workspace.item("rocket")

    def options(name: str, new: Mapping[str, str | None]) -> Json:
        found: list[Json] = []
        for place, option in enumerate(rocket.field[name].options):
            value = new.get(option.value, option.value)
            if value is not None:
                found.append(
                    {"id": str(option.id), "value": value, "label": option.label, "color": "red", "position": place}
                )
        return found

    await workspace.change(
        lambda catalog: update_field(
            catalog, one, {"options": options("status", {"FLYING": "IN_FLIGHT", "LOST": None})}
        )
    )
    await workspace.change(
        lambda catalog: update_field(catalog, many, {"options": options("tags", {"HEAVY": "BIG", "OLD": None})})
    )
    assert await workspace.run("select string_agg(name || status || tags::text, ' ' order by name) from w._rocket") == (
        "AIN_FLIGHT{BIG} BREADY{LIGHT}"
    )


async def test_a_unique_field_is_refused_where_records_share_values(workspace: Workspace) -> None:
    await workspace.make_object()
    code = await workspace.make_field("rocket", "TEXT", "code")
    await workspace.run("insert into w._rocket (code) values ('X'), ('X'), ('Y'), (null), (null)")
    before = await workspace.catalog()
    with pytest.raises(InvalidModel) as caught:
        await workspace.change(lambda catalog: update_field(catalog, code, {"isUnique": True}))
    (finding,) = caught.value.findings
    assert finding.issues[0].message == 'rocket records share values of code: "X" (2 records)'
    assert await workspace.catalog() == before
    await workspace.run("update w._rocket set code = id::text")
    await workspace.change(lambda catalog: update_field(catalog, code, {"isUnique": True}))
    with pytest.raises(asyncpg.UniqueViolationError):
        await workspace.run("insert into w._rocket (code) select code from w._rocket")


async def test_what_hangs_on_the_records_of_an_object_goes_with_it(workspace: Workspace) -> None:
    rocket = await workspace.make_object()
    await workspace.run("insert into w._rocket (name) values ('Ariane')")
    for table, column in (("noteTarget", "targetRocketId"), ("favorite", "rocketId")):
        await workspace.run(f'insert into w."{table}" ("{column}") select id from w._rocket')
        await workspace.run(f'insert into w."{table}" default values')
    await workspace.change(lambda catalog: delete_object(catalog, rocket.id))
    assert await workspace.run('select count(*) from w."noteTarget"') == 1
    assert await workspace.run("select count(*) from w.favorite") == 1


async def test_a_composite_that_must_have_a_value_gets_its_default_in_all_rows(workspace: Workspace) -> None:
    await workspace.make_object()
    cost = await workspace.make_field("rocket", "CURRENCY", "cost")
    await workspace.run("insert into w._rocket (name) values ('Ariane')")
    default: Json = {"amountMicros": 7, "currencyCode": "'USD'"}
    await workspace.change(lambda catalog: update_field(catalog, cost, {"isNullable": False, "defaultValue": default}))
    assert await workspace.run('select "costAmountMicros"::text || "costCurrencyCode" from w._rocket') == "7USD"


async def test_what_users_made_unique_they_may_undo(workspace: Workspace) -> None:
    person = await workspace.item("person")
    link, emails = person.field["linkedinLink"].id, person.field["emails"].id
    await workspace.change(lambda catalog: update_field(catalog, link, {"isUnique": True}))
    await workspace.change(lambda catalog: update_field(catalog, link, {"isUnique": False}))
    assert not (await workspace.item("person")).field["linkedinLink"].is_unique
    with pytest.raises(InvalidModel):
        await workspace.change(lambda catalog: update_field(catalog, emails, {"isUnique": False}))


@pytest.mark.parametrize("name", ["id", "createdAt", "updatedAt", "deletedAt", "position", "searchVector"])
async def test_what_records_are_found_and_sorted_by_cannot_be_set_aside(workspace: Workspace, name: str) -> None:
    person = await workspace.item("person")
    with pytest.raises(InvalidModel):
        await workspace.change(lambda catalog: update_field(catalog, person.field[name].id, {"isActive": False}))


async def test_a_default_that_a_field_had_for_want_of_another_goes_when_it_may_be_empty(workspace: Workspace) -> None:
    await workspace.make_object()
    tags = await workspace.make_field("rocket", "MULTI_SELECT", "tags", options=["One"], isNullable=False)
    assert (await workspace.item("rocket")).field["tags"].default == []
    await workspace.change(lambda catalog: update_field(catalog, tags, {"isNullable": True}))
    assert (await workspace.item("rocket")).field["tags"].default is None


async def test_options_given_as_texts_are_those_of_these_labels_or_values(workspace: Workspace) -> None:
    await workspace.make_object()
    given: Json = [
        {"value": "A", "label": "Alpha", "color": "red"},
        {"value": "IN_FLIGHT", "label": "Up", "color": "sky"},
    ]
    status = await workspace.make_field("rocket", "SELECT", "status", options=given)
    before = (await workspace.item("rocket")).field["status"].options
    await workspace.change(lambda catalog: update_field(catalog, status, {"options": ["A", "In flight", "New"]}))
    after = (await workspace.item("rocket")).field["status"].options
    assert [each.id for each in after[:2]] == [each.id for each in before]
    assert [(each.value, each.label) for each in after] == [("A", "Alpha"), ("IN_FLIGHT", "In flight"), ("NEW", "New")]


async def test_a_field_that_must_have_a_value_gets_its_default_in_all_rows(workspace: Workspace) -> None:
    await workspace.make_object()
    count = await workspace.make_field("rocket", "NUMBER", "crew")
    await workspace.run("insert into w._rocket (crew) values (3), (null)")
    await workspace.change(lambda catalog: update_field(catalog, count, {"isNullable": False, "defaultValue": 7}))
    assert await workspace.run("select sum(crew) from w._rocket") == 10


async def test_a_compound_unique_index_comes_and_goes(workspace: Workspace) -> None:
    rocket = await workspace.make_object()
    code = await workspace.make_field("rocket", "TEXT", "code")
    crew = await workspace.make_field("rocket", "NUMBER", "crew")
    made: list[UUID] = []

    def edit(catalog: Catalog) -> Catalog:
        changed, own_id = create_index(
            catalog,
            {
                "objectMetadataId": str(rocket.id),
                "fields": [{"fieldMetadataId": str(code)}, {"fieldMetadataId": str(crew)}],
                "isUnique": True,
            },
        )
        made.append(own_id)
        return changed

    await workspace.change(edit)
    await workspace.run("insert into w._rocket (code, crew) values ('A', 1), ('A', 2)")
    with pytest.raises(asyncpg.UniqueViolationError):
        await workspace.run("insert into w._rocket (code, crew) values ('A', 2)")
    await workspace.change(lambda catalog: delete_index(catalog, made[-1]))
    await workspace.run("insert into w._rocket (code, crew) values ('A', 2)")


class Interrupted(Exception):
    """Raised on purpose."""


async def test_a_failure_at_any_step_leaves_nothing_behind(workspace: Workspace) -> None:
    company = await workspace.item("company")
    await workspace.make_object(nameSingular="probe", namePlural="probes", labelSingular="Probe", labelPlural="Probes")

    def edit(catalog: Catalog) -> Catalog:
        probe = next(each for each in catalog.objects if each.name == "probe")
        catalog, rocket_id = create_object(catalog, ROCKET)
        relation: Json = {
            "type": "MANY_TO_ONE",
            "targetObjectMetadataId": str(company.id),
            "targetFieldLabel": "Rockets",
            "targetFieldIcon": "IconRocket",
        }
        wish: Mapping[str, Json] = {
            "type": "RELATION", "name": "owner", "label": "Owner", "relationCreationPayload": relation
        }  # fmt: skip
        catalog, _ = create_field(catalog, rocket_id, wish)
        catalog, _ = create_field(
            catalog, probe.id, {"type": "TEXT", "name": "code", "label": "Code", "isUnique": True}
        )
        update = {
            "nameSingular": "lander",
            "namePlural": "landers",
            "labelSingular": "Lander",
            "labelPlural": "Landers",
        }
        return update_object(catalog, probe.id, update)

    before, tables = await workspace.catalog(), await fingerprint(workspace)
    steps = 0
    while True:
        seen = 0

        def watch(_sql: str, *, stop: int = steps) -> None:
            nonlocal seen
            if seen == stop:
                raise Interrupted
            seen += 1

        try:
            await Evolving(workspace.db, forget=lambda _id: None, watch=watch).change(workspace.id, edit)
        except Interrupted:
            assert await workspace.catalog() == before
            assert await fingerprint(workspace) == tables
            steps += 1
        else:
            break
    assert steps > 20
    found = await workspace.catalog()
    assert found.version == before.version + 1
    assert [str(each) for each in await differences(workspace.db, found)] == []


async def test_an_index_on_a_large_table_is_made_beforehand(workspace: Workspace) -> None:
    await workspace.make_object()
    code = await workspace.make_field("rocket", "TEXT", "code")
    await workspace.run("insert into w._rocket (code) select n::text from generate_series(1, 500) n")
    seen: list[str] = []
    evolving = Evolving(workspace.db, forget=lambda _id: None, watch=seen.append, large_table_bytes=1)
    await evolving.change(workspace.id, lambda catalog: update_field(catalog, code, {"isUnique": True}))
    assert [sql.split(" on ")[0].rsplit(" ", 1)[0] for sql in seen if "unique index" in sql] == [
        "create unique index concurrently"
    ]
    assert [str(each) for each in await differences(workspace.db, await workspace.catalog())] == []


async def test_an_index_made_beforehand_goes_when_the_change_fails(workspace: Workspace) -> None:
    await workspace.make_object()
    code = await workspace.make_field("rocket", "TEXT", "code")
    await workspace.run("insert into w._rocket (code) values ('X')")
    tables = await fingerprint(workspace)

    def watch(sql: str) -> None:
        if sql == "commit":
            raise Interrupted

    evolving = Evolving(workspace.db, forget=lambda _id: None, watch=watch, large_table_bytes=1)
    with pytest.raises(Interrupted):
        await evolving.change(workspace.id, lambda catalog: update_field(catalog, code, {"isUnique": True}))
    assert await fingerprint(workspace) == tables


async def fingerprint(workspace: Workspace) -> object:
    """Everything PostgreSQL knows of the workspace's schema, and the rows of the metadata."""
    schema = (await workspace.catalog()).schema
    return [tuple(row) for sql in _KNOWN for row in await workspace.db.rows(sql, f'"{schema}"')]


_INDEXES = (
    "select indexrelid::regclass::text, pg_get_indexdef(indexrelid), indisvalid from pg_index i "
    "join pg_class c on c.oid = i.indrelid where c.relnamespace = $1::regnamespace order by 1"
)
_COLUMNS = (
    "select attrelid::regclass::text, attname, atttypid::regtype::text, attnotnull from pg_attribute a "
    "join pg_class c on c.oid = a.attrelid where c.relnamespace = $1::regnamespace and not attisdropped order by 1, 2"
)
_KNOWN = (
    "select relname, relkind::text from pg_class where relnamespace = $1::regnamespace order by 1, 2",
    _INDEXES,
    "select conname, pg_get_constraintdef(oid) from pg_constraint where connamespace = $1::regnamespace order by 1, 2",
    _COLUMNS,
)
