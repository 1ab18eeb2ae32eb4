"""Upsert: what each row means, what it changes, and what is told of it (core-api.md §7.6)."""

from collections import Counter
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.records.events import events, forget_events
from tests.records.failure import Failure, failure, refusal
from tests.records.upsert_twin import FIELDS, Change, Json, Person, UpsertTwin, by_id
from tests.serving import Client

ANN = "20202020-0c28-43d9-b8f7-2b12e84b4d5e"
BOB = "21212121-0c28-43d9-b8f7-2b12e84b4d5e"
EVE = "22222222-0c28-43d9-b8f7-2b12e84b4d5e"
ACME = "30303030-0c28-43d9-b8f7-2b12e84b4d5e"
MISSING = "50505050-0c28-43d9-b8f7-2b12e84b4d5e"
MANY = f"mutation($data: [PersonCreateInput!]!) {{ createPeople(data: $data, upsert: true) {{ {FIELDS} }} }}"
ONE = f"mutation($data: PersonCreateInput!) {{ createPerson(data: $data, upsert: true) {{ {FIELDS} }} }}"
CREATE = "mutation($data: [PersonCreateInput!]!) { createPeople(data: $data) { id } }"
ANY_STATE = "{ or: [{ deletedAt: { is: NULL } }, { deletedAt: { is: NOT_NULL } }] }"
ALL = f"{{ people(first: 200, filter: {ANY_STATE}) {{ edges {{ node {{ {FIELDS} }} }} }} }}"


async def people(client: Client) -> dict[str, Person]:
    """Everybody, deleted or not, by id."""
    answer = await client.data(ALL)
    return by_id(edge["node"] for edge in answer["people"]["edges"])


async def upsert(client: Client, *rows: Json) -> list[Person]:
    found: list[Person] = (await client.data(MANY, {"data": list(rows)}))["createPeople"]
    return found


async def told(client: Client) -> list[tuple[str, str, frozenset[str]]]:
    """Action, record and changed fields of each event, oldest first."""
    return [(each.action, each.record_id, frozenset(each.updated_fields or ())) for each in await events(client)]


@pytest.fixture
async def two(client: Client) -> Client:
    """A client of a workspace with Ann and Bob, the company Acme, and an empty log."""
    acme = f'{{ id: "{ACME}", name: "Acme", domainName: "https://acme.example" }}'
    await client.data(f"mutation {{ createCompany(data: {acme}) {{ id }} }}")
    ann = {"id": ANN, "email": "ann@acme.example", "city": "Oslo", "jobTitle": "Cook", "position": 7}
    await client.data(CREATE, {"data": [ann, {"id": BOB, "email": "bob@acme.example", "position": 0}]})
    await forget_events(client)
    return client


# -- what a row means -------------------------------------------------------------------------------------------------


async def test_rows_update_what_they_match_and_create_the_rest_in_their_order(two: Client) -> None:
    found = await upsert(
        two,
        {"email": "new@acme.example", "city": "Bonn"},
        {"id": BOB, "city": "Rome"},
        {"email": " ANN@Acme.example ", "city": "Paris"},
        {"id": EVE, "jobTitle": "Spy"},
    )

    assert [each["city"] for each in found] == ["Bonn", "Rome", "Paris", None]
    assert [each["id"] for each in found[1:]] == [BOB, ANN, EVE]
    assert found[2]["jobTitle"] == "Cook"
    assert found[2]["email"] == "ann@acme.example"
    assert sorted(await told(two)) == sorted(
        [
            ("created", found[0]["id"], frozenset()),
            ("created", EVE, frozenset()),
            ("updated", BOB, frozenset({"city", "position"})),
            ("updated", ANN, frozenset({"city", "position"})),
        ]
    )


async def test_one_record_is_upserted_like_many(two: Client) -> None:
    first = (await two.data(ONE, {"data": {"email": "eve@acme.example", "city": "Bonn"}}))["createPerson"]
    again = (await two.data(ONE, {"data": {"email": "eve@acme.example", "jobTitle": "Spy"}}))["createPerson"]

    assert again == {**first, "jobTitle": "Spy", "position": first["position"] - 1, "updatedAt": again["updatedAt"]}
    assert await told(two) == [
        ("created", first["id"], frozenset()),
        ("updated", first["id"], frozenset({"jobTitle", "position"})),
    ]


