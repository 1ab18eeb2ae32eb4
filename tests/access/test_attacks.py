"""Ways around a role that were tried: each must give nothing away and change nothing that the role does not permit."""

import base64
import json
from dataclasses import replace

import pytest

from rapport.keys.service import create_key
from rapport.metadata.store import load_catalog
from tests.access.acting import Role, acting, make_role
from tests.access.test_records import refused
from tests.records.member import PASSWORD, member
from tests.records.roles import admin
from tests.serving import Client, make_tenant

PAIR = """mutation { createPeople(data: [
  {name: {firstName: "Ann"}, city: "Oslo", jobTitle: "Spy"}, {name: {firstName: "Bob"}, city: "Rome"}
]) { id } }"""


async def pair(client: Client) -> list[str]:
    made = await client.data(PAIR)
    return [each["id"] for each in made["createPeople"]]


# -- merge -----------------------------------------------------------------------------------------------------------

MERGE = """mutation ($ids: [UUID!]!, $dry: Boolean) {
  mergePeople(ids: $ids, conflictPriorityIndex: 1, dryRun: $dry) { city } }"""


@pytest.mark.parametrize("role", [Role(frozen=("person.jobTitle",)), Role(hidden=("person.jobTitle",))])
async def test_a_merge_leaves_alone_what_the_role_may_not_change(client: Client, role: Role) -> None:
    ids = await pair(client)
    key = await acting(client, role)
    await key.data(MERGE, {"ids": ids, "dry": True})
    await key.data(MERGE, {"ids": ids, "dry": False})
    found = await client.data("query ($id: UUID) { person(filter: {id: {eq: $id}}) { jobTitle } }", {"id": ids[1]})
    assert found["person"]["jobTitle"] is None


async def test_a_merge_does_not_tell_whether_hidden_values_are_equal(client: Client) -> None:
    made = await client.data(
        """mutation { createPeople(data: [
          {jobTitle: "Spy"}, {jobTitle: "Spy"}, {jobTitle: "Cook"}, {}]) { id updatedAt } }"""
    )
    same, other = made["createPeople"][:2], made["createPeople"][2:]
    key = await acting(client, Role(hidden=("person.jobTitle",)))
    merge = """mutation ($ids: [UUID!]!) {
      mergePeople(ids: $ids, conflictPriorityIndex: 1) { id updatedAt updatedBy { name } } }"""
    for ones in (same, other):
        answer = await key.data(merge, {"ids": [each["id"] for each in ones]})
        assert answer["mergePeople"]["updatedAt"] == ones[1]["updatedAt"]


async def test_a_merge_pulls_no_hidden_record_into_view(client: Client) -> None:
    made = await client.data('mutation { createCompanies(data: [{name: "X"}, {name: "Y"}]) { id } }')
    x, y = (each["id"] for each in made["createCompanies"])
    await client.data(
        """mutation ($x: UUID, $y: UUID) { createOpportunities(data: [
          {name: "seen", companyId: $x}, {name: "secret", companyId: $y}]) { id } }""",
        {"x": x, "y": y},
    )
    key = await acting(client, Role(rows=(("opportunity", "company", "IS", {"selectedRecordIds": [x]}),)))
    query = "{ opportunities { edges { node { name } } } }"
    before = await key.data(query)
    merge = """mutation ($ids: [UUID!]!, $at: Int!) {
      mergeCompanies(ids: $ids, conflictPriorityIndex: $at) { opportunities { edges { node { name } } } } }"""
    await refused(key, merge, {"ids": [x, y], "at": 0})
    await refused(key, merge, {"ids": [x, y], "at": 1})
    assert await key.data(query) == before
    assert (await client.data("{ companies { totalCount } }"))["companies"]["totalCount"] == 2


# -- authors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["createdBy", "updatedBy"])
async def test_who_may_not_read_authors_is_written_down_as_one(client: Client, field: str) -> None:
    key = await acting(client, Role(hidden=(f"company.{field}",)))
    await key.data('mutation { createCompany(data: {name: "Acme"}) { id } }')
    shown = f"{{ companies {{ edges {{ node {{ id {field} {{ source name }} }} }} }} }}"
    (edge,) = (await client.data(shown))["companies"]["edges"]
    assert edge["node"][field] == {"source": "API", "name": "acting"}
    await client.data('mutation { updateCompanies(filter: {name: {eq: "Acme"}}, data: {employees: 1}) { id } }')
    await key.data('mutation { updateCompanies(filter: {name: {eq: "Acme"}}, data: {employees: 2}) { id } }')
    (edge,) = (await client.data(shown))["companies"]["edges"]
    assert edge["node"][field] == {"source": "API", "name": "acting"}
    await client.data('mutation { updateCompanies(filter: {name: {eq: "Acme"}}, data: {employees: 3}) { id } }')
    await key.data(
        "mutation ($id: UUID) { createCompany(data: {id: $id, employees: 4}, upsert: true) { id } }",
        {"id": edge["node"]["id"]},
    )
    (edge,) = (await client.data(shown))["companies"]["edges"]
    assert edge["node"][field] == {"source": "API", "name": "acting"}


