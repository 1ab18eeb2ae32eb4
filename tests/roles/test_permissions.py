"""What roles may do with objects, fields and settings."""

from collections.abc import Mapping
from uuid import UUID

import pytest

from rapport.access.flags import FLAGS
from rapport.access.roles import restrictions
from rapport.base.ids import new_id
from rapport.metadata.store import load_catalog
from rapport.roles.rules import load_rules
from tests.roles.asking import EVERYTHING, READING, at_metadata, fault, field_id, key, object_id, role, role_named
from tests.serving import Client, make_tenant

OBJECTS = """
mutation($i: UpsertObjectPermissionsInput!) {
    upsertObjectPermissions(upsertObjectPermissionsInput: $i) {
        objectMetadataId canReadObjectRecords canUpdateObjectRecords canSoftDeleteObjectRecords canDestroyObjectRecords
    }
}
"""
FIELDS = """
mutation($i: UpsertFieldPermissionsInput!) {
    upsertFieldPermissions(upsertFieldPermissionsInput: $i) {
        roleId objectMetadataId fieldMetadataId canReadFieldValue canUpdateFieldValue
    }
}
"""
FLAG = """
mutation($i: UpsertPermissionFlagsInput!) {
    upsertPermissionFlags(upsertPermissionFlagsInput: $i) { roleId flag }
}
"""

DENIED = ("FORBIDDEN", "PERMISSION_DENIED")
ROLE_NOT_FOUND = ("NOT_FOUND", "ROLE_NOT_FOUND")
NOTHING = {
    "canReadObjectRecords": False,
    "canUpdateObjectRecords": False,
    "canSoftDeleteObjectRecords": False,
    "canDestroyObjectRecords": False,
}


def objects(role_id: str, *rows: Mapping[str, object]) -> dict[str, object]:
    return {"i": {"roleId": role_id, "objectPermissions": list(rows)}}


def fields(role_id: str, *rows: Mapping[str, object]) -> dict[str, object]:
    return {"i": {"roleId": role_id, "fieldPermissions": list(rows)}}


async def field(client: Client, path: str, **values: object) -> dict[str, object]:
    name = path.split(".")[0]
    return {
        "objectMetadataId": await object_id(client, name),
        "fieldMetadataId": await field_id(client, path),
        **values,
    }


async def with_own_permission(client: Client, name: str = "person", **settings: object) -> str:
    """A role that may do everything, and says so of an object."""
    role_id = await role(client, **(settings or EVERYTHING))
    await client.data(OBJECTS, objects(role_id, {"objectMetadataId": await object_id(client, name)}))
    return role_id


async def test_object_permissions_are_set_as_it_was_recorded(client: Client) -> None:
    company = await object_id(client, "company")
    query = (
        "mutation($i:UpsertObjectPermissionsInput!){upsertObjectPermissions(upsertObjectPermissionsInput:$i)"
        "{objectMetadataId canReadObjectRecords canUpdateObjectRecords}}"
    )
    given = objects(await role(client, **READING), {"objectMetadataId": company, **NOTHING})
    assert (await at_metadata(client, query, given)).json() == {
        "data": {
            "upsertObjectPermissions": [
                {"objectMetadataId": company, "canReadObjectRecords": False, "canUpdateObjectRecords": False}
            ]
        }
    }


async def test_object_permissions_hold_for_records(client: Client) -> None:
    role_id = await role(client, **READING)
    viewer, _ = await key(client, role_id)
    await viewer.data("{ companies { totalCount } }")
    await client.data(OBJECTS, objects(role_id, {"objectMetadataId": await object_id(client, "company"), **NOTHING}))
    assert await fault(viewer, "{ companies { totalCount } }") == DENIED
    assert await fault(viewer, "{ people { edges { node { company { id } } } } }") == DENIED
    assert await viewer.data("{ people { totalCount } }") == {"people": {"totalCount": 0}}
    only_people = {"objectMetadataId": await object_id(client, "person"), "canUpdateObjectRecords": True}
    await client.data(OBJECTS, objects(role_id, only_people))
    await viewer.data("mutation { createPerson(data: {}) { id } }")
    assert await fault(viewer, "mutation { createTask(data: {}) { id } }") == DENIED