async def test_what_an_upsert_does_is_known_from_the_log(two: Client) -> None:
    await two.data(f'mutation {{ deletePerson(id: "{BOB}") {{ id }} }}')
    await two.data(CREATE, {"data": [{"city": "Bonn"}]})
    plain = (await events(two))[-1].actor
    await forget_events(two)
    await upsert(two, {"id": ANN, "city": "Rome"}, {"id": BOB, "city": "Bern"}, {"city": "Lima"})

    log = await events(two)
    assert sorted(each.action for each in log) == ["created", "restored", "updated"]
    assert [each.actor for each in log] == [{**plain, "isUpsert": True}] * 3
    assert "isUpsert" not in plain


async def test_an_update_leaves_alone_who_created_the_record(two: Client) -> None:
    before = (await people(two))[ANN]
    row = {
        "id": ANN,
        "createdBy": {"source": "IMPORT"},
        "position": "last",
        "updatedAt": "2020-01-01T00:00:00.000Z",
        "city": "Rome",
    }
    (after,) = await upsert(two, row)

    assert after == {**before, "city": "Rome", "position": 8, "updatedAt": after["updatedAt"]}
    assert after["updatedAt"] > before["updatedAt"]


async def test_a_record_that_is_changed_stands_where_a_new_one_would(two: Client) -> None:
    moved = await upsert(two, {"id": ANN, "city": "Rome"}, {"city": "new"}, {"id": BOB, "city": "Bonn"})
    again = await upsert(two, {"id": ANN, "city": "Rome"}, {"id": BOB, "city": "Bonn", "position": "last"})
    placed = await upsert(two, {"id": ANN, "position": 3}, {"id": BOB})

    assert [each["position"] for each in moved] == [-1, -2, -3]
    assert [each["position"] for each in again] == [-1, -3]
    assert [each["position"] for each in placed] == [3, -3]


async def test_a_change_of_nothing_is_no_event(two: Client) -> None:
    ann, bob = {"id": ANN, "city": "Oslo", "email": "ann@acme.example"}, {"email": "bob@acme.example"}
    await upsert(two, ann, {"id": BOB}, bob)

    assert await told(two) == []


async def test_a_deleted_record_is_revived(two: Client) -> None:
    await two.data(f'mutation {{ deletePerson(id: "{ANN}") {{ id }} }}')
    await forget_events(two)
    (found,) = await upsert(two, {"email": "ann@acme.example", "city": "Rome"})

    assert (found["id"], found["deletedAt"], found["jobTitle"]) == (ANN, None, "Cook")
    (event,) = await events(two)
    assert (event.action, set(event.updated_fields or ())) == ("restored", {"deletedAt", "city", "position"})
    assert event.before is not None
    assert event.after is not None
    assert (event.before["city"], event.after["city"]) == ("Oslo", "Rome")
    assert event.before["deletedAt"] is not None
    assert event.after["deletedAt"] is None


async def test_a_live_record_is_meant_rather_than_a_deleted_one_and_of_those_the_last(client: Client) -> None:
    remove = "mutation($id: UUID!) { deletePerson(id: $id) { id } }"
    for identity in (EVE, ANN, BOB):
        await client.data(CREATE, {"data": [{"id": identity, "email": "a@acme.example"}]})
        if identity != BOB:
            await client.data(remove, {"id": identity})

    assert (await upsert(client, {"email": "a@acme.example"}))[0]["id"] == BOB
    await client.data(remove, {"id": BOB})
    assert (await upsert(client, {"email": "a@acme.example"}))[0]["id"] == BOB
    await client.data("mutation($id: UUID!) { destroyPerson(id: $id) { id } }", {"id": BOB})
    assert (await upsert(client, {"email": "a@acme.example"}))[0]["id"] == ANN