# -- members and their own record --------------------------------------------------------------------------------------


async def test_members_cannot_change_what_their_own_row_rules_compare_with(client: Client) -> None:
    await client.data('mutation { createCompanies(data: [{name: "light"}, {name: "Dark"}]) { id } }')
    role_id = await make_role(client, Role(member_rows=(("company", "name", "IS", "colorScheme"),)))
    person, member_id = await member(client, role_id=role_id)
    query = "{ companies { edges { node { name } } } }"
    before = await person.data(query)
    await refused(
        person,
        'mutation ($id: UUID!) { updateWorkspaceMember(id: $id, data: {colorScheme: "Dark"}) { id } }',
        {"id": str(member_id)},
    )
    assert await person.data(query) == before
    await person.data(
        'mutation ($id: UUID!) { updateWorkspaceMember(id: $id, data: {locale: "de-DE"}) { id } }',
        {"id": str(member_id)},
    )


# -- rights to delete --------------------------------------------------------------------------------------------------


async def test_an_upsert_restores_nothing_for_who_may_not_restore(client: Client) -> None:
    data = """mutation { createCompany(data: {name: "X", domainName: {primaryLinkUrl: "a.example.com"}}, upsert: true)
      { id } }"""
    (await client.data(data))["createCompany"]["id"]
    await client.data('mutation { deleteCompanies(filter: {name: {eq: "X"}}) { id } }')
    key = await acting(client, Role(rights=frozenset({"canReadAllObjectRecords", "canUpdateAllObjectRecords"})))
    await key.ask(data)
    deleted = "{ companies(filter: {deletedAt: {is: NOT_NULL}}) { totalCount } }"
    assert (await client.data(deleted))["companies"]["totalCount"] == 1


# -- search ----------------------------------------------------------------------------------------------------------


async def test_words_of_no_hidden_field_are_found(client: Client) -> None:
    """Each covered field of each object that can be searched, hidden by itself."""
    catalog = await load_catalog(client.database, client.tenant.workspace_id)
    count = 0
    for item in catalog.by_name.values():
        if not item.is_searchable:
            continue
        vector = item.field["searchVector"].column.generated_sql or ""
        for field in item.field.values():
            if field.name in ("id", "position") or not any(f'"{each.name}"' in vector for each in field.columns):
                continue
            count += 1
            key = await acting(client, Role(hidden=(f"{item.name}.{field.name}",), all_settings=True))
            for text in ("", "word", "two words"):
                await key.data(
                    """query ($text: String!, $name: String!) {
                      search(searchInput: $text, limit: 9, includedObjectNameSingulars: [$name]) {
                        edges { node { label imageUrl } cursor } } }""",
                    {"text": text, "name": item.name},
                )
    assert count > 10


async def test_a_search_shows_nothing_of_a_hidden_label_or_picture(client: Client) -> None:
    await client.data('mutation { createCompany(data: {name: "Acme", domainName: "acme.example.com"}) { id } }')
    key = await acting(client, Role(hidden=("company.name", "company.domainName")))
    question = """query ($text: String!, $filter: ObjectRecordFilterInput) {
      search(searchInput: $text, limit: 9, filter: $filter) { edges { node { recordId label imageUrl } } } }"""
    for text in ("Acme", "acme.example.com", "https://acme.example.com"):
        assert (await key.data(question, {"text": text}))["search"]["edges"] == []
    found = (await key.data(question, {"text": ""}))["search"]["edges"]
    (node,) = [each["node"] for each in found]
    assert (node["label"], node["imageUrl"]) == (node["recordId"], "")
    for name in ("name", "domainName", "searchVector"):
        answer = await key.ask(question, {"text": "", "filter": {name: {"like": "A%"}}})
        assert answer.get("errors"), answer


# -- tokens ----------------------------------------------------------------------------------------------------------


async def test_a_key_of_another_workspace_finds_nothing_by_id(client: Client) -> None:
    ids = await pair(client)
    other = client.as_tenant(await make_tenant(client.database, "Other"))
    for query in (
        "query ($id: UUID) { person(filter: {id: {eq: $id}}) { id } }",
        'mutation ($id: UUID!) { updatePerson(id: $id, data: {city: "X"}) { id } }',
        "mutation ($id: UUID!) { destroyPerson(id: $id) { id } }",
        "mutation ($id: UUID) { createTask(data: {taskTargets: {create: [{targetPersonId: $id}]}}) { id } }",
    ):
        answer = await other.ask(query, {"id": ids[0]})
        assert answer.get("errors"), answer
    found = await other.data("query ($ids: [UUID]) { personDuplicates(ids: $ids) { totalCount } }", {"ids": ids})
    assert [each["totalCount"] for each in found["personDuplicates"]] == [0, 0]
    assert (await client.data("{ people { totalCount } }"))["people"]["totalCount"] == 2


# -- names ------------------------------------------------------------------------------------------------------------

