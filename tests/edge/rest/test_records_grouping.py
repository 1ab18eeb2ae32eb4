"""`/rest/{objects}/groupBy`"""

import json
from urllib.parse import urlencode

import pytest

from tests.edge.rest.asking import error, send
from tests.edge.rest.records import ACME, ADA, BEN, CID, PERSON, Found, ask, fill
from tests.serving import Client


@pytest.fixture(scope="module")
async def filled(shared: Client) -> Client:
    await fill(shared)
    deals = [
        {
            "name": "A",
            "stage": "NEW",
            "amount": {"amountMicros": 9007199254740993},
            "closeDate": "2026-01-31T23:00:00Z",
        },
        {"name": "B", "stage": "NEW", "amount": {"amountMicros": 7}, "closeDate": "2026-02-01T00:30:00Z"},
        {"name": "C", "stage": "MEETING", "companyId": ACME, "probability": 0.5},
    ]
    await ask(shared, "POST", "/batch/opportunities", deals, 201)
    return shared


async def groups(client: Client, kind: str, **parameters: object) -> Found:
    given = {name: each if isinstance(each, str) else json.dumps(each) for name, each in parameters.items()}
    return await ask(client, "GET", f"/{kind}/groupBy?{urlencode(given)}")


async def test_groups_are_a_plain_list(filled: Client) -> None:
    found = await groups(
        filled, "opportunities", group_by=[{"stage": True}], aggregate=["countNotEmptyId", "sumAmountAmountMicros"]
    )

    assert found == [
        {"groupByDimensionValues": ["MEETING"], "countNotEmptyId": "1", "sumAmountAmountMicros": None},
        {"groupByDimensionValues": ["NEW"], "countNotEmptyId": "2", "sumAmountAmountMicros": "9007199254741000"},
    ]
    assert [list(each) for each in found] == [
        ["groupByDimensionValues", "countNotEmptyId", "sumAmountAmountMicros"]
    ] * 2


async def test_groups_in_an_envelope(filled: Client) -> None:
    plain = await groups(filled, "opportunities", group_by="stage")

    assert plain == [
        {"groupByDimensionValues": ["MEETING"], "totalCount": "1"},
        {"groupByDimensionValues": ["NEW"], "totalCount": "2"},
    ]
    assert await groups(filled, "opportunities", group_by="stage", envelope="true") == {
        "data": {"opportunitiesGroupBy": plain}
    }
    assert await groups(filled, "opportunities", group_by="stage", envelope="false") == plain


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("countEmptyCompany", None), ("countNotEmptyStage", "3"), ("countUniqueValuesStage", "2"), ("totalCount", "3"),
        ("percentageEmptyAmount", 1 / 3), ("minAmountAmountMicros", "7"), ("avgAmountAmountMicros", "4503599627370500"),
        ("maxProbability", 0.5), ("sumProbability", 0.5), ("avgProbability", 0.5),
        ("minCloseDate", "2026-01-31T23:00:00.000Z"),
    ],
)  # fmt: skip
async def test_counts_and_large_numbers_are_texts(filled: Client, name: str, value: object) -> None:
    parameters = urlencode({"group_by": '[{"deletedAt": true}]', "aggregate": name})
    answer = await send(filled, "GET", f"/opportunities/groupBy?{parameters}")
    if value is None:
        assert error(answer)[0] == 400
        return
    (group,) = answer.json()
    assert group["groupByDimensionValues"] == [None]
    assert group[name] == pytest.approx(value)
    assert type(group[name]) is type(value)


async def test_all_that_groups_can_be_made_by(filled: Client) -> None:
    async def values(**parameters: object) -> list[list[object]]:
        return [each["groupByDimensionValues"] for each in await groups(filled, "opportunities", **parameters)]

    assert await values(groupBy="stage,company.name") == [["MEETING", "Acme"], ["NEW", None]]
    assert await values(group_by=["stage", "company.name"]) == [["MEETING", "Acme"], ["NEW", None]]
    assert await values(group_by={"companyId": True}) == [[ACME], [None]]
    month = [{"closeDate": {"granularity": "MONTH"}}]
    assert len(await values(group_by=month)) == 3
    paris = [{"closeDate": {"granularity": "MONTH", "timeZone": "Europe/Paris"}}]
    assert len(await values(group_by=paris)) == 2
    assert await values(group_by="stage", filter="stage[eq]:MEETING") == [["MEETING"]]
    assert await values(**{"group_by": "stage", "filter[stage][eq]": "MEETING"}) == [["MEETING"]]
    assert await values(group_by="stage", order_by="stage[DescNullsLast]") == [["NEW"], ["MEETING"]]
    assert await values(group_by="stage", orderBy="aggregate.countNotEmptyId[DescNullsLast]") == [["NEW"], ["MEETING"]]
    assert await values(group_by="stage", order_by="totalCount[DescNullsLast]") == [["NEW"], ["MEETING"]]
    assert await values(group_by="stage", limit="1") == [["MEETING"]]
    assert await values(group_by="stage", limit="0") == [["MEETING"], ["NEW"]]


