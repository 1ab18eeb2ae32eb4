"""Search over HTTP: what is found, how it is shown, in which order, page by page."""

import pytest

from tests.search.asking import QUERY, decoded, encoded, pages, refusal, search
from tests.serving import Client, make_tenant

ADA, BOB, CAT = (f"a0000000-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
ACME = "c0000000-0000-4000-8000-000000000001"
OTHERS = {name: f"d0000000-0000-4000-8000-00000000000{at}" for at, name in enumerate(("note", "task", "opportunity"))}

PEOPLE = [
    {
        "id": ADA,
        "name": {"firstName": "Ada Upserted", "lastName": "King"},
        "phones": {"primaryPhoneNumber": "+33612345678"},
        "avatarUrl": "https://pictures.example.com/ada.png",
    },
    {"id": BOB, "name": {"firstName": "Bob"}, "emails": {"primaryEmail": "ada@acme.example.com"}},
    {"id": CAT, "name": {"firstName": "Jean-Pierre", "lastName": "Dvořák O’Neil"}, "jobTitle": "Ingénieur"},
]


@pytest.fixture
async def filled(client: Client) -> Client:
    await client.data("mutation ($data: [PersonCreateInput!]!) { createPeople(data: $data) { id } }", {"data": PEOPLE})
    await client.data(
        """mutation ($company: CompanyCreateInput!, $note: NoteCreateInput!, $task: TaskCreateInput!,
            $opportunity: OpportunityCreateInput!) {
          createCompany(data: $company) { id }
          createNote(data: $note) { id }
          createTask(data: $task) { id }
          createOpportunity(data: $opportunity) { id }
        }""",
        {
            "company": {
                "id": ACME,
                "name": "Acme Upserted",
                "domainName": {"primaryLinkUrl": "https://acme.example.com"},
            },
            "note": {"id": OTHERS["note"], "title": "Kick-off", "bodyV2": {"markdown": "Sales/marketing for Zorro"}},
            "task": {"id": OTHERS["task"], "title": "Zorro"},
            "opportunity": {"id": OTHERS["opportunity"], "name": "Zorro"},
        },
    )
    return client


# -- what a real server of the contract answered (its example "search") ------------------------------------------------


async def test_a_first_name_and_the_beginning_of_an_address_are_found_alike(filled: Client) -> None:
    found = await search(filled, "ada", 10)
    assert found.nodes == [
        {
            "recordId": ADA,
            "objectNameSingular": "person",
            "objectLabelSingular": "Person",
            "label": "Ada Upserted King",
            "imageUrl": "https://pictures.example.com/ada.png",
            "tsRank": 0.06079271,
            "tsRankCD": 0.1,
        },
        {
            "recordId": BOB,
            "objectNameSingular": "person",
            "objectLabelSingular": "Person",
            "label": "Bob ",
            "imageUrl": "",
            "tsRank": 0.06079271,
            "tsRankCD": 0.1,
        },
    ]
    assert [decoded(cursor) for cursor in found.cursors] == [
        {"lastRanks": {"tsRankCD": 0.1, "tsRank": 0.06079271}, "lastRecordIdsPerObject": {"person": each}}
        for each in (ADA, BOB)
    ]
    assert (found.end, found.has_next) == (found.cursors[-1], False)


async def test_a_name_and_a_domain_count_twice(filled: Client) -> None:
    found = await search(filled, "acm", 10)
    assert (found.ids, found.ranks) == ([ACME, BOB], [(0.2, 0.12158542), (0.1, 0.06079271)])
    assert found.nodes[0]["label"] == "Acme Upserted"
    assert found.nodes[0]["imageUrl"] == "https://twenty-icons.com/acme.example.com"
    assert decoded(found.cursors[1])["lastRecordIdsPerObject"] == {"company": ACME, "person": BOB}


async def test_an_international_number_is_found(filled: Client) -> None:
    found = await search(filled, "+33612345678", 5)
    assert (found.ids, found.ranks) == ([ADA], [(0.1, 0.06079271)])
    assert (await search(filled, "612345")).ids == [ADA]


async def test_blank_text_finds_everything_without_a_rank(filled: Client) -> None:
    found = await search(filled, " ", 2)
    assert (found.ids, found.ranks, found.has_next) == ([ADA, BOB], [(0, 0), (0, 0)], True)
    assert decoded(found.cursors[0])["lastRanks"] == {"tsRankCD": 0, "tsRank": 0}
    everything = await search(filled, "")
    assert everything.ids == [ADA, BOB, CAT, ACME, OTHERS["opportunity"], OTHERS["note"], OTHERS["task"]]


async def test_a_part_of_a_domain_is_found(filled: Client) -> None:
    found = await search(filled, "acme.example", 3)
    assert found.ids == [ACME, BOB]
    assert (await search(filled, "example.com")).ids == [BOB, ACME]
    assert (await search(filled, "https://www.acme.example.com/")).ids == [ACME, BOB]


async def test_a_filter_on_the_time_of_creation_counts(filled: Client) -> None:
    found = await search(filled, "", 5, f={"createdAt": {"gte": "2100-01-01T00:00:00Z"}})
    assert (found.ids, found.end, found.has_next) == ([], None, False)


# -- words -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "JEAN-PIERRE",
        "jean",
        "pierre",
        "jean-p",
        "dvorak",
        "Dvořák pierre",
        "o’neil",
        "o'neil",
        "neil",
        "INGENIEUR",
        "ıng",
    ],
)
async def test_case_accents_and_signs_do_not_matter(filled: Client, text: str) -> None:
    assert (await search(filled, text)).ids == [CAT]