HIDDEN_NAMES = Role(
    hidden=("person.name", "person.emails", "person.company", "note.bodyV2", "noteTarget.targetPerson",
            "company.annualRecurringRevenue", "person.pointOfContactForOpportunities"),
)  # fmt: skip


@pytest.mark.parametrize(
    "query",
    [
        *(
            f"{{ people {{ edges {{ node {{ {asked} }} }} }} }}"
            for asked in (
                "firstName",
                "email",
                "companyId",
                "opportunities { totalCount }",
                "x: name { firstName }",
                "noteTargets { totalCount }",
                "emails",
                "... on Person { name { firstName } }",
            )
        ),
        *(
            f"{{ people(filter: {given}) {{ totalCount }} }}"
            for given in (
                '{firstName: {eq: "A"}}',
                '{email: {like: "a%"}}',
                '{emails: {eq: "a"}}',
                '{companyId: {eq: "018f0000-0000-7000-8000-000000000000"}}',
                "{company: {is: NULL}}",
                "{opportunities: {some: {}}}",
                "{noteTargets: {every: {}}}",
                "{NOT: {firstName: {eq: null}}}",
                "{firstName: null, lastName: {}}",
            )
        ),
        *(
            f"{{ people(orderBy: [{given}]) {{ totalCount }} }}"
            for given in (
                "{firstName: AscNullsFirst}",
                "{email: AscNullsFirst}",
                "{companyId: AscNullsFirst}",
                "{company: {createdAt: AscNullsFirst}}",
                "{emails: {primaryEmail: AscNullsLast}}",
            )
        ),
        *(
            f"{{ peopleGroupBy(groupBy: [{given}]) {{ totalCount }} }}"
            for given in ("{firstName: true}", "{email: true}", "{companyId: true}", "{company: {id: true}}")
        ),
        *(
            f"{{ people {{ {name} }} }}"
            for name in ("countUniqueValuesName", "countEmptyEmails", "percentageNotEmptyName", "countNotEmptyEmails")
        ),
        "{ companies { sumAnnualRecurringRevenueAmountMicros } }",
        "{ companies { edges { node { annualRevenue } } } }",
        "{ companies(filter: {annualRevenue: {gte: 1}}) { totalCount } }",
        "{ companies { edges { node { people { totalCount } } } } }",
        "{ notes { edges { node { body } } } }",
        '{ notes(filter: {body: {like: "%x%"}}) { totalCount } }',
        "{ noteTargets { edges { node { personId } } } }",
        "{ noteTargets { edges { node { person { id } } } } }",
        "{ noteTargets(filter: {personId: {is: NOT_NULL}}) { totalCount } }",
        "{ noteTargets(filter: {note: {noteTargets: {some: {person: {id: {is: NOT_NULL}}}}}}) { totalCount } }",
        "{ noteTargetsGroupBy(groupBy: [{personId: true}]) { totalCount } }",
        "{ noteTargets(orderBy: [{person: {createdAt: AscNullsFirst}}]) { totalCount } }",
        "{ peopleGroupBy(groupBy: [{city: true}], orderByForRecords: [{firstName: AscNullsFirst}]) { __typename } }",
        '{ peopleGroupBy(groupBy: [{city: true}], filter: {firstName: {eq: "A"}}) { totalCount } }',
        '{ personDuplicates(data: [{emails: {primaryEmail: "a@example.com"}}]) { totalCount } }',
        '{ personDuplicates(data: [{email: "a@example.com"}]) { totalCount } }',
        'mutation { createPerson(data: {firstName: "X"}) { id } }',
        'mutation { createPerson(data: {email: "a@example.com"}, upsert: true) { id } }',
        "mutation { createPerson(data: {noteTargets: {create: [{}]}}) { id } }",
        'mutation { createCompany(data: {people: {create: [{city: "X"}]}}) { id } }',
        "mutation { createNote(data: {noteTargets: {create: [{personId: null}]}}) { id } }",
        'mutation { createOpportunity(data: {pointOfContact: {connect: {where: {email: "a@example.com"}}}}) { id } }',
        'mutation { createNoteTarget(data: {targetPerson: {connect: {where: {email: "a@example.com"}}}}) { id } }',
        'mutation { updateNotes(filter: {title: {is: NULL}}, data: {body: "x"}) { id } }',
        'mutation { updateNotes(filter: {body: {is: NULL}}, data: {title: "x"}) { id } }',
        'mutation { destroyPeople(filter: {firstName: {eq: "Ann"}}) { id } }',
        'mutation { destroyPeople(filter: {city: {eq: "Oslo"}}) { firstName } }',
        'mutation { createPerson(data: {city: "X"}) { email } }',
    ],
)
async def test_no_name_leads_to_a_hidden_field(client: Client, query: str) -> None:
    await client.data('mutation { createPerson(data: {city: "Oslo", email: "a@example.com"}) { id } }')
    key = await acting(client, HIDDEN_NAMES)
    await refused(key, query)
    assert (await client.data("{ people { totalCount } }"))["people"]["totalCount"] == 1