async def test_records_of_the_groups(filled: Client) -> None:
    found = await groups(
        filled, "people", group_by="companyId", include_records_sample="true",
        order_by_for_records="position[DescNullsLast]", order_by="companyId[AscNullsLast]",
    )  # fmt: skip

    assert [list(each) for each in found] == [["groupByDimensionValues", "totalCount", "records"]] * 2
    assert [[each["id"] for each in group["records"]] for group in found] == [[BEN, ADA], [CID]]
    assert list(found[0]["records"][0]) == PERSON
    deep = await groups(filled, "people", groupBy="companyId", includeRecordsSample="TRUE", depth="1")
    assert deep[0]["records"][0]["company"]["name"] == "Acme"
    same = await groups(
        filled, "people", groupBy="companyId", includeRecordsSample="true",
        orderByForRecords="position[DescNullsLast]",
    )  # fmt: skip
    assert [each["id"] for each in same[0]["records"]] == [BEN, ADA]


GROUP_BY = (
    'Invalid group_by query parameter - should be a valid array of objects - ex: [{"firstField": true}, '
    '{"secondField": {"subField": true}}, {"dateField": {"granularity": \'DAY\'}}]'
)
AGGREGATE = (
    "Invalid aggregate query parameter - should be a valid array of strings - ex:"
    ' ["countNotEmptyId", "countEmptyField"]'
)
ONE_EACH = "You cannot provide multiple fields in one GroupByInput, split them into multiple GroupByInput"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({}, GROUP_BY),
        ({"group_by": ""}, GROUP_BY),
        ({"group_by": "["}, GROUP_BY),
        ({"group_by": "[5]"}, GROUP_BY),
        ({"group_by": "[null]"}, GROUP_BY),
        ({"group_by": "[[]]"}, GROUP_BY),
        ({"group_by": "[" * 5_000}, GROUP_BY),
        ({"group_by": "[]"}, "You must provide at least one field in groupBy"),
        ({"group_by": "[{}]"}, "You must provide one field in each GroupByInput"),
        ({"group_by": "nope"}, "Unidentified field in groupBy: nope"),
        ({"group_by": "stage,"}, "Unidentified field in groupBy: "),
        ({"group_by": "x" * 5_000}, f"Unidentified field in groupBy: {'x' * 80}"),
        ({"group_by": '[{"stage":true,"name":true}]'}, ONE_EACH),
        ({"group_by": '[{"stage":5}]'}, "Boolean cannot represent a non boolean value: 5"),
        ({"group_by": '[{"closeDate":{"granularity":"AGE"}}]'},
         'Value "AGE" does not exist in "DateGranularityEnum" enum.'),
        ({"group_by": '[{"closeDate":{"timeZone":"Mars"}}]'}, 'Invalid time zone: "Mars"'),
        ({"group_by": "stage", "aggregate": "["}, AGGREGATE),
        ({"group_by": "stage", "aggregate": "[5]"}, AGGREGATE),
        ({"group_by": "stage", "aggregate": "nope"}, "aggregate 'nope' is not available for object 'opportunity'"),
        ({"group_by": "stage", "aggregate": "countNotEmptyId,"},
         "aggregate '' is not available for object 'opportunity'"),
        ({"group_by": "stage", "limit": "x"}, "limit 'x' is invalid. Should be an integer"),
        ({"group_by": "stage", "order_by": "name"},
         'Cannot order by "name": it is not among the fields of groupBy'),
        ({"group_by": "stage", "order_by": "nope"}, 'Object opportunity doesn\'t have any "nope" field.'),
        ({"group_by": "stage", "order_by": "aggregate.nope"},
         'Field "nope" is not defined by type "OpportunityOrderByAggregateInput".'),
        ({"group_by": "stage", "order_by_for_records": "nope"}, 'Object opportunity doesn\'t have any "nope" field.'),
        ({"group_by": "stage", "filter": "nope[eq]:1"}, 'Object opportunity doesn\'t have any "nope" field.'),
        ({"group_by": "stage", "include_records_sample": "x"},
         "'include_records_sample' is invalid. Should be true or false"),
        ({"group_by": "stage", "view_id": "x"}, "Invalid UUID"),
    ],
    ids=lambda value: str(value)[:60],
)  # fmt: skip
async def test_groups_that_cannot_be_made(filled: Client, query: dict[str, str], message: str) -> None:
    for _ in range(2):
        status, code, found = error(await send(filled, "GET", f"/opportunities/groupBy?{urlencode(query)}"))
        assert (status, code) == (400, "BAD_USER_INPUT")
        assert found.startswith(message)


async def test_groups_of_an_object_that_there_is_not(filled: Client) -> None:
    answer = await send(filled, "GET", "/opportunity/groupBy?group_by=stage")

    assert error(answer) == (400, "BAD_USER_INPUT", "object 'opportunity' not found. Did you mean 'opportunities'?")
