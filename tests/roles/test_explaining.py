"""Why somebody may do what."""

from rapport.base.ids import new_id
from tests.roles.asking import (
    EVERYTHING,
    READING,
    admin,
    fault,
    field_id,
    key,
    object_id,
    person,
    role,
    role_named,
)
from tests.roles.test_permissions import DENIED, FIELDS, FLAG, NOTHING, OBJECTS, field, fields, objects
from tests.roles.test_row_rules import SET, predicate, rules
from tests.serving import Client, make_tenant

EXPLAIN = """
query($o: String!, $r: UUID, $u: UUID, $k: UUID, $m: UUID) {
    explainAccess(objectNameSingular: $o, recordId: $r, userId: $u, apiKeyId: $k, workspaceMemberId: $m) {
        subject { userId workspaceMemberId apiKeyId name roleId roleLabel }
        objectMetadataId objectNameSingular
        rights { right isAllowed rule explanation }
        restrictedFields { fieldMetadataId name canRead canUpdate becauseOfFieldMetadataIds explanation }
        rowLevelPermissionPredicates { id value } rowLevelPermissionPredicateGroups { id }
        record { id isVisible isDeleted verdict unmetPredicateIds explanation }
    }
}
"""


async def explained(client: Client, name: str, **more: object) -> dict:  # type: ignore[type-arg]
    found: dict = (await client.data(EXPLAIN, {"o": name, **more}))["explainAccess"]  # type: ignore[type-arg]
    return found


def rights(explanation: dict) -> dict[str, tuple[bool, str]]:  # type: ignore[type-arg]
    return {each["right"]: (each["isAllowed"], each["rule"]) for each in explanation["rights"]}


def all_rights(allowed: bool, rule: str) -> dict[str, tuple[bool, str]]:
    return dict.fromkeys(("READ", "UPDATE", "SOFT_DELETE", "DESTROY"), (allowed, rule))


async def test_without_a_subject_it_is_about_oneself(client: Client) -> None:
    found = await explained(client, "person")
    admin_role = (await role_named(client, "Admin"))["id"]
    assert found["subject"]["apiKeyId"] is not None
    assert {**found["subject"], "apiKeyId": None} == {
        "userId": None,
        "workspaceMemberId": None,
        "apiKeyId": None,
        "name": "tests",
        "roleId": admin_role,
        "roleLabel": "Admin",
    }
    assert found["objectNameSingular"] == "person"
    assert found["objectMetadataId"] == await object_id(client, "person")
    assert rights(found) == all_rights(True, "ROLE")
    assert (found["restrictedFields"], found["record"]) == ([], None)
    ada, member_id = await admin(client)
    found = await explained(ada, "person")
    assert found["subject"]["workspaceMemberId"] == str(member_id)
    assert found["subject"]["name"] == "Inès Ollier"


async def test_a_member_is_named_by_user_or_by_record(client: Client) -> None:
    _, member_id = await person(client, "mary@example.com")
    by_member = await explained(client, "person", m=str(member_id))
    assert by_member["subject"]["roleLabel"] == "Member"
    assert await explained(client, "person", u=by_member["subject"]["userId"]) == by_member