async def test_records_with_all_the_words_come_before_those_with_some(filled: Client) -> None:
    assert (await search(filled, "upserted acme")).ids == [ACME, ADA, BOB]
    assert (await search(filled, "zorro marketing")).ids == [
        OTHERS["note"],
        OTHERS["opportunity"],
        OTHERS["task"],
    ]
    assert [rank for rank, _ in (await search(filled, "zorro marketing")).ranks][1:] == [0, 0]


async def test_between_equals_people_come_first_then_companies_opportunities_notes_and_tasks(filled: Client) -> None:
    await filled.data('mutation { createPerson(data: {name: {firstName: "Zorro"}}) { id } }')
    await filled.data('mutation { createCompany(data: {name: "Zorro"}) { id } }')
    await filled.data('mutation { createDashboard(data: {title: "Zorro"}) { id } }')
    found = [node["objectNameSingular"] for node in (await search(filled, "zorro")).nodes]
    assert found == ["person", "company", "opportunity", "note", "task", "dashboard"]


@pytest.mark.parametrize(
    "text",
    [
        "&",
        "|!()",
        "<->",
        ":*",
        "'",
        "\\",
        "''''",
        "🚀",
        "\x00",
        "\u0301",
        "zq\x00b",
        "zzz & !ada",
        "'ada' | 'bob'",
        "%",
        "$1",
    ],
)
async def test_operators_and_odd_characters_are_no_more_than_that(filled: Client, text: str) -> None:
    found = await search(filled, text)
    expected = {"zzz & !ada": [ADA, BOB], "'ada' | 'bob'": [BOB, ADA]}
    assert found.ids == expected.get(text, [])


async def test_long_texts_are_answered_or_refused(filled: Client) -> None:
    assert (await search(filled, "ada " * 20_000)).ids == [ADA, BOB]
    assert (await search(filled, "x" * 500_000)).ids == []
    many = " ".join(f"word{number}" for number in range(5000))
    assert await refusal(filled, many) == (
        "A search can be for 50 words at most.",
        "BAD_USER_INPUT",
        "TOO_COMPLEX_QUERY",
    )
    assert (await search(filled, " ".join(f"w{number}" for number in range(49)) + " king")).ids == [ADA]


# -- which records -----------------------------------------------------------------------------------------------------


async def test_deleted_records_are_found_only_when_the_filter_asks_about_them(filled: Client) -> None:
    await filled.data(f'mutation {{ deletePerson(id: "{ADA}") {{ id }} }}')
    assert (await search(filled, "ada")).ids == [BOB]
    assert (await search(filled, "")).ids[0] == BOB
    assert (await search(filled, "ada", f={"deletedAt": {"is": "NOT_NULL"}})).ids == [ADA]
    both = {"or": [{"deletedAt": {"is": "NULL"}}, {"not": {"deletedAt": {"is": "NULL"}}}]}
    assert (await search(filled, "ada", f=both)).ids == [ADA, BOB]
    assert (await search(filled, "", 2, f=both)).ids == [ADA, BOB]
    assert (await search(filled, "ada", f={"not": {"and": [{"deletedAt": None}]}})).ids == []