async def test_only_the_sent_objects_and_rights_change(client: Client) -> None:
    role_id = await role(client, **EVERYTHING)
    company, person = await object_id(client, "company"), await object_id(client, "person")
    await client.data(OBJECTS, objects(role_id, {"objectMetadataId": company, **NOTHING}))
    sent = {"objectMetadataId": person, "canUpdateObjectRecords": False, "canDestroyObjectRecords": False}
    changed = await client.data(OBJECTS, objects(role_id, sent))
    assert changed["upsertObjectPermissions"] == [
        {**sent, "canReadObjectRecords": None, "canSoftDeleteObjectRecords": None}
    ]
    again = {"objectMetadataId": person, "canUpdateObjectRecords": None}
    changed = await client.data(OBJECTS, objects(role_id, again))
    assert changed["upsertObjectPermissions"] == [
        {**sent, "canUpdateObjectRecords": None, "canReadObjectRecords": None, "canSoftDeleteObjectRecords": None}
    ]
    found = await role_named(
        client, "Viewer", "objectPermissions { objectMetadataId canReadObjectRecords canDestroyObjectRecords }"
    )
    assert found["objectPermissions"] == [
        {"objectMetadataId": company, "canReadObjectRecords": False, "canDestroyObjectRecords": False},
        {"objectMetadataId": person, "canReadObjectRecords": None, "canDestroyObjectRecords": False},
    ]


@pytest.mark.parametrize("right", ["canUpdateObjectRecords", "canSoftDeleteObjectRecords", "canDestroyObjectRecords"])
async def test_what_may_not_be_read_may_not_be_written(client: Client, right: str) -> None:
    refused = ("BAD_USER_INPUT", "CANNOT_GIVE_WRITING_PERMISSION_ON_NON_READABLE_OBJECT")
    company = await object_id(client, "company")
    nothing = await role(client)
    assert await fault(client, OBJECTS, objects(nothing, {"objectMetadataId": company, right: True})) == refused
    explicit = {"objectMetadataId": company, **NOTHING, right: True}
    assert await fault(client, OBJECTS, objects(nothing, explicit)) == refused
    inherited = {"objectMetadataId": company, **NOTHING, right: None}
    assert await fault(client, OBJECTS, objects(await role(client, "All", **EVERYTHING), inherited)) == refused
    both = {"objectMetadataId": company, "canReadObjectRecords": True, right: True}
    await client.data(OBJECTS, objects(nothing, both))


async def test_system_objects_stay_open(client: Client) -> None:
    given = {"objectMetadataId": await object_id(client, "workspaceMember"), **NOTHING}
    refused = ("FORBIDDEN", "CANNOT_ADD_OBJECT_PERMISSION_ON_SYSTEM_OBJECT")
    assert await fault(client, OBJECTS, objects(await role(client), given)) == refused
    restricted = await field(client, "workspaceMember.locale", canUpdateFieldValue=False)
    assert await fault(client, FIELDS, fields(await role(client, "Other"), restricted)) == refused


async def test_objects_and_roles_of_other_workspaces_do_not_exist(client: Client) -> None:
    other = client.as_tenant(await make_tenant(client.database, "Other"))
    mine, theirs = await role(client), await role(other)
    my_object, their_object = await object_id(client, "company"), await object_id(other, "company")
    missing = ("NOT_FOUND", "OBJECT_METADATA_NOT_FOUND")
    for object_metadata_id in (their_object, str(new_id())):
        assert await fault(client, OBJECTS, objects(mine, {"objectMetadataId": object_metadata_id})) == missing
    assert await fault(client, OBJECTS, objects(theirs, {"objectMetadataId": my_object})) == ROLE_NOT_FOUND
    their_field = await field(other, "company.name", canReadFieldValue=False)
    assert await fault(client, FIELDS, fields(mine, their_field)) == missing
    mixed = {**their_field, "objectMetadataId": my_object}
    assert await fault(client, FIELDS, fields(mine, mixed)) == ("NOT_FOUND", "FIELD_METADATA_NOT_FOUND")
    my_field = await field(client, "company.name", canReadFieldValue=False)
    assert await fault(client, FIELDS, fields(theirs, my_field)) == ROLE_NOT_FOUND
    flags = {"i": {"roleId": theirs, "permissionFlagKeys": ["AI"]}}
    assert await fault(client, FLAG, flags) == ROLE_NOT_FOUND
    assert (await role_named(other, "Viewer", "objectPermissions { objectMetadataId }"))["objectPermissions"] == []