@pytest.mark.parametrize(
    "query",
    [
        *(
            f"{{ peopleGroupBy(groupBy: [{{city: true}}], orderBy: [{order}]) {{ totalCount }} }}"
            for order in (
                "{aggregate: {countUniqueValuesJobTitle: AscNullsFirst}}",
                "{countUniqueValuesJobTitle: AscNullsFirst}",
                "{jobTitle: AscNullsFirst}",
            )
        ),
        "{ peopleGroupBy(groupBy: [{city: true}]) { countEmptyJobTitle } }",
    ],
)
async def test_groups_are_not_ordered_by_hidden_values(client: Client, query: str) -> None:
    await pair(client)
    answer = await (await acting(client, Role(hidden=("person.jobTitle",)))).ask(query)
    assert answer.get("errors"), answer
    assert not any((answer.get("data") or {}).values()), answer  # type: ignore[attr-defined]


# -- duplicates --------------------------------------------------------------------------------------------------------


async def test_duplicates_are_not_found_by_hidden_values_or_among_hidden_records(client: Client) -> None:
    made = await client.data(
        """mutation ($link: LinksCreateInput) { createPeople(data: [
          {name: {firstName: "Ann", lastName: "Lee"}, linkedinLink: $link, city: "Oslo"},
          {name: {firstName: "Bob", lastName: "Ray"}, linkedinLink: $link, city: "Oslo"},
          {name: {firstName: "Ann", lastName: "Lee"}, city: "Rome"}]) { id } }""",
        {"link": {"primaryLinkUrl": "https://x.example.com/1"}},
    )
    ids = [each["id"] for each in made["createPeople"]]
    query = "query ($ids: [UUID]) { personDuplicates(ids: $ids) { totalCount edges { node { id } } } }"

    async def counts(who: Client) -> list[int]:
        return [each["totalCount"] for each in (await who.data(query, {"ids": ids}))["personDuplicates"]]

    assert await counts(client) == [2, 1, 1]
    assert await counts(await acting(client, Role(hidden=("person.linkedinLink",)))) == [1, 0, 1]
    assert await counts(await acting(client, Role(hidden=("person.name",)))) == [1, 1, 0]
    oslo = await acting(client, Role(rows=(("person", "city", "IS", "Oslo"),)))
    assert await counts(oslo) == [1, 1, 0]
    by_data = '{ personDuplicates(data: [{name: {firstName: "Ann", lastName: "Lee"}}]) { totalCount } }'
    assert (await oslo.data(by_data))["personDuplicates"] == [{"totalCount": 1}]


# -- plans -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [0, 1])
async def test_roles_share_no_plans(client: Client, first: int) -> None:
    await pair(client)
    open_, closed = client, await acting(client, Role(hidden=("person.jobTitle",)))
    document = """query ($filter: PersonFilterInput, $order: [PersonOrderByInput]) {
      people(filter: $filter, orderBy: $order) { totalCount } }"""
    shapes: list[dict[str, object]] = [
        {"filter": {"jobTitle": {"eq": "Spy"}}},
        {"filter": {"jobTitle": {"in": ["Spy"]}}},
        {"filter": {"or": [{"jobTitle": {"like": "S%"}}]}},
        {"order": [{"jobTitle": "AscNullsFirst"}]},
        {"filter": {"city": {"is": "NOT_NULL"}}, "order": {"jobTitle": "DescNullsLast"}},
    ]
    everything: list[dict[str, object]] = [{}, {"filter": None}, {"filter": {}}]
    for who in (open_, closed)[:: -1 if first else 1]:
        for variables in (*everything, *shapes, *everything, *shapes):
            if who is closed and variables in shapes:
                await refused(who, document, variables)
            else:
                await who.data(document, variables)


async def test_rows_of_one_role_are_not_those_of_another(client: Client) -> None:
    await pair(client)
    oslo = await acting(client, Role(rows=(("person", "city", "IS", "Oslo"),)))
    rome = await acting(client, Role(rows=(("person", "city", "IS", "Rome"),)))
    for _ in range(2):
        for who, city in ((oslo, "Oslo"), (rome, "Rome")):
            found = await who.data(
                '{ people { edges { node { city } } } search(searchInput: "", limit: 9) { edges { node { label } } } }'
            )
            assert [each["node"]["city"] for each in found["people"]["edges"]] == [city]
            assert len(found["search"]["edges"]) == 1
            made = await who.data(
                'mutation { updatePeople(filter: {id: {is: NOT_NULL}}, data: {jobTitle: "x"}) { city } }'
            )
            assert made["updatePeople"] == [{"city": city}]


# -- rows ------------------------------------------------------------------------------------------------------------


