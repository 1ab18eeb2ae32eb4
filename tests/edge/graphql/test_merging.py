"""Arguments of a merge that cannot be: each is refused with its reason, and nothing is merged."""

import pytest

from tests.records.events import events
from tests.records.failure import Failure, failure, refusal
from tests.serving import Client

A, B, MISSING = (f"a0000001-0000-4000-8000-00000000000{digit}" for digit in "123")
ACME = "c0000001-0000-4000-8000-000000000001"
MERGE = """mutation($ids: [UUID!]!, $index: Int!, $dry: Boolean) {
    mergePeople(ids: $ids, conflictPriorityIndex: $index, dryRun: $dry) { id }
}"""
NOT_FOUND = Failure(message="One or more records not found", code="NOT_FOUND", sub_code="RECORD_NOT_FOUND")


def invalid(message: str) -> Failure:
    return refusal(message, "INVALID_QUERY_INPUT")


def standard(message: str) -> Failure:
    return Failure(message=message, code="BAD_USER_INPUT")


@pytest.mark.parametrize("dry", [False, True])
@pytest.mark.parametrize(
    ("ids", "index", "expected"),
    [
        ([A, B], 9, invalid("Invalid conflict priority '9'. Valid options for 2 records: 0-1")),
        ([A, B], -1, invalid("Invalid conflict priority '-1'. Valid options for 2 records: 0-1")),
        ([A], 0, invalid("At least 2 record IDs are required for merge")),
        (A, 0, invalid("At least 2 record IDs are required for merge")),
        ([], 0, invalid("At least 2 record IDs are required for merge")),
        ([A] * 10, 0, invalid("Maximum 9 records can be merged at once")),
        ([A, B, A.upper()], 0, invalid("The record IDs to merge must be different from each other")),
        ([A, MISSING], 0, NOT_FOUND),
        ([A, ACME], 1, NOT_FOUND),
        ([A, "x"], 0, standard("Invalid UUID")),
        ([A, 3], 0, standard("UUID must be a string")),
        ([A, None], 0, standard('Expected non-nullable type "UUID!" not to be null.')),
        ([A, {"id": B}], 0, standard("UUID must be a string")),
        ([A, B], "0", standard('Int cannot represent non-integer value: "0"')),
        ([A, B], 0.5, standard("Int cannot represent non-integer value: 0.5")),
        ([A, B], 2**40, standard("Int cannot represent non 32-bit signed integer value: 1099511627776")),
    ],
)
async def test_bad_arguments_are_refused(
    shared: Client, ids: object, index: object, expected: Failure, *, dry: bool
) -> None:
    await shared.ask(f'mutation {{ createPeople(data: [{{ id: "{A}" }}, {{ id: "{B}" }}]) {{ id }} }}')
    await shared.ask(f'mutation {{ createCompany(data: {{ id: "{ACME}" }}) {{ id }} }}')
    before = await events(shared)
    await shared.ask(MERGE, {"ids": [A, MISSING], "index": 0, "dry": dry})  # a plan is there already

    assert await failure(shared, MERGE, {"ids": ids, "index": index, "dry": dry}) == expected
    assert await events(shared) == before


async def test_a_dry_run_must_be_told_by_a_boolean(shared: Client) -> None:
    refused = await failure(shared, MERGE, {"ids": [A, B], "index": 0, "dry": "yes"})
    assert refused == standard('Boolean cannot represent a non boolean value: "yes"')


async def test_missing_arguments_are_all_told(shared: Client) -> None:
    answer = await shared.ask("mutation { mergePeople(dryRun: true, id: 3) { id } }")

    assert [error["message"] for error in answer["errors"]] == [  # type: ignore[attr-defined]
        'Unknown argument "id" on field "Mutation.mergePeople". Did you mean "ids"?',
        'Field "mergePeople" argument "ids" of type "[UUID!]!" is required, but it was not provided.',
        'Field "mergePeople" argument "conflictPriorityIndex" of type "Int!" is required, but it was not provided.',
    ]