async def test_a_role_that_is_not_editable_keeps_its_permissions(client: Client) -> None:
    admin = str((await role_named(client, "Admin"))["id"])
    refused = ("FORBIDDEN", "ROLE_NOT_EDITABLE")
    company = await object_id(client, "company")
    assert await fault(client, OBJECTS, objects(admin, {"objectMetadataId": company})) == refused
    assert await fault(client, FIELDS, fields(admin, await field(client, "company.name"))) == refused
    assert await fault(client, FLAG, {"i": {"roleId": admin, "permissionFlagKeys": []}}) == refused


async def test_rows_with_their_role_are_another_spelling(client: Client) -> None:
    first, second = await role(client, "First", **EVERYTHING), await role(client, "Second", **EVERYTHING)
    company = await object_id(client, "company")
    rows = [
        {"roleId": role_id, "objectMetadataId": company, "canDestroyObjectRecords": False}
        for role_id in (second, first, second)
    ]
    query = """
    mutation($i: [UpsertObjectPermissionInput!]) { upsertObjectPermissions(input: $i) { canDestroyObjectRecords } }
    """
    changed = await client.data(query, {"i": rows})
    assert changed["upsertObjectPermissions"] == [{"canDestroyObjectRecords": False}] * 2
    name = await field(client, "company.name", canUpdateFieldValue=False)
    query = "mutation($i: [UpsertFieldPermissionInput!]) { upsertFieldPermissions(input: $i) { roleId } }"
    changed = await client.data(query, {"i": [{"roleId": first, **name}]})
    assert changed["upsertFieldPermissions"] == [{"roleId": first}]
    query = "mutation($i: [UpsertPermissionFlagInput!]) { upsertPermissionFlags(input: $i) { roleId flag } }"
    rows = [{"roleId": first, "flag": "ROLES"}, {"roleId": first, "flag": "AI"}]
    changed = await client.data(query, {"i": rows})
    assert changed["upsertPermissionFlags"] == [{"roleId": first, "flag": "AI"}, {"roleId": first, "flag": "ROLES"}]


@pytest.mark.parametrize("name", ["upsertObjectPermissions", "upsertFieldPermissions", "upsertPermissionFlags"])
async def test_permissions_are_given_once(client: Client, name: str) -> None:
    assert await fault(client, f"mutation {{ {name} {{ __typename }} }}") == ("BAD_USER_INPUT", "INVALID_ARGS_DATA")


async def test_two_spellings_that_say_different_things_are_refused(client: Client) -> None:
    role_id = await role(client)
    query = f"""mutation {{ upsertPermissionFlags(
        upsertPermissionFlagsInput: {{roleId: "{role_id}", permissionFlagKeys: [AI]}},
        input: [{{roleId: "{role_id}", flag: %s}}]
    ) {{ flag }} }}"""
    assert await fault(client, query % "ROLES") == ("BAD_USER_INPUT", "ARGS_CONFLICT")
    assert (await client.data(query % "AI"))["upsertPermissionFlags"] == [{"flag": "AI"}]


# -- fields ------------------------------------------------------------------------------------------------------------


async def test_fields_are_restricted_and_given_back(client: Client) -> None:
    role_id = await with_own_permission(client)
    viewer, _ = await key(client, role_id)
    await viewer.data("{ people { edges { node { city } } } }")
    city = await field(client, "person.city", canReadFieldValue=False)
    changed = await client.data(FIELDS, fields(role_id, city))
    assert changed["upsertFieldPermissions"] == [{"roleId": role_id, **city, "canUpdateFieldValue": None}]
    assert await fault(viewer, "{ people { edges { node { city } } } }") == DENIED
    assert await fault(viewer, '{ people(filter: { city: { eq: "x" } }) { totalCount } }') == DENIED
    await viewer.data("{ people { edges { node { jobTitle } } } }")
    changed = await client.data(FIELDS, fields(role_id, {**city, "canReadFieldValue": None}))
    assert changed["upsertFieldPermissions"] == []
    found = await role_named(client, "Viewer", "fieldPermissions { id }")
    assert found["fieldPermissions"] == []
    await viewer.data("{ people { edges { node { city } } } }")