async def test_each_right_comes_with_its_rule(client: Client) -> None:
    role_id = await role(client, canReadAllObjectRecords=True, canUpdateAllObjectRecords=True)
    _, key_id = await key(client, role_id)
    about = {"k": str(key_id)}
    found = await explained(client, "company", **about)
    assert rights(found) == {
        "READ": (True, "ROLE"),
        "UPDATE": (True, "ROLE"),
        "SOFT_DELETE": (False, "ROLE"),
        "DESTROY": (False, "ROLE"),
    }
    assert all(each["explanation"] for each in found["rights"])
    company = await object_id(client, "company")
    given = {"objectMetadataId": company, "canDestroyObjectRecords": True, "canUpdateObjectRecords": False}
    await client.data(OBJECTS, objects(role_id, given))
    assert rights(await explained(client, "company", **about)) == {
        "READ": (True, "ROLE"),
        "UPDATE": (False, "OBJECT_PERMISSION"),
        "SOFT_DELETE": (False, "ROLE"),
        "DESTROY": (True, "OBJECT_PERMISSION"),
    }
    await client.data(OBJECTS, objects(role_id, {"objectMetadataId": company, **NOTHING}))
    assert rights(await explained(client, "company", **about)) == {
        **all_rights(False, "NOT_READABLE"),
        "READ": (False, "OBJECT_PERMISSION"),
    }
    assert rights(await explained(client, "workspaceMember", **about)) == all_rights(True, "SYSTEM_OBJECT")
    assert rights(await explained(client, "workflow", **about)) == all_rights(False, "WORKFLOWS_FLAG")
    await client.data(FLAG, {"i": {"roleId": role_id, "permissionFlagKeys": ["WORKFLOWS"]}})
    assert rights(await explained(client, "workflow", **about))["UPDATE"] == (True, "ROLE")
    await client.database.execute('delete from core."roleTarget" where "apiKeyId" = $1', key_id)
    found = await explained(client, "workspaceMember", **about)
    assert rights(found) == all_rights(False, "NO_ROLE")
    assert found["subject"]["roleId"] is None


async def test_restricted_fields_come_with_what_restricts_them(client: Client) -> None:
    role_id = await role(client, **EVERYTHING)
    _, key_id = await key(client, role_id)
    await client.data(OBJECTS, objects(role_id, {"objectMetadataId": await object_id(client, "person")}))
    company = await field(client, "person.company", canReadFieldValue=False)
    title = await field(client, "person.jobTitle", canUpdateFieldValue=False)
    await client.data(FIELDS, fields(role_id, company, title))
    found = (await explained(client, "person", k=str(key_id)))["restrictedFields"]
    assert {
        each["name"]: (each["canRead"], each["canUpdate"], each["becauseOfFieldMetadataIds"]) for each in found
    } == {
        "company": (False, False, [company["fieldMetadataId"]]),
        "jobTitle": (True, False, [title["fieldMetadataId"]]),
    }
    (people,) = (await explained(client, "company", k=str(key_id)))["restrictedFields"]
    assert people["name"] == "people"
    assert people["becauseOfFieldMetadataIds"] == [company["fieldMetadataId"]]
    await client.data(FIELDS, fields(role_id, {**title, "canReadFieldValue": False}))
    found = (await explained(client, "person", k=str(key_id)))["restrictedFields"]
    assert {each["name"] for each in found if not each["canRead"]} == {"company", "jobTitle", "searchVector"}


async def test_a_record_is_visible_or_not_for_a_reason(client: Client) -> None:
    role_id = await role(client, **EVERYTHING)
    reader, key_id = await key(client, role_id)
    made = await client.data('mutation { createPeople(data: [{ city: "A", jobTitle: "x" }, { city: "B" }]) { id } }')
    a, b = [each["id"] for each in made["createPeople"]]

    async def record(record_id: str) -> tuple[str, bool, bool, list[str]]:
        found = (await explained(client, "person", k=str(key_id), r=record_id))["record"]
        assert found["id"] == record_id
        assert found["explanation"]
        seen = await reader.data("query($id: UUID!) { people(filter: { id: { eq: $id } }) { totalCount } }", {"id": a})
        if record_id == a and not found["isDeleted"]:
            assert (seen["people"]["totalCount"] == 1) == found["isVisible"]
        return found["verdict"], found["isVisible"], found["isDeleted"], found["unmetPredicateIds"]

    assert await record(a) == ("VISIBLE", True, False, [])
    assert await record(str(new_id())) == ("NOT_FOUND", False, False, [])
    is_a = await predicate(client, "person.city", "IS", "A", id=str(new_id()))
    is_y = await predicate(client, "person.jobTitle", "IS", "y", id=str(new_id()))
    await client.data(SET, await rules(client, role_id, [is_a, is_y]))
    assert await record(a) == ("ROW_RULES", False, False, [is_y["id"]])
    verdict, _, _, unmet = await record(b)
    assert (verdict, sorted(unmet)) == ("ROW_RULES", sorted([str(is_a["id"]), str(is_y["id"])]))
    found = await explained(client, "person", k=str(key_id))
    assert sorted(each["id"] for each in found["rowLevelPermissionPredicates"]) == sorted(unmet)
    await client.data(SET, await rules(client, role_id, [is_a]))
    assert await record(a) == ("VISIBLE", True, False, [])
    await client.data("mutation($id: UUID!) { deletePerson(id: $id) { id } }", {"id": a})
    assert await record(a) == ("VISIBLE", True, True, [])