@pytest.mark.parametrize("nothing", [None, "", " "])
async def test_without_a_value_no_record_is_matched(two: Client, nothing: str | None) -> None:
    await upsert(two, {"email": nothing})
    (second,) = await upsert(two, {"emails": {"primaryEmail": nothing}, "city": "Bonn"})

    assert second["city"] == "Bonn"
    assert len(await people(two)) == 4


async def test_a_row_that_means_two_records_is_refused_and_nothing_is_done(two: Client) -> None:
    message = (
        "Multiple records found with the same unique field values for emails.primaryEmail: bob@acme.example, "
        f"id: {ANN}. Cannot determine which record to update."
    )
    refused = Failure(message=message, code="BAD_USER_INPUT", sub_code="UPSERT_MULTIPLE_MATCHING_RECORDS_CONFLICT")
    row = {"id": ANN, "email": "bob@acme.example"}
    before = await people(two)

    assert await failure(two, ONE, {"data": row}) == refused
    assert await failure(two, MANY, {"data": [{"id": BOB, "city": "Bonn"}, {"city": "Rome"}, row]}) == refused
    assert await people(two) == before
    assert await told(two) == []


async def test_rows_that_mean_one_record_are_handled_one_after_the_other(two: Client) -> None:
    found = await upsert(
        two,
        {"email": "eve@acme.example", "city": "Bonn"},
        {"id": ANN, "city": "Rome"},
        {"email": "eve@acme.example", "jobTitle": "Spy"},
        {"email": "ann@acme.example", "jobTitle": "Baker"},
    )

    assert found[0]["id"] == found[2]["id"]
    assert [(each["city"], each["jobTitle"]) for each in found] == [("Bonn", "Spy"), ("Rome", "Baker")] * 2
    eve = found[0]["id"]
    assert await told(two) == [
        ("created", eve, frozenset()),
        ("updated", ANN, frozenset({"city", "position"})),
        ("updated", eve, frozenset({"jobTitle", "position"})),
        ("updated", ANN, frozenset({"jobTitle", "position"})),
    ]


async def test_a_row_may_take_what_one_before_it_gives_up(two: Client) -> None:
    await upsert(two, {"id": ANN, "email": "new@acme.example"}, {"id": BOB, "email": "ann@acme.example"})

    found = await people(two)
    assert (found[ANN]["email"], found[BOB]["email"]) == ("new@acme.example", "ann@acme.example")


async def test_an_id_that_is_new_may_stand_in_several_rows(two: Client) -> None:
    found = await upsert(two, {"id": EVE, "email": "ann@acme.example"}, {"id": EVE}, {"id": EVE, "city": "Bonn"})
    assert [each["id"] for each in found] == [ANN, EVE, EVE]

    other = {"id": MISSING}
    before = await people(two)
    refused = await failure(two, MANY, {"data": [other, {**other, "email": "ann@acme.example"}]})
    assert refused.sub_code == "UPSERT_MULTIPLE_MATCHING_RECORDS_CONFLICT"
    assert await people(two) == before


async def test_the_index_of_a_row_does_not_matter_for_its_error(two: Client) -> None:
    rows = [{"id": BOB}, {"id": BOB}, {"id": BOB, "email": "ann@acme.example"}]

    found = await failure(two, MANY, {"data": rows})
    assert found.sub_code == "UPSERT_MULTIPLE_MATCHING_RECORDS_CONFLICT"


async def test_new_records_stand_before_all_others_in_their_order(two: Client) -> None:
    alone = await upsert(two, {}, {}, {"id": ANN})
    with_a_pair = await upsert(two, {}, {"id": BOB}, {"id": BOB}, {}, {"position": 3.5}, {"position": "last"})

    assert [each["position"] for each in alone] == [-1, -2, 7]
    places = [each["position"] for each in with_a_pair]
    assert places[0] > places[3]
    assert max(places[0], places[3]) < -2
    assert places[4] == 3.5
    assert places[5] > 7