async def test_what_is_absent_of_a_field_stays(client: Client) -> None:
    role_id = await with_own_permission(client)
    city = await field(client, "person.city")
    await client.data(FIELDS, fields(role_id, {**city, "canUpdateFieldValue": False}))
    changed = await client.data(FIELDS, fields(role_id, {**city, "canReadFieldValue": False}))
    both = {"roleId": role_id, **city, "canReadFieldValue": False, "canUpdateFieldValue": False}
    assert changed["upsertFieldPermissions"] == [both]
    changed = await client.data(FIELDS, fields(role_id, {**city, "canReadFieldValue": None}))
    assert changed["upsertFieldPermissions"] == [{**both, "canReadFieldValue": None}]


@pytest.mark.parametrize("values", [{"canReadFieldValue": True}, {"canUpdateFieldValue": True}])
async def test_field_permissions_only_take_away(client: Client, values: dict[str, object]) -> None:
    role_id = await with_own_permission(client)
    given = fields(role_id, await field(client, "person.city", **values))
    assert await fault(client, FIELDS, given) == ("BAD_USER_INPUT", "ONLY_FIELD_RESTRICTION_ALLOWED")


@pytest.mark.parametrize("name", ["id", "createdAt", "updatedAt", "deletedAt", "position"])
async def test_fields_without_which_nothing_works_stay_open(client: Client, name: str) -> None:
    role_id = await with_own_permission(client)
    given = fields(role_id, await field(client, f"person.{name}", canReadFieldValue=False))
    assert await fault(client, FIELDS, given) == ("BAD_USER_INPUT", "FIELD_CANNOT_BE_RESTRICTED")


async def test_a_field_restriction_needs_the_right_that_it_restricts(client: Client) -> None:
    city = await field(client, "person.city")
    person = await object_id(client, "person")
    role_id = await role(client, **READING)
    without = fields(role_id, {**city, "canReadFieldValue": False})
    assert await fault(client, FIELDS, without) == ("NOT_FOUND", "OBJECT_PERMISSION_NOT_FOUND")
    await client.data(OBJECTS, objects(role_id, {"objectMetadataId": person}))
    update = fields(role_id, {**city, "canUpdateFieldValue": False})
    assert await fault(client, FIELDS, update) == (
        "BAD_USER_INPUT",
        "FIELD_RESTRICTION_ON_UPDATE_ONLY_ALLOWED_ON_UPDATABLE_OBJECT",
    )
    await client.data(OBJECTS, objects(role_id, {"objectMetadataId": person, **NOTHING}))
    read = fields(role_id, {**city, "canReadFieldValue": False})
    assert await fault(client, FIELDS, read) == (
        "BAD_USER_INPUT",
        "FIELD_RESTRICTION_ONLY_ALLOWED_ON_READABLE_OBJECT",
    )
    nothing = fields(role_id, {**city, "canReadFieldValue": None, "canUpdateFieldValue": None})
    assert await client.data(FIELDS, nothing) == {"upsertFieldPermissions": []}


async def test_a_field_belongs_to_its_object(client: Client) -> None:
    role_id = await with_own_permission(client)
    city = await field(client, "person.city", canReadFieldValue=False)
    strange = fields(role_id, {**city, "objectMetadataId": await object_id(client, "company")})
    assert await fault(client, FIELDS, strange) == ("NOT_FOUND", "FIELD_METADATA_NOT_FOUND")


async def test_a_restricted_relation_is_restricted_on_both_sides(client: Client) -> None:
    role_id = await with_own_permission(client)
    viewer, _ = await key(client, role_id)
    await client.data(FIELDS, fields(role_id, await field(client, "person.company", canReadFieldValue=False)))
    assert await fault(viewer, "{ people { edges { node { companyId } } } }") == DENIED
    assert await fault(viewer, "{ companies { edges { node { people { totalCount } } } } }") == DENIED
    await viewer.data("{ companies { edges { node { name } } } }")