async def test_one_plan_compares_with_each_caller_s_own_member(client: Client) -> None:
    role_id = await make_role(client, Role(member_rows=(("task", "assignee", "IS", "id"),)))
    one, one_id = await member(client, role_id=role_id)
    two, two_id = await member(client, email="otto@example.com", role_id=role_id)
    await client.data(
        """mutation ($one: UUID, $two: UUID) { createTasks(data: [
          {title: "One", assigneeId: $one}, {title: "Two", assigneeId: $two}, {title: "Free"}]) { id } }""",
        {"one": str(one_id), "two": str(two_id)},
    )
    key = await acting(client, Role(member_rows=(("task", "assignee", "IS", "id"),)))
    not_mine = await acting(client, Role(member_rows=(("task", "assignee", "IS_NOT", "id"),)))
    documents = (
        "{ tasks { edges { node { title } } } }",
        "{ x: tasks { edges { node { title } } } __typename }",
        "{ tasks { edges { node { title } } } currentWorkspace { id } }",
        'mutation { tasks: updateTasks(filter: {id: {is: NOT_NULL}}, data: {status: "DONE"}) { title } }',
        "mutation { tasks: updateTasks(filter: {id: {is: NOT_NULL}}, data: {status: null}) { title assignee { id } } }",
    )
    for document in documents:
        for _ in range(2):
            for who, expected in ((one, ["One"]), (two, ["Two"]), (key, []), (not_mine, ["Free"])):
                found = await who.data(document)
                rows = next(each for name, each in found.items() if name in ("tasks", "x"))
                nodes = [each["node"] for each in rows["edges"]] if isinstance(rows, dict) else rows
                assert [each["title"] for each in nodes] == expected, (document, expected)


async def test_deleted_records_outside_of_the_rules_stay_out_of_reach(client: Client) -> None:
    ids = await pair(client)
    key = await acting(client, Role(rows=(("person", "city", "IS", "Oslo"),)))
    await client.data("mutation { deletePeople(filter: {id: {is: NOT_NULL}}) { id } }")
    everybody = "filter: {deletedAt: {is: NOT_NULL}}"
    found = await key.data(
        f"""{{ people({everybody}) {{ totalCount edges {{ node {{ city }} }} }}
        g: peopleGroupBy(groupBy: [{{city: true}}], {everybody}) {{ groupByDimensionValues totalCount }}
        search(searchInput: "", limit: 9, {everybody}) {{ edges {{ node {{ recordId }} }} }} }}"""
    )
    assert found == {
        "people": {"totalCount": 1, "edges": [{"node": {"city": "Oslo"}}]},
        "g": [{"groupByDimensionValues": ["Oslo"], "totalCount": 1}],
        "search": {"edges": [{"node": {"recordId": ids[0]}}]},
    }
    restored = await key.data(f"mutation {{ restorePeople({everybody}) {{ city }} }}")
    assert restored["restorePeople"] == [{"city": "Oslo"}]
    destroyed = await key.data(f"mutation {{ destroyPeople({everybody}) {{ city }} }}")
    assert destroyed["destroyPeople"] == []
    answer = await key.ask("mutation ($id: UUID!) { restorePerson(id: $id) { id } }", {"id": ids[1]})
    assert answer["errors"][0]["message"] == "Record not found"  # type: ignore[index]


async def test_an_upsert_finds_no_record_outside_of_the_rules(client: Client) -> None:
    data = '{name: "Secret", employees: 1, domainName: {primaryLinkUrl: "https://acme.example.com"}}'
    made = await client.data(f"mutation {{ createCompany(data: {data}) {{ id }} }}")
    secret = made["createCompany"]["id"]
    key = await acting(client, Role(rows=(("company", "employees", "GREATER_THAN_OR_EQUAL", 50),)))
    for given in (
        '{employees: 70, domainName: {primaryLinkUrl: "https://acme.example.com"}}',
        f'{{employees: 70, id: "{secret}"}}',
    ):
        for verb, rows in (("createCompany", given), ("createCompanies", f"[{given}, {{employees: 80}}]")):
            answer = await key.ask(f"mutation {{ {verb}(data: {rows}, upsert: true) {{ id name employees }} }}")
            text = str(answer)
            assert answer["errors"][0]["extensions"]["subCode"] == "DUPLICATE_ENTRY_DETECTED", answer  # type: ignore[index]
            assert "Secret" not in text
            if "id:" not in given:
                assert secret not in text
    nested = await key.ask(
        """mutation { createPerson(upsert: true, data: {company: {create: {employees: 70,
          domainName: {primaryLinkUrl: "https://acme.example.com"}}}}) { company { name } } }"""
    )
    assert nested["errors"][0]["extensions"]["subCode"] == "DUPLICATE_ENTRY_DETECTED"  # type: ignore[index]
    for where in (f'{{id: "{secret}"}}', '{domainName: {primaryLinkUrl: "https://acme.example.com"}}'):
        connected = await key.ask(
            f"mutation {{ createPerson(data: {{company: {{connect: {{where: {where}}}}}}}) {{ id }} }}"
        )
        assert "found 0" in connected["errors"][0]["message"]  # type: ignore[index]
    assert (await client.data("{ people { totalCount } companies { totalCount } }")) == {
        "people": {"totalCount": 0},
        "companies": {"totalCount": 1},
    }