async def test_a_record_is_named_by_all_columns_of_a_group_or_by_none(client: Client) -> None:
    made = await client.data(
        """mutation {
            m: createMessage(data: { subject: "Hello" }) { id }
            c: createMessageChannel(data: { handle: "a" }) { id }
        }"""
    )
    ids = {"messageId": made["m"]["id"], "messageChannelId": made["c"]["id"]}
    query = (
        "mutation($data: MessageChannelMessageAssociationCreateInput!)"
        " { createMessageChannelMessageAssociation(data: $data, upsert: true) { id direction } }"
    )

    async def put(data: Json) -> Json:
        return (await client.data(query, {"data": data}))["createMessageChannelMessageAssociation"]

    first = await put(ids)
    assert (await put({**ids, "direction": "OUTGOING"})) == {"id": first["id"], "direction": "OUTGOING"}
    assert (await put({"messageId": ids["messageId"]}))["id"] != first["id"]


# -- what a row writes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", [{"id": ACME}, {"domainName": {"primaryLinkUrl": "https://acme.example"}}])
async def test_a_row_can_connect(two: Client, where: Json) -> None:
    connect = {"company": {"connect": {"where": where}}}
    found = await upsert(two, {"id": ANN, **connect}, {"id": EVE, **connect}, {"id": BOB}, {"id": BOB, **connect})

    assert [each["companyId"] for each in found] == [ACME] * 4
    assert ("updated", ANN, frozenset({"company", "position"})) in await told(two)
    (apart,) = await upsert(two, {"id": ANN, "company": {"disconnect": True}})
    assert apart["companyId"] is None


async def test_a_row_cannot_connect_to_what_is_not_there(two: Client) -> None:
    rows = [{"id": EVE}, {"id": ANN, "company": {"connect": {"where": {"id": MISSING}}}}]

    assert await failure(two, MANY, {"data": rows}) == refusal(
        f"Expected 1 record to connect to company, but found 0 for id = {MISSING}", "CONNECT_RECORD_NOT_FOUND"
    )
    assert await told(two) == []


async def test_the_answer_shows_what_all_rows_have_done(two: Client) -> None:
    query = (
        "mutation($data: [PersonCreateInput!]!) { createPeople(data: $data, upsert: true)"
        " { id company { people { totalCount } } } }"
    )
    rows = [{"id": ANN, "companyId": ACME}, {"id": EVE, "companyId": ACME}, {"companyId": ACME}]

    found = await two.data(query, {"data": rows})
    assert [each["company"] for each in found["createPeople"]] == [{"people": {"totalCount": 3}}] * 3


async def test_only_the_parts_given_change(two: Client) -> None:
    (found,) = await upsert(two, {"id": ANN, "name": {"firstName": "Ann", "lastName": "Ek"}})
    assert found["name"] == {"firstName": "Ann", "lastName": "Ek"}
    (found,) = await upsert(two, {"id": ANN, "firstName": "Anna"})
    assert found["name"] == {"firstName": "Anna", "lastName": "Ek"}
    found, _ = await upsert(two, {"id": ANN, "name": {"lastName": None}}, {"name": {"firstName": "Eve"}})
    assert (found["name"], found["email"]) == ({"firstName": "Anna", "lastName": None}, "ann@acme.example")


async def test_an_amount_without_its_currency_keeps_the_one_it_has(client: Client) -> None:
    query = (
        "mutation($data: [CompanyCreateInput!]!) { createCompanies(data: $data, upsert: true)"
        " { annualRecurringRevenue { amountMicros currencyCode } } }"
    )
    domain = {"domainName": "https://acme.example"}

    async def put(*rows: Json) -> list[tuple[int | None, str | None]]:
        found = (await client.data(query, {"data": list(rows)}))["createCompanies"]
        return [tuple(each["annualRecurringRevenue"].values()) for each in found]

    assert await put({**domain, "annualRecurringRevenue": {"amountMicros": 1, "currencyCode": "EUR"}}) == [(1, "EUR")]
    assert await put({**domain, "annualRevenue": 2}, {"annualRevenue": 3}) == [(2000000, "EUR"), (3000000, "USD")]
    assert await put({**domain, "annualRevenue": 4}, domain) == [(4000000, "EUR")] * 2


