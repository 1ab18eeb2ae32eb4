"""The data model as clients read it."""

from pathlib import Path

import pytest
from graphql import GraphQLObjectType, build_ast_schema, get_named_type, parse

import rapport
from rapport.base.ids import new_id
from rapport.edge.graphql.system.sources import read_sources
from rapport.metadata.applications import custom_application, standard_application
from rapport.metadata.catalog import Catalog
from rapport.metadata.serial import rows_of
from rapport.metadata.store import load_catalog
from tests.datamodel.asking import EVERYTHING, FIELD, OBJECT, announce, error, nodes, object_named, objects, until
from tests.edge.conftest import shared  # noqa: F401  # a fixture
from tests.recording import looks_only, recording
from tests.roles.asking import person, role
from tests.serving import Client, make_tenant

MISSING = "99999999-9999-4999-8999-999999999999"
SEED = Path(__file__).parents[1] / "acceptance" / "seed_000" / "20-object-metadata.graphql"


@pytest.fixture
async def catalog(shared: Client) -> Catalog:  # noqa: F811
    return await load_catalog(shared.database, shared.tenant.workspace_id)


async def test_the_query_of_the_documentation(client: Client) -> None:
    found = nodes((await client.data(SEED.read_text("utf-8")))["objects"])

    assert len(found) == 10  # a page
    assert found[0]["nameSingular"] == "company"
    assert max(len(nodes(each["fields"])) for each in found) == 10
    assert nodes(found[0]["fields"])[0] == {
        "id": nodes(found[0]["fields"])[0]["id"],
        "name": "id",
        "label": "Id",
        "type": "UUID",
        "description": nodes(found[0]["fields"])[0]["description"],
        "isNullable": False,
        "defaultValue": "uuid",
    }


async def test_everything_is_as_the_model_has_it(shared: Client, catalog: Catalog) -> None:  # noqa: F811
    rows = rows_of(catalog)
    found = await objects(shared, f"{OBJECT} fields({EVERYTHING}) {{ edges {{ node {{ {FIELD} }} }} }}")

    assert [each["nameSingular"] for each in found] == [each.name for each in catalog.objects]
    for shown, item in zip(found, catalog.objects, strict=True):
        row = rows.objects[str(item.id)]
        assert {name: shown[name] for name in shown.keys() & row.keys()} == {
            name: row[name] for name in shown.keys() & row.keys()
        }
        ids = {each.name: str(each.id) for each in item.fields}
        assert shown["labelIdentifierFieldMetadataId"] == ids[item.label_field]
        assert shown["imageIdentifierFieldMetadataId"] == ids.get(item.image_field or "")
        assert [each["id"] for each in nodes(shown["fields"])] == [str(each.id) for each in item.fields]
        for field in nodes(shown["fields"]):
            known = rows.fields[field["id"]]
            known["isUnique"] = known["isUnique"] or known["name"] == "id"
            assert {name: field[name] for name in field.keys() & known.keys()} == {
                name: known[name] for name in field.keys() & known.keys()
            }
    assert len(found) == 29


async def test_relations_lead_to_their_other_side(shared: Client, catalog: Catalog) -> None:  # noqa: F811
    side = "type {} sourceObjectMetadata {{ nameSingular }} targetObjectMetadata {{ nameSingular }} {}"
    inside = side.format("sourceFieldMetadata { name }", "targetFieldMetadata { name object { nameSingular } }")
    found = await objects(
        shared,
        f"nameSingular fieldsList {{ name type morphId relation {{ {inside} }} morphRelations {{ {inside} }} }}",
    )
    kinds = set()
    for shown, item in zip(found, catalog.objects, strict=True):
        for field, known in zip(shown["fieldsList"], item.fields, strict=True):
            relation = known.relation
            if relation is None:
                assert field["relation"] is field["morphRelations"] is field["morphId"] is None
                continue
            expected = {
                "type": relation.kind,
                "sourceFieldMetadata": {"name": known.name},
                "sourceObjectMetadata": {"nameSingular": item.name},
                "targetFieldMetadata": {
                    "name": relation.target_field,
                    "object": {"nameSingular": relation.target_object},
                },
                "targetObjectMetadata": {"nameSingular": relation.target_object},
            }
            kinds.add((field["type"], relation.kind))
            if field["type"] == "RELATION":
                assert (field["relation"], field["morphRelations"]) == (expected, None)
            else:
                assert field["relation"] is None
                assert expected in field["morphRelations"]
                members = [each for each in item.fields if each.relation and each.relation.morph_group == "target"]
                assert [each["sourceFieldMetadata"]["name"] for each in field["morphRelations"]] == [
                    each.name for each in members
                ]
    assert kinds == {
        ("RELATION", "MANY_TO_ONE"),
        ("RELATION", "ONE_TO_MANY"),
        ("MORPH_RELATION", "MANY_TO_ONE"),
    }