async def test_a_merge_heeds_rules_about_the_member(client: Client) -> None:
    role_id = await make_role(client, Role(member_rows=(("company", "accountOwner", "IS", "id"),)))
    person, member_id = await member(client, role_id=role_id)
    made = await client.data(
        """mutation ($me: UUID) { createCompanies(data: [
          {name: "Mine", accountOwnerId: $me}, {name: "Too", accountOwnerId: $me, employees: 7}, {name: "Other"}
        ]) { id } }""",
        {"me": str(member_id)},
    )
    mine, too, other = (each["id"] for each in made["createCompanies"])
    merge = """mutation ($ids: [UUID!]!, $dry: Boolean) {
      mergeCompanies(ids: $ids, conflictPriorityIndex: 0, dryRun: $dry) { name employees } }"""
    for dry in (True, False):
        for ids in ([mine, other], [other, mine]):
            answer = await person.ask(merge, {"ids": ids, "dry": dry})
            assert answer["errors"][0]["message"] == "One or more records not found"  # type: ignore[index]
    for dry in (True, False):
        found = await person.data(merge, {"ids": [mine, too], "dry": dry})
        assert found["mergeCompanies"] == {"name": "Mine", "employees": 7}


async def test_answers_of_changes_show_no_records_outside_of_the_rules(client: Client) -> None:
    made = await client.data(
        """mutation { createCompany(data: {name: "Acme", people: {create: [
          {name: {firstName: "Ann"}, city: "Oslo"}, {name: {firstName: "Bob"}, city: "Rome"}]}}) { id } }"""
    )
    company_id = made["createCompany"]["id"]
    key = await acting(client, Role(rows=(("person", "city", "IS", "Oslo"),)))
    shown = "{ people { totalCount countUniqueValuesCity edges { node { city company { people { totalCount } } } } } }"
    expected = {
        "people": {
            "totalCount": 1,
            "countUniqueValuesCity": 1,
            "edges": [{"node": {"city": "Oslo", "company": {"people": {"totalCount": 1}}}}],
        }
    }
    for verb, more in (
        ("updateCompany", ', data: {name: "Acme 2"}'),
        ("deleteCompany", ""),
        ("restoreCompany", ""),
    ):
        answer = await key.data(f"mutation ($id: UUID!) {{ {verb}(id: $id{more}) {shown} }}", {"id": company_id})
        if verb == "deleteCompany":
            assert answer[verb]["people"]["totalCount"] == 1
        else:
            assert answer[verb] == expected
    upserted = await key.data(
        f'mutation ($id: UUID) {{ createCompany(data: {{id: $id, name: "A"}}, upsert: true) {shown} }}',
        {"id": company_id},
    )
    assert upserted["createCompany"] == expected
    found = await key.data(
        """{ some: companies(filter: {people: {some: {city: {eq: "Rome"}}}}) { totalCount }
        none: companies(filter: {people: {none: {city: {eq: "Rome"}}}}) { totalCount }
        every: companies(filter: {people: {every: {city: {eq: "Oslo"}}}}) { totalCount }
        inner: companies(filter: {people: {some: {company: {people: {some: {city: {eq: "Rome"}}}}}}}) { totalCount }
        not: companies(filter: {not: {people: {some: {city: {neq: "Oslo"}}}}}) { totalCount } }"""
    )
    assert {name: each["totalCount"] for name, each in found.items()} == {
        "some": 0, "none": 1, "every": 1, "inner": 0, "not": 1,
    }  # fmt: skip
    destroyed = await key.data(
        "mutation ($id: UUID!) { destroyCompany(id: $id) { people { totalCount edges { node { city } } } } }",
        {"id": company_id},
    )
    assert destroyed["destroyCompany"] == {"people": {"totalCount": 1, "edges": [{"node": {"city": "Oslo"}}]}}


async def test_a_cursor_made_by_hand_tells_nothing(client: Client) -> None:
    ids = await pair(client)
    hidden = await acting(client, Role(hidden=("person.jobTitle",)))
    rows = await acting(client, Role(rows=(("person", "city", "IS", "Oslo"),)))

    def cursor(value: object) -> str:
        return base64.b64encode(json.dumps(value).encode()).decode()

    query = "query ($after: String) { people(after: $after) { edges { node { id } } } }"
    before = "query ($before: String) { people(before: $before) { edges { node { id } } } }"
    with_title = cursor({"jobTitle": "Spx", "id": "00000000-0000-0000-0000-000000000000"})
    found = await hidden.data(query, {"after": with_title})
    assert [each["node"]["id"] for each in found["people"]["edges"]] == ids
    assert (await rows.data(query, {"after": ids[0]}))["people"]["edges"] == []
    found = await rows.data(before, {"before": "ffffffff-ffff-ffff-ffff-ffffffffffff"})
    assert [each["node"]["id"] for each in found["people"]["edges"]] == [ids[0]]
    ranks = {"lastRanks": {"tsRankCD": 0, "tsRank": 0}, "lastRecordIdsPerObject": {"person": ids[0]}}
    search = 'query ($a: String) { search(searchInput: "", limit: 9, after: $a) { edges { node { recordId } } } }'
    assert (await rows.data(search, {"a": cursor(ranks)}))["search"]["edges"] == []