async def test_in_one_batch_each_row_says_by_itself_who_created_it(client: Client) -> None:
    for mutation, key in ((MANY, "createPeople"), (MANY.replace(", upsert: true", ""), "createPeople")):
        found = (await client.data(mutation, {"data": [{"createdBy": {"source": "IMPORT"}}, {}]}))[key]
        assert [each["createdBy"]["source"] for each in found] == ["IMPORT", "API"]


# -- what cannot be asked ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given_upsert", ["null", "false", "$no"])
async def test_without_upsert_what_is_there_is_a_duplicate(two: Client, given_upsert: str) -> None:
    declared = "($no: Boolean)" if given_upsert == "$no" else ""
    found = await failure(
        two, f'mutation{declared} {{ createPerson(data: {{ id: "{ANN}" }}, upsert: {given_upsert}) {{ id }} }}'
    )
    assert found.sub_code == "DUPLICATE_ENTRY_DETECTED"


@pytest.mark.parametrize("wrong", ["true", 1, [True], {}])
async def test_upsert_is_a_boolean(two: Client, wrong: Json) -> None:
    query = "mutation($upsert: Boolean) { createPerson(data: {}, upsert: $upsert) { id } }"

    found = await failure(two, query, {"upsert": wrong})
    assert found.code == "BAD_USER_INPUT"
    assert "Boolean cannot represent a non boolean value" in found.message
    assert await told(two) == []


async def test_only_creations_can_be_upserts(two: Client) -> None:
    query = f'mutation {{ updatePerson(id: "{ANN}", data: {{}}, upsert: true) {{ id }} }}'

    found = await failure(two, query)
    assert found.message.startswith('Unknown argument "upsert" on field "Mutation.updatePerson".')


async def test_a_value_that_does_not_fit_undoes_the_batch(two: Client) -> None:
    rows = [{"id": ANN, "city": "Rome"}, {"id": EVE}, {"companyId": MISSING}]

    found = await failure(two, MANY, {"data": rows})
    assert found.sub_code == "RELATION_TARGET_NOT_FOUND"
    assert await told(two) == []


async def test_a_batch_has_its_limit(two: Client) -> None:
    for count in (61, 10_000):
        found = await failure(two, MANY, {"data": [{}] * count})
        assert found == refusal("Maximum number of records to upsert is 60.", "TOO_MANY_RECORDS_TO_UPDATE")
    assert await upsert(two) == []
    assert len(await upsert(two, *[{}] * 60)) == 60


# -- against the slow twin --------------------------------------------------------------------------------------------

IDS = [f"{number}0000000-0000-4000-8000-00000000000{number}" for number in range(1, 7)]
MAILS = ["a@x.example", "b@x.example", "c@x.example"]
COMPANIES = [ACME, "31313131-0c28-43d9-b8f7-2b12e84b4d5e"]

words = st.sampled_from([None, "", "Oslo", "Rome"])
links: st.SearchStrategy[Json] = st.one_of(
    st.fixed_dictionaries({"companyId": st.sampled_from([None, *COMPANIES])}),
    st.sampled_from(COMPANIES).map(lambda it: {"company": {"connect": {"where": {"id": it}}}}),
    st.just({}),
)
values = st.fixed_dictionaries(
    {},
    optional={
        "city": words,
        "jobTitle": words,
        "name": st.none() | st.fixed_dictionaries({}, optional={"firstName": words, "lastName": words}),
        "position": st.sampled_from(["first", "last", 1.25, 2.5, -4.125]),
        "createdBy": st.sampled_from([None, {"source": "IMPORT"}]),
    },
)
keys = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from([*IDS, IDS[0].upper()]),
        "email": st.sampled_from([*MAILS, *MAILS, "A@X.example ", "", None]),
    },
)
rows_ = st.tuples(keys, values, links).map(lambda parts: {**parts[0], **parts[1], **parts[2]})
batches = st.lists(rows_, min_size=1, max_size=6)
# Everybody comes with an address and may go again, so that several had the same.
histories = st.lists(st.tuples(st.sampled_from([*MAILS, None]), words, st.booleans()), max_size=len(IDS))


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[tuple[str | None, str | None, bool]], list[list[dict[str, Any]]]]:
    return draw(histories), draw(st.lists(batches, min_size=1, max_size=3))