async def test_one_object_one_field_one_index(shared: Client) -> None:  # noqa: F811
    company = await object_named(
        shared,
        "company",
        """id fieldsList { id name } indexMetadataList { id name }
        indexMetadatas(filter: { isCustom: { is: false } }) { edges { node { id } } }""",
    )
    field = next(each for each in company["fieldsList"] if each["name"] == "domainName")
    index = next(each for each in company["indexMetadataList"] if each["name"].startswith("IDX_UNIQUE_"))
    found = await shared.data(
        """query($object: UUID!, $field: UUID!, $index: UUID!) {
            object(id: $object) { nameSingular }
            field(id: $field) { name isUnique object { nameSingular fieldsList { name } } }
            index(id: $index) {
                name isUnique isCustom indexType indexWhereClause createdAt updatedAt
                indexFieldMetadataList { fieldMetadataId order subFieldName createdAt updatedAt }
                indexFieldMetadatas(filter: { fieldMetadataId: { eq: $field } }) { edges { cursor node { order } } }
                other: indexFieldMetadatas(filter: { fieldMetadataId: { neq: $field } }) { edges { cursor } }
                objectMetadata { edges { node { nameSingular } } pageInfo { hasNextPage } }
            }
        }""",
        {"object": company["id"], "field": field["id"], "index": index["id"]},
    )

    assert found["object"] == {"nameSingular": "company"}
    assert found["field"]["name"] == "domainName"
    assert found["field"]["isUnique"] is True
    assert [each["name"] for each in found["field"]["object"]["fieldsList"]] == [
        each["name"] for each in company["fieldsList"]
    ]
    times = {name: found["index"].pop(name) for name in ("createdAt", "updatedAt")}
    (part,) = found["index"].pop("indexFieldMetadataList")
    assert part == {"fieldMetadataId": field["id"], "order": 0, "subFieldName": "primaryLinkUrl", **times}
    assert found["index"] == {
        "name": index["name"],
        "isUnique": True,
        "isCustom": False,
        "indexType": "BTREE",
        "indexWhereClause": '"deletedAt" is null and "domainNamePrimaryLinkUrl" <> \'\'',
        "indexFieldMetadatas": {"edges": [{"cursor": "YXJyYXljb25uZWN0aW9uOjA=", "node": {"order": 0}}]},
        "other": {"edges": []},
        "objectMetadata": {
            "edges": [{"node": {"nameSingular": "company"}}],
            "pageInfo": {"hasNextPage": False},
        },
    }
    assert len(company["indexMetadataList"]) == len(nodes(company["indexMetadatas"])) > 2


@pytest.mark.parametrize("kind", ["object", "field", "index"])
async def test_what_is_not_there_is_not_found(shared: Client, kind: str) -> None:  # noqa: F811
    query = f"query($id: UUID!) {{ {kind}(id: $id) {{ id }} }}"

    assert await error(shared, query, {"id": MISSING}) == (
        f"{kind.capitalize()} metadata not found",
        "NOT_FOUND",
        f"{kind.upper()}_METADATA_NOT_FOUND",
    )
    assert (await error(shared, query, {"id": "company"}))[1] == "BAD_USER_INPUT"
    assert (await error(shared, query, {"id": 7}))[1] == "BAD_USER_INPUT"


async def test_the_queries_are_served_at_both_paths(shared: Client) -> None:  # noqa: F811
    for path in ("graphql", "metadata"):
        answer = await shared.http.post(
            f"{shared.url}/{path}",
            json={"query": "{ objects(paging: { first: 1 }) { edges { node { nameSingular } } } }"},
            headers={"Authorization": f"Bearer {shared.tenant.key}"},
        )
        assert answer.json() == {"data": {"objects": {"edges": [{"node": {"nameSingular": "company"}}]}}}


# -- who sees what -----------------------------------------------------------------------------------------------------