async def test_filters_are_put_together(filled: Client) -> None:
    assert (await search(filled, "", f={"id": {"in": [ADA, ACME]}})).ids == [ADA, ACME]
    assert (await search(filled, "ada", f={"not": {"id": {"eq": ADA.upper()}}})).ids == [BOB]
    assert (await search(filled, "ada", f={"and": [{"id": {"gt": ADA}}, {"updatedAt": {"lt": "2100-01-01"}}]})).ids == [
        BOB
    ]
    assert (await search(filled, "ada", f={"or": [{"id": {"eq": ADA}}, {"id": {"is": "NULL"}}]})).ids == [ADA]
    assert (await search(filled, "ada", f={"id": {"in": []}})).ids == []
    assert (await search(filled, "ada", f={})).ids == [ADA, BOB]
    assert (await search(filled, "ada", f=None)).ids == [ADA, BOB]


async def test_objects_are_included_and_excluded_by_name(filled: Client) -> None:
    assert (await search(filled, "upserted", inc=["company"])).ids == [ACME]
    assert (await search(filled, "upserted", inc=[])).ids == [ADA, ACME]
    assert (await search(filled, "upserted", exc=["company"])).ids == [ADA]
    assert (await search(filled, "upserted", inc=["company", "person"], exc=["company"])).ids == [ADA]
    assert (await search(filled, "upserted", inc=["nobody", "noteTarget", "x\x00"])).ids == []
    assert (await search(filled, "upserted", exc=["nobody"])).ids == [ADA, ACME]


async def test_a_record_without_a_name_has_an_empty_label(client: Client) -> None:
    await client.data("mutation { createCompany(data: {}) { id } createPerson(data: {}) { id } }")
    found = await search(client, "")
    assert [(node["label"], node["imageUrl"]) for node in found.nodes] == [("", ""), ("", "")]


async def test_what_another_workspace_has_is_not_found(filled: Client) -> None:
    stranger = filled.as_tenant(await make_tenant(filled.database, "Strangers"))
    assert (await search(stranger, "ada")).ids == []
    cursor = (await search(filled, "ada", 1)).end
    assert (await search(stranger, "", a=cursor, f={"id": {"in": [ADA, BOB]}})).ids == []


async def test_a_model_that_another_process_has_changed_is_read_again(filled: Client) -> None:
    assert (await search(filled, "kick")).labels == ["Kick-off"]
    await filled.database.execute(f'alter table "{filled.tenant.schema}".note rename title to heading')
    await filled.database.execute("update core.\"fieldMetadata\" set name = 'heading' where name = 'title'")
    await filled.database.execute(
        """update core."objectMetadata" set "labelIdentifierFieldName" = 'heading' where "nameSingular" = 'note'"""
    )
    assert (await search(filled, "kick", inc=["note"])).labels == ["Kick-off"]


async def test_search_needs_somebody_who_asks(filled: Client) -> None:
    answer = await filled.http.post(f"{filled.url}/graphql", json={"query": QUERY, "variables": {"s": "a", "l": 1}})
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")


async def test_it_is_served_at_metadata_and_beside_record_fields(filled: Client) -> None:
    text = '{ people(first: 1) { totalCount } search(searchInput: "acm", limit: 1) { edges { node { label } } } }'
    for path in ("graphql", "metadata"):
        answer = await filled.http.post(
            f"{filled.url}/{path}", json={"query": text}, headers={"Authorization": f"Bearer {filled.tenant.key}"}
        )
        assert answer.json() == {
            "data": {"people": {"totalCount": 3}, "search": {"edges": [{"node": {"label": "Acme Upserted"}}]}}
        }


# -- pages -------------------------------------------------------------------------------------------------------------