async def test_documents_of_several_kinds_are_restricted_alike(client: Client) -> None:
    await pair(client)
    key = await acting(client, Role(hidden=("person.jobTitle",), rows=(("person", "city", "IS", "Oslo"),)))
    answer = await key.ask(
        """{ people { totalCount } bad: people { edges { node { jobTitle } } } __typename
        currentWorkspace { __typename }
        search(searchInput: "Bob", limit: 3) { edges { node { label } } } }"""
    )
    data = answer["data"]
    assert isinstance(data, dict)
    assert (data["people"], data["bad"], data["search"]) == ({"totalCount": 1}, None, {"edges": []})
    assert "Spy" not in str(answer)
    changed = await key.ask(
        """mutation { a: updatePeople(filter: {city: {eq: "Rome"}}, data: {intro: "x"}) { id }
        b: updatePeople(filter: {city: {eq: "Rome"}}, data: {city: "Oslo"}) { id }
        c: deletePeople(filter: {not: {city: {eq: "Oslo"}}}) { id } __typename }""".replace('{intro: "x"}', "{}")
    )
    assert changed["data"] == {"a": [], "b": [], "c": [], "__typename": "Mutation"}


# -- relations that may not be changed ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        'mutation { createCompany(data: {people: {create: [{city: "X"}]}}) { id } }',
        'mutation { updateCompany(id: "ID", data: {people: {create: [{city: "X"}]}}) { id } }',
        'mutation { createCompanies(data: [{id: "ID", people: {create: [{city: "X"}]}}], upsert: true) { id } }',
        'mutation { createPerson(data: {company: {create: {name: "X"}}}) { id } }',
        "mutation { createPerson(data: {company: {disconnect: true}}) { id } }",
        'mutation { createPerson(data: {company: {connect: {where: {id: "ID"}}}}) { id } }',
        'mutation { createPerson(data: {companyId: "ID"}, upsert: true) { id } }',
        "mutation { updatePeople(filter: {city: {is: NULL}}, data: {company: null}) { id } }",
        "mutation { updatePeople(filter: {city: {is: NULL}}, data: {companyId: null}) { id } }",
    ],
)
async def test_a_relation_is_frozen_on_both_sides(client: Client, query: str) -> None:
    made = await client.data('mutation { createCompany(data: {name: "X"}) { id } }')
    for frozen in ("person.company", "company.people"):
        key = await acting(client, Role(frozen=(frozen,)))
        await refused(key, query.replace("ID", made["createCompany"]["id"]))


@pytest.mark.parametrize(
    "query",
    [
        'mutation { createCompany(data: {people: {create: [{city: "X"}]}}) { id } }',
        'mutation { updateCompany(id: "ID", data: {people: {create: [{city: "X"}]}}) { id } }',
        'mutation { createCompany(upsert: true, data: {id: "ID", people: {create: [{city: "X"}]}}) { id } }',
        'mutation { createOpportunity(data: {pointOfContact: {create: {city: "X"}}}) { id } }',
    ],
)
async def test_what_may_not_be_changed_is_not_created_along(client: Client, query: str) -> None:
    made = await client.data('mutation { createCompany(data: {name: "X"}) { id } }')
    key = await acting(client, Role(objects={"person": {"update": False, "soft_delete": False, "destroy": False}}))
    await refused(key, query.replace("ID", made["createCompany"]["id"]))


# -- ends --------------------------------------------------------------------------------------------------------------

ASKING = (
    "{ people { totalCount } }",
    'mutation { createPerson(data: {city: "X"}) { id } }',
    '{ search(searchInput: "", limit: 3) { edges { cursor } } }',
)


async def locked_out(client: Client, *queries: str) -> None:
    for query in queries:
        answer = await client.ask(query)
        assert answer.get("errors"), answer
        assert not answer.get("data"), answer


async def test_a_revoked_key_ends_at_once(client: Client) -> None:
    async with client.database.transaction() as connection:
        key = await create_key(connection, workspace_id=client.tenant.workspace_id, name="ending")
    held = client.as_tenant(replace(client.tenant, key=key.token))
    await held.data(ASKING[0])
    await client.data("mutation ($id: UUID!) { revokeApiKey(input: {id: $id}) { id } }", {"id": str(key.id)})
    await locked_out(held, *ASKING, "{ __schema { queryType { name } } }")


async def test_a_removed_member_is_out_at_once(client: Client) -> None:
    person, member_id = await member(client)
    await person.data(ASKING[0])
    await client.data("mutation ($id: UUID!) { deleteWorkspaceMember(id: $id) { id } }", {"id": str(member_id)})
    await locked_out(person, *ASKING, "{ __schema { queryType { name } } }")


async def test_another_role_counts_at_once(client: Client) -> None:
    person, member_id = await member(client)
    boss, _ = await member(client, email="boss@example.com", role_id=await admin(client))
    nothing = await make_role(client, Role(rights=frozenset()))
    await person.data(ASKING[0])
    await boss.data(
        "mutation ($m: UUID!, $r: UUID!) { updateWorkspaceMemberRole(workspaceMemberId: $m, roleId: $r) { id } }",
        {"m": str(member_id), "r": str(nothing)},
    )
    await refused(person, ASKING[0])