async def test_another_workspace_has_a_model_of_its_own(client: Client) -> None:
    theirs = client.as_tenant(await make_tenant(client.database, "Other"))
    query = f"""{{
        objects({EVERYTHING}) {{ edges {{ node {{ id applicationId
            fieldsList {{ id relation {{ targetFieldMetadata {{ id }} targetObjectMetadata {{ id }} }} }}
            indexMetadataList {{ id indexFieldMetadataList {{ id }} }}
        }} }} }}
        fields({EVERYTHING}) {{ edges {{ node {{ id }} }} }}
        indexMetadatas({EVERYTHING}) {{ edges {{ node {{ id }} }} }}
    }}"""
    mine_seen, their_seen = [_ids(await each.data(query)) for each in (client, theirs)]

    assert len(mine_seen) == len(their_seen) > 500
    assert not mine_seen & their_seen
    for kind, name in (("object", "objects"), ("field", "fields"), ("index", "indexMetadatas")):
        (their_node, *_) = nodes((await theirs.data(f"{{ {name} {{ edges {{ node {{ id }} }} }} }}"))[name])
        found = await error(client, f'{{ {kind}(id: "{their_node["id"]}") {{ id }} }}')
        assert found[1] == "NOT_FOUND"
        filtered = await client.data(
            f"query($ids: [UUID!]) {{ {name}(filter: {{ id: {{ in: $ids }} }}) {{ edges {{ cursor }} }} }}",
            {"ids": sorted(their_seen)},
        )
        assert filtered == {name: {"edges": []}}


def _ids(value: object) -> set[str]:
    if isinstance(value, dict):
        own = {each for name, each in value.items() if name in ("id", "applicationId") and isinstance(each, str)}
        return own.union(*map(_ids, value.values()))
    return set().union(*map(_ids, value)) if isinstance(value, list) else set()


async def test_all_members_see_the_whole_model(client: Client) -> None:
    """Whatever their role hides of the records."""
    blind = await role(client, "Blind")
    member, _ = await person(client, "blind@example.com", role_id=blind)
    query = f"{{ objects({EVERYTHING}) {{ edges {{ node {{ {OBJECT} fieldsList {{ {FIELD} }} }} }} }} }}"

    assert await member.ask(query) == await client.ask(query)