async def begin(client: Client, history: list[tuple[str | None, str | None, bool]]) -> None:
    """Makes the people of a history one after the other."""
    everybody = ("deletedAt: { is: NULL }", "deletedAt: { is: NOT_NULL }")
    parts = [f"a{len(some)}: destroyPeople(filter: {{ {some} }}) {{ id }}" for some in everybody]
    taken: set[str] = set()
    for identity, (address, city, goes) in zip(IDS, history, strict=False):
        shown = f'"{address}"' if address and address not in taken else "null"
        place = "null" if city is None else f'"{city}"'
        data = f'{{ id: "{identity}", email: {shown}, city: {place}, position: 0 }}'
        parts.append(f"c{len(parts)}: createPerson(data: {data}) {{ id }}")
        if goes:
            parts.append(f'd{len(parts)}: deletePerson(id: "{identity}") {{ id }}')
        elif address:
            taken.add(address)
    await client.data(f"mutation {{ {' '.join(parts)} }}")


@pytest.fixture
async def firms(client: Client) -> Client:
    await client.data(
        "mutation($data: [CompanyCreateInput!]!) { createCompanies(data: $data) { id } }",
        {"data": [{"id": each} for each in COMPANIES]},
    )
    return client


@given(case=cases())
@settings(
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    deadline=None,
    derandomize=True,
    max_examples=200,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_batches_do_what_the_twin_does(
    firms: Client, case: tuple[list[tuple[str | None, str | None, bool]], list[list[dict[str, Any]]]]
) -> None:
    history, asked = case
    await begin(firms, history)
    for batch in asked:
        await one_batch(firms, batch)


async def one_batch(client: Client, batch: list[dict[str, Any]]) -> None:
    before = await people(client)
    await forget_events(client)
    answer = await client.ask(MANY, {"data": batch})
    after = await people(client)
    twin = UpsertTwin(deepcopy(before))
    data = answer["data"]
    assert isinstance(data, dict)
    found = data["createPeople"]
    ids = [each["id"] for each in found] if found is not None else [f"new {index}" for index in range(len(batch))]
    refused = twin.refusal(batch, ids)
    if refused is not None:
        errors = answer["errors"]
        assert isinstance(errors, list)
        assert [each["extensions"]["subCode"] for each in errors] == [refused]
        assert after == before
        assert await events(client) == []
        return
    assert "errors" not in answer, answer
    assert [each["id"] for each in found] == twin.answer
    assert [after[each["id"]] for each in found] == found
    check_places(before, after, twin)
    assert {key: without_times(each) for key, each in after.items()} == {
        key: without_times(each) for key, each in twin.people.items()
    }
    await check_events(client, twin, after)


def check_places(before: dict[str, Person], after: dict[str, Person], twin: UpsertTwin) -> None:
    """People who are new or changed stand where they asked to; the twin learns where that is."""
    known = [each["position"] for each in before.values()]
    for end, sign in (("first", -1), ("last", 1)):
        placed = [key for key, place in twin.placed.items() if place == end]
        places = [sign * after[key]["position"] for key in placed]
        assert places == sorted(set(places)), "each stands beyond those before it"
        assert all(place > max((sign * other for other in known), default=-100) for place in places)
        for key in placed:
            twin.people[key]["position"] = after[key]["position"]


def without_times(person: Person) -> Person:
    return {key: value for key, value in person.items() if key not in ("createdAt", "updatedAt")}


async def check_events(client: Client, twin: UpsertTwin, after: dict[str, Person]) -> None:
    log = await events(client)
    by_record: dict[str, list[Change]] = {}
    for event in log:
        fields = None if event.action == "created" else frozenset(event.updated_fields or ())
        by_record.setdefault(event.record_id, []).append(Change(event.action, fields))
        assert event.after is not None
        assert event.after["deletedAt"] is None
    assert by_record == twin.changes
    last = {event.record_id: event.after or {} for event in log}
    for identity, columns in last.items():
        person = after[identity]
        assert (columns["city"], columns["emailsPrimaryEmail"]) == (person["city"], person["email"])
    assert Counter(event.kind for event in log) == Counter({"person": len(log)} if log else {})