async def test_restricted_fields_are_shown_as_they_are_enforced(client: Client) -> None:
    role_id = await role(client, **EVERYTHING)
    names = ("person", "company", "opportunity")
    await client.data(OBJECTS, objects(role_id, *[{"objectMetadataId": await object_id(client, n)} for n in names]))
    restricted = {
        "person.company": {"canReadFieldValue": False},
        "person.city": {"canUpdateFieldValue": False},
        "company.people": {"canUpdateFieldValue": False},
        "company.name": {"canReadFieldValue": False, "canUpdateFieldValue": False},
        "opportunity.pointOfContact": {"canUpdateFieldValue": False},
    }
    rows = [await field(client, path, **values) for path, values in restricted.items()]
    await client.data(FIELDS, fields(role_id, *rows))
    found = await role_named(client, "Viewer", "objectPermissions { objectMetadataId restrictedFields }")
    shown: dict[str, object] = {}
    permissions = found["objectPermissions"]
    assert isinstance(permissions, list)
    for permission in permissions:
        shown |= permission["restrictedFields"]
    catalog = await load_catalog(client.database, client.tenant.workspace_id)
    decided = restrictions(catalog, await load_rules(client.database, catalog.workspace_id, UUID(role_id)))
    vectors = {each.id for item in catalog.objects for each in item.fields if each.type.name == "TS_VECTOR"}
    assert shown == {
        str(field_id): {
            **({} if rule.may_read else {"canRead": False}),
            **({} if rule.may_update else {"canUpdate": False}),
        }
        for field_id, rule in decided.items()
        if field_id not in vectors
    }
    assert len(shown) == 6  # person.company and company.people are one relation; opportunity's has a side on person


# -- flags -------------------------------------------------------------------------------------------------------------


async def test_flags_are_replaced_and_hold_at_once(client: Client) -> None:
    role_id = await role(client)
    steward, _ = await key(client, role_id)
    assert await fault(steward, "{ getRoles { id } }") == DENIED
    given = {"i": {"roleId": role_id, "permissionFlagKeys": ["ROLES", "AI", "ROLES"]}}
    changed = await client.data(FLAG, given)
    assert changed["upsertPermissionFlags"] == [{"roleId": role_id, "flag": "AI"}, {"roleId": role_id, "flag": "ROLES"}]
    found = await role_named(steward, "Viewer", "permissionFlags { id roleId flag }")
    before = found["permissionFlags"]
    changed = await client.data(FLAG, {"i": {"roleId": role_id, "permissionFlagKeys": ["ROLES", "VIEWS"]}})
    assert [each["flag"] for each in changed["upsertPermissionFlags"]] == ["ROLES", "VIEWS"]
    after = (await role_named(steward, "Viewer", "permissionFlags { id roleId flag }"))["permissionFlags"]
    assert isinstance(before, list)
    assert isinstance(after, list)
    assert [each for each in after if each["flag"] == "ROLES"] == [each for each in before if each["flag"] == "ROLES"]
    assert await client.data(FLAG, {"i": {"roleId": role_id, "permissionFlagKeys": []}}) == {
        "upsertPermissionFlags": []
    }
    assert await fault(steward, "{ getRoles { id } }") == DENIED


async def test_every_flag_can_be_given(client: Client) -> None:
    given = {"i": {"roleId": await role(client), "permissionFlagKeys": sorted(FLAGS)}}
    changed = await client.data(FLAG, given)
    assert {each["flag"] for each in changed["upsertPermissionFlags"]} == FLAGS


async def test_unknown_flags_are_refused(client: Client) -> None:
    answer = await client.ask(FLAG, {"i": {"roleId": await role(client), "permissionFlagKeys": ["EVERYTHING"]}})
    assert "data" not in answer


async def test_permissions_need_the_flag_for_roles(client: Client) -> None:
    role_id = await role(client, **EVERYTHING)
    other, _ = await key(client, role_id)
    company = await object_id(client, "company")
    assert await fault(other, OBJECTS, objects(role_id, {"objectMetadataId": company})) == DENIED
    assert await fault(other, FIELDS, fields(role_id)) == DENIED
    assert await fault(other, FLAG, {"i": {"roleId": role_id, "permissionFlagKeys": ["ROLES"]}}) == DENIED


async def test_one_bad_row_leaves_everything_as_it_was(client: Client) -> None:
    role_id = await role(client, **EVERYTHING)
    good = {"objectMetadataId": await object_id(client, "company"), "canDestroyObjectRecords": False}
    bad = {"objectMetadataId": str(new_id())}
    assert (await fault(client, OBJECTS, objects(role_id, good, bad)))[0] == "NOT_FOUND"
    found = await role_named(client, "Viewer", "objectPermissions { objectMetadataId }")
    assert found["objectPermissions"] == []