async def test_pages_follow_each_other_without_a_gap(filled: Client) -> None:
    everything = await search(filled, "upserted zorro ada example")
    assert len(everything.ids) == 6
    for limit in (1, 2, 5):
        walked = await pages(filled, "upserted zorro ada example", limit)
        assert [each for page in walked for each in page.ids] == everything.ids
        assert decoded(walked[-1].cursors[-1]) == decoded(everything.cursors[-1])
    by_offset = [await search(filled, "upserted zorro ada example", 2, o=offset) for offset in range(8)]
    assert [page.ids for page in by_offset] == [everything.ids[offset : offset + 2] for offset in range(8)]
    assert [page.has_next for page in by_offset] == [True] * 4 + [False] * 4


async def test_a_page_can_be_empty(filled: Client) -> None:
    none = await search(filled, "ada", 0)
    assert (none.ids, none.end, none.has_next) == ([], None, True)
    assert not (await search(filled, "nobody", 0)).has_next


async def test_a_page_goes_on_where_its_last_record_was_although_that_is_gone(filled: Client) -> None:
    cursor = (await search(filled, "zorro", 2)).end
    await filled.data(f'mutation {{ destroyNote(id: "{OTHERS["note"]}") {{ id }} }}')
    assert (await search(filled, "zorro", a=cursor)).ids == [OTHERS["task"]]


async def test_a_cursor_of_another_search_is_a_place_in_this_one(filled: Client) -> None:
    ranked, unranked = (await search(filled, "acm", 1)).end, (await search(filled, "", 1)).end
    assert len((await search(filled, "", a=ranked)).ids) == 7
    assert (await search(filled, "ada", a=unranked)).ids == []
    foreign = {"lastRanks": {"tsRankCD": 0, "tsRank": 0}, "lastRecordIdsPerObject": {"nobody": ADA}}
    assert (await search(filled, "", a=encoded(foreign))).ids == []
    foreign["lastRanks"] = {"tsRankCD": 1, "tsRank": 1}
    assert (await search(filled, "ada", a=encoded(foreign))).ids == [ADA, BOB]


# -- bad input ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "message", "sub_code"),
    [
        ({"limit": -1}, "Limit argument must be non-negative", "INVALID_ARGS_LIMIT"),
        ({"o": -1}, "Offset argument must be non-negative", "INVALID_ARGS_OFFSET"),
        ({"a": "nonsense"}, "Invalid cursor: nonsense", "INVALID_CURSOR"),
        ({"a": ""}, "Invalid cursor: ", "INVALID_CURSOR"),
    ],
)
async def test_bad_pages_are_refused(client: Client, given: dict[str, object], message: str, sub_code: str) -> None:
    assert await refusal(client, "ada", **given) == (message, "BAD_USER_INPUT", sub_code)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"limit": None}, 'Variable "$l" of non-null type "Int!" must not be null.'),
        ({"limit": "5"}, None),
        ({"limit": 2**31}, None),
        ({"f": {"name": {"eq": "x"}}}, None),
        ({"f": {"id": {"eq": "x"}}}, None),
        ({"f": {"createdAt": {"gt": "yesterday"}}}, None),
        ({"f": {"createdAt": {"like": "2"}}}, None),
        ({"f": {"deletedAt": {"is": "MAYBE"}}}, None),
        ({"f": []}, None),
        ({"inc": [None]}, None),
        ({"inc": 5}, None),
        ({"a": 5}, None),
    ],
)
async def test_values_of_a_wrong_kind_are_refused(
    client: Client, given: dict[str, object], message: str | None
) -> None:
    found, code, _ = await refusal(client, "ada", **given)  # type: ignore[arg-type]
    assert code == "BAD_USER_INPUT"
    assert message in (None, found)


async def test_a_filter_may_have_so_many_conditions_only(client: Client) -> None:
    expected = ("A filter of a search may have 200 conditions, 20 deep at most.", "BAD_USER_INPUT", "TOO_COMPLEX_QUERY")
    wide = {"or": [{"id": {"eq": ADA}}] * 500}
    deep: dict[str, object] = {"id": {"eq": ADA}}
    for _ in range(30):
        deep = {"not": deep}
    assert await refusal(client, "ada", f=wide) == expected
    assert await refusal(client, "ada", f=deep) == expected
    assert (await search(client, "ada", f={"or": [{"id": {"eq": ADA}}] * 60})).ids == []