async def test_strangers_see_nothing(shared: Client) -> None:  # noqa: F811
    query = "{ objects { edges { node { id } } } }"
    await shared.data(query)  # it is kept
    for headers in ({}, {"Authorization": "Bearer nonsense"}):
        answer = await shared.http.post(f"{shared.url}/graphql", json={"query": query}, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


# -- what users have changed -------------------------------------------------------------------------------------------


async def test_what_users_call_standard_things_is_shown(client: Client) -> None:
    query = """{ objects(paging: { first: 1 }) { edges { node {
        labelSingular labelPlural description icon standardOverrides { labelSingular icon translations }
        fields(paging: { first: 1 }) { edges { node { label description standardOverrides { label description } } } }
    } } } }"""
    (before,) = nodes((await client.data(query))["objects"])
    assert before["standardOverrides"] is None
    await _override(
        client, "objectMetadata", '{"labelSingular": "Account", "icon": "IconX", "translations": {"de": {"icon": "Y"}}}'
    )
    await _override(client, "fieldMetadata", '{"label": "Key \\"1\\"", "description": null}')
    await announce(client)
    (after,) = await until(client, query, lambda found: found != [before])

    assert after == {
        **before,
        "labelSingular": "Account",
        "icon": "IconX",
        "standardOverrides": {
            "labelSingular": "Account",
            "icon": "IconX",
            "translations": {"de": {"icon": "Y"}},
        },
        "fields": {
            "edges": [
                {
                    "node": {
                        "label": 'Key "1"',
                        "description": nodes(before["fields"])[0]["description"],
                        "standardOverrides": {"label": 'Key "1"', "description": None},
                    }
                }
            ]
        },
    }


async def _override(client: Client, table: str, overrides: str) -> None:
    await client.database.execute(
        f'update core."{table}" set "standardOverrides" = $1 where id = '
        f'(select id from core."{table}" where position = 0 order by id limit 1)',
        overrides,
    )


async def test_what_users_made_belongs_to_their_own_application(client: Client) -> None:
    workspace_id, object_id = client.tenant.workspace_id, new_id()
    await client.database.execute(
        'insert into core."objectMetadata" (id, "workspaceId", "nameSingular", "namePlural", "labelSingular",'
        ' "labelPlural", "targetTableName", "isCustom", "labelIdentifierFieldName", position)'
        " values ($1, $2, 'rocket', 'rockets', 'Rocket', 'Rockets', '_rocket', true, 'name', 100)",
        object_id,
        workspace_id,
    )
    for name, is_custom, is_unique in (("name", False, False), ("crew", True, False), ("serial", True, True)):
        await client.database.execute(
            'insert into core."fieldMetadata" (id, "workspaceId", "objectMetadataId", name, label, type,'
            ' "isCustom", "isUnique") values ($1, $2, $3, $4, $4, \'TEXT\', $5, $6)',
            new_id(), workspace_id, object_id, name, is_custom, is_unique,
        )  # fmt: skip
    custom, standard = str(custom_application(workspace_id)), str(standard_application(workspace_id))
    rocket = await object_named(client, "rocket", "applicationId fieldsList { name isUnique applicationId }")
    company = await object_named(client, "company", "applicationId fieldsList { applicationId }")

    assert rocket["applicationId"] == custom
    # Of fields that users made, clients are told that they are unique, not that they are not.
    assert sorted(rocket["fieldsList"], key=lambda each: each["name"]) == [
        {"name": "crew", "isUnique": None, "applicationId": custom},
        {"name": "name", "isUnique": False, "applicationId": standard},
        {"name": "serial", "isUnique": True, "applicationId": custom},
    ]
    assert {company["applicationId"], *(each["applicationId"] for each in company["fieldsList"])} == {standard}


async def test_inactive_things_are_listed(client: Client) -> None:
    await client.database.execute(
        'update core."objectMetadata" set "isActive" = false where "nameSingular" = $1', "opportunity"
    )
    await client.database.execute('update core."fieldMetadata" set "isActive" = false where name = $1', "employees")
    found = await objects(client, "nameSingular", f"{EVERYTHING}, filter: {{ isActive: {{ is: false }} }}")
    fields = await client.data("{ fields(filter: { isActive: { isNot: true } }) { edges { node { name } } } }")

    assert [each["nameSingular"] for each in found] == ["opportunity"]
    assert fields == {"fields": {"edges": [{"node": {"name": "employees"}}]}}
    assert len(await objects(client)) == 29


# -- how it is read ----------------------------------------------------------------------------------------------------


async def test_the_whole_model_is_one_statement(client: Client) -> None:
    query = f"""query($first: Int) {{
        objects(paging: {{ first: $first }}) {{ pageInfo {{ hasNextPage endCursor }} edges {{ cursor node {{ {OBJECT}
            indexMetadatas({EVERYTHING}) {{ edges {{ node {{ name indexFieldMetadataList {{ order }} }} }} }}
            fields({EVERYTHING}) {{ edges {{ node {{ {FIELD}
                relation {{ type targetObjectMetadata {{ {OBJECT} }} targetFieldMetadata {{ {FIELD} }} }}
                morphRelations {{ targetObjectMetadata {{ nameSingular }} }}
            }} }} }}
        }} }} }}
    }}"""
    async with recording(client) as recorder:
        answer, statements = await recorder.ask(query, {"first": 1000})
        assert len(statements) == 1
        again, statements = await recorder.ask(query, {"first": 1000})
        assert again == answer
        assert looks_only(statements)  # nothing has changed
        fewer, statements = await recorder.ask(query, {"first": 5})
        assert len(statements) == 1
    assert "errors" not in answer
    every, some = answer["data"]["objects"]["edges"], fewer["data"]["objects"]["edges"]  # type: ignore[index]
    assert some == every[:5]


async def test_pages_of_one_shape_share_a_statement(client: Client) -> None:
    query = "query($after: ConnectionCursor) { objects(paging: { first: 7, after: $after }) { edges { cursor } } }"
    async with recording(client) as recorder:
        first, (one,) = await recorder.ask(query, {"after": None})
        after = first["data"]["objects"]["edges"][-1]["cursor"]  # type: ignore[index]
        _, (other,) = await recorder.ask(query, {"after": after})
    assert one == other


async def test_only_the_data_model_decides_about_kept_answers() -> None:
    """An answer that is kept for a model must not show anything else: the types that it leads to are all of it."""
    folder = Path(rapport.__file__).parent
    sources = read_sources([each.read_text("utf-8") for each in sorted(folder.glob("*/*.graphql"))])
    own = {
        item.name.value  # type: ignore[attr-defined]
        for item in parse((folder / "datamodel" / "schema.graphql").read_text("utf-8")).definitions
        if item.kind == "object_type_definition"
    }
    schema = build_ast_schema(parse(sources.sdl), assume_valid=True, assume_valid_sdl=True)
    assert schema.query_type is not None
    reached: set[str] = set()
    rest = [get_named_type(schema.query_type.fields[name].type) for name in sources.of_model]
    while rest:
        kind = rest.pop()
        if isinstance(kind, GraphQLObjectType) and kind.name not in reached:
            reached.add(kind.name)
            rest += [get_named_type(field.type) for field in kind.fields.values()]
    assert sources.of_model == {"object", "objects", "field", "fields", "index", "indexMetadatas"}
    assert reached - {"PageInfo"} <= own