async def test_a_record_of_an_unreadable_object_is_not_visible(client: Client) -> None:
    _, key_id = await key(client, await role(client))
    made = await client.data("mutation { createPerson(data: {}) { id } }")
    found = await explained(client, "person", k=str(key_id), r=made["createPerson"]["id"])
    assert found["record"]["verdict"] == "OBJECT_NOT_READABLE"


async def test_a_rule_about_the_own_record_is_asked_for_the_subject(client: Client) -> None:
    role_id = await role(client, **EVERYTHING)
    (_, mary), (_, john) = [await person(client, f"{name}@example.com", role_id=role_id) for name in ("mary", "john")]
    own = await predicate(
        client,
        "company.accountOwner",
        "IS",
        workspaceMemberFieldMetadataId=await field_id(client, "workspaceMember.id"),
    )
    await client.data(SET, await rules(client, role_id, [own], of="company"))
    made = await client.data(f'mutation {{ createCompany(data: {{ accountOwnerId: "{mary}" }}) {{ id }} }}')
    record_id = made["createCompany"]["id"]
    assert (await explained(client, "company", m=str(mary), r=record_id))["record"]["isVisible"] is True
    assert (await explained(client, "company", m=str(john), r=record_id))["record"]["isVisible"] is False


async def test_nonsense_and_strangers_are_refused(client: Client) -> None:
    other = client.as_tenant(await make_tenant(client.database, "Other"))
    their_role = await role(other, **READING)
    _, their_key = await key(other, their_role)
    _, their_member = await person(other, "their@example.com")
    user = (await explained(other, "person", m=str(their_member)))["subject"]["userId"]
    their_person = (await other.data("mutation { createPerson(data: {}) { id } }"))["createPerson"]["id"]
    no_member = ("NOT_FOUND", "WORKSPACE_MEMBER_NOT_FOUND")
    for member_id in (str(their_member), str(new_id())):
        assert await fault(client, EXPLAIN, {"o": "person", "m": member_id}) == no_member
    assert await fault(client, EXPLAIN, {"o": "person", "u": user}) == no_member
    assert await fault(client, EXPLAIN, {"o": "person", "k": str(their_key)}) == ("NOT_FOUND", "API_KEY_NOT_FOUND")
    found = await explained(client, "person", r=their_person)
    assert found["record"]["verdict"] == "NOT_FOUND"
    for name in ("people", "", "person'; --", "x" * 5000):
        assert await fault(client, EXPLAIN, {"o": name}) == ("NOT_FOUND", "OBJECT_METADATA_NOT_FOUND")
    two = {"o": "person", "k": str(their_key), "u": user}
    assert await fault(client, EXPLAIN, two) == ("BAD_USER_INPUT", "ARGS_CONFLICT")


async def test_explanations_need_the_flag_for_roles(client: Client) -> None:
    mary, _ = await person(client, "mary@example.com")
    assert await fault(mary, EXPLAIN, {"o": "person"}) == DENIED