async def test_a_token_without_a_workspace_reaches_no_record(client: Client) -> None:
    await pair(client)
    await member(client)
    answer = await client.data(
        f"""mutation {{ signIn(email: "ines@example.com", password: "{PASSWORD}") {{
          tokens {{ accessOrWorkspaceAgnosticToken {{ token }} }} }} }}"""
    )
    token = answer["signIn"]["tokens"]["accessOrWorkspaceAgnosticToken"]["token"]
    agnostic = client.as_tenant(replace(client.tenant, key=token))
    await agnostic.data("{ currentUser { id } }")
    await locked_out(agnostic, *ASKING, "{ currentWorkspace { id } }", "{ currentUser { id } people { totalCount } }")
    assert await agnostic.data('{ __type(name: "Person") { name } }') == {"__type": None}


@pytest.mark.parametrize(
    ("rule", "is_refused"),
    [
        (("opportunity", "company", "IS_EMPTY", None), True),
        (("opportunity", "name", "IS", "Public"), False),
    ],
)
async def test_emptied_links_bring_nothing_into_view(
    client: Client, rule: tuple[str, str, str, object], is_refused: bool
) -> None:
    """Both ways of destroying, of one and of many."""
    made = await client.data(
        'mutation { createCompanies(data: [{name: "A", opportunities: {create: [{name: "Secret"}]}}, {name: "B", '
        'opportunities: {create: [{name: "Secret"}]}}]) { id } }'
    )
    one, other = (each["id"] for each in made["createCompanies"])
    key = await acting(client, Role(rows=(rule,)))
    texts = (
        f'mutation {{ destroyCompany(id: "{one}") {{ name }} }}',
        f'mutation {{ destroyCompanies(filter: {{id: {{in: ["{other}"]}}}}) {{ name }} }}',
    )
    for text in texts:
        if is_refused:
            await refused(key, text)
        else:
            await key.data(text)
    assert await key.data("{ opportunities { totalCount } }") == {"opportunities": {"totalCount": 0}}
    kept = (await client.data("{ companies { totalCount } }"))["companies"]["totalCount"]
    assert kept == (2 if is_refused else 0)


HANGING = """mutation ($company: UUID, $other: UUID) {
  createTimelineActivities(data: [
    {name: "company.updated", targetCompanyId: $company, properties: {diff: {employees: {before: 1, after: 10}}}},
    {name: "company.updated", targetCompanyId: $other, properties: {diff: {employees: {before: 1, after: 99}}}}
  ]) { id }
  createAttachments(data: [{name: "a.pdf", targetCompanyId: $company}, {name: "b.pdf", targetCompanyId: $other}]) { id }
  createNote(data: {
    title: "About", noteTargets: {create: [{targetCompanyId: $company}, {targetCompanyId: $other}]}
  }) { id }
}"""
COUNTS = "{ timelineActivities { totalCount } attachments { totalCount } noteTargets { totalCount } }"


async def test_what_hangs_on_a_record_is_as_hidden_as_the_record(client: Client) -> None:
    made = await client.data(
        'mutation { createCompanies(data: [{name: "Acme", employees: 10}, {name: "Bolt", employees: 99}]) { id } }'
    )
    acme, bolt = (each["id"] for each in made["createCompanies"])
    await client.data(HANGING, {"company": acme, "other": bolt})

    async def counts(role: Role) -> list[int]:
        found = await (await acting(client, role)).data(COUNTS)
        return [found[name]["totalCount"] for name in ("timelineActivities", "attachments", "noteTargets")]

    closed = {"read": False, "update": False, "soft_delete": False, "destroy": False}
    assert await counts(Role()) == [2, 2, 2]
    assert await counts(Role(objects={"company": closed})) == [0, 0, 0]
    assert await counts(Role(rows=(("company", "employees", "GREATER_THAN_OR_EQUAL", 50),))) == [1, 1, 1]

    limited = await acting(client, Role(rows=(("company", "employees", "GREATER_THAN_OR_EQUAL", 50),)))
    await refused(
        limited,
        'mutation ($id: UUID) { createAttachment(data: {name: "x", targetCompanyId: $id}) { id } }',
        {"id": acme},
    )
    await limited.data(
        'mutation ($id: UUID) { createAttachment(data: {name: "x", targetCompanyId: $id}) { id } }', {"id": bolt}
    )


async def test_the_timeline_does_not_tell_of_hidden_fields(client: Client) -> None:
    key = await acting(client, Role(hidden=("company.employees",)))
    await refused(key, "{ timelineActivities { edges { node { properties } } } }")
    await key.data("{ timelineActivities { edges { node { name happensAt } } } }")
    closed = {"read": False, "update": False, "soft_delete": False, "destroy": False}
    key = await acting(client, Role(objects={"note": closed}))
    await refused(key, "{ timelineActivities { edges { node { linkedRecordCachedName } } } }")
