"""What counts as the same answer, and what is learnt by comparing."""

import base64
import json

import pytest

from tests.contract.comparing import Matching

THERE, HERE = "05051ac7-ce8d-4831-ab06-6f5b070cba7a", "01a202ff-95ba-7506-b42f-558f50411930"
BY_HAND, OTHER_BY_HAND = "a0000001-0000-4000-8000-000000000001", "a0000001-0000-4000-8000-000000000002"

TIME = "2026-11-22T03:05:01.808Z"


def cursor(**values: object) -> str:
    return base64.b64encode(json.dumps(values).encode()).decode()


def kinds(recorded: object, found: object, **lengths: int | None) -> list[tuple[str, str]]:
    """Path and kind of each difference."""
    compared = Matching().differences(recorded, found, lengths={f"$.{key}": size for key, size in lengths.items()})
    return [(each.path, each.kind) for each in compared]


@pytest.mark.parametrize(
    ("recorded", "found"),
    [
        ({"a": 1, "b": [True, 1.5]}, {"b": [True, 1.5], "a": 1}),
        ({"city": ""}, {"city": None}),
        ({"id": THERE, "again": THERE}, {"id": HERE, "again": HERE}),
        ({"createdAt": TIME}, {"createdAt": "2020-01-01T00:00:00.000Z"}),
        ({"token": "<token>"}, {"token": "abc"}),
        ({"endCursor": cursor(id=THERE, p=1)}, {"endCursor": cursor(id=HERE, p=1)}),
        ({"blocknote": '[{"id":"1","type":"x"}]'}, {"blocknote": '[{"id":"2","type":"x"}]'}),
        ({"message": f"No {THERE}", "id": THERE}, {"message": f"No {THERE}", "id": HERE}),
    ],
)
def test_the_same_answer_may_have_other_ids_and_times(recorded: object, found: object) -> None:
    assert kinds(recorded, found) == []


@pytest.mark.parametrize(
    ("recorded", "found", "expected"),
    [
        ({"a": 1}, {}, [("$.a", "shape")]),
        ({}, {"a": 1}, [("$.a", "shape")]),
        ({"a": 1}, {"a": 2}, [("$.a", "value")]),
        ({"a": 1}, {"a": 1.0}, [("$.a", "shape")]),
        ({"a": 1}, {"a": True}, [("$.a", "shape")]),
        ({"a": "1"}, {"a": 1}, [("$.a", "shape")]),
        ({"a": {}}, {"a": []}, [("$.a", "shape")]),
        ({"a": THERE}, {"a": "x"}, [("$.a", "shape")]),
        ({"a": THERE, "b": THERE}, {"a": HERE, "b": THERE}, [("$.b", "value")]),
        ({"a": BY_HAND}, {"a": OTHER_BY_HAND}, [("$.a", "value")]),
        ({"closeDate": TIME}, {"closeDate": "2020-01-01T00:00:00.000Z"}, [("$.closeDate", "value")]),
        ({"cursor": cursor(id=THERE, p=1)}, {"cursor": cursor(id=HERE, p=2)}, [("$.cursor<>.p", "value")]),
        ([1, 2], [1], [("$", "value")]),
        ({"errors": [{"message": "a"}]}, {"errors": [{"message": "b", "path": ["x"]}]},
         [("$.errors[0].message", "value"), ("$.errors[0].path", "decided")]),
        ({"errors": [{"extensions": {"a": 1}}]}, {"errors": [{"extensions": {"statusCode": 400, "b": 1, "a": 1}}]},
         [("$.errors[0].extensions.statusCode", "decided"), ("$.errors[0].extensions.b", "shape")]),
    ],
)  # fmt: skip
def test_what_differs_has_a_path_and_a_kind(recorded: object, found: object, expected: list[tuple[str, str]]) -> None:
    assert kinds(recorded, found) == expected


def test_a_list_that_was_cut_is_compared_as_far_as_it_goes() -> None:
    recorded = {"rows": [1, 2]}

    assert kinds(recorded, {"rows": [1, 2, 3]}, rows=3) == []
    assert kinds(recorded, {"rows": [1, 2]}, rows=3) == [("$.rows", "value")]
    assert kinds(recorded, {"rows": [1, 9, 3, 4]}, rows=None) == [("$.rows[1]", "value")]


def test_what_was_learnt_is_put_into_the_requests_that_follow() -> None:
    matching = Matching()
    there, here = cursor(id=THERE), cursor(id=HERE)
    assert not list(matching.differences({"id": THERE, "cursor": there}, {"id": HERE, "cursor": here}))

    assert matching.here(f'{{"id": "{THERE}", "after": "{there}"}}') == f'{{"id": "{HERE}", "after": "{here}"}}'
