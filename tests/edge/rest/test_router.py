"""Finding the handler of a path."""

import pytest

from rapport.edge.answer import Answer
from rapport.edge.rest.request import RestRequest
from rapport.edge.rest.router import Route, Router


async def nobody(_request: RestRequest) -> Answer:
    raise NotImplementedError


def route(method: str, path: str) -> Route:
    return Route(methods=(method,), path=path, handler=nobody)


ROUTER = Router(
    [
        route("GET", "{objects}"),
        route("GET", "{objects}/{id}"),
        route("PATCH", "{objects}/{id}"),
        route("GET", "{objects}/groupBy"),
        route("POST", "batch/{objects}"),
        route("GET", "metadata/objects"),
        route("GET", "metadata/objects/{id}"),
    ]
)


@pytest.mark.parametrize(
    ("path", "found", "values"),
    [
        ("people", "{objects}", {"objects": "people"}),
        ("people/1", "{objects}/{id}", {"objects": "people", "id": "1"}),
        ("people/groupBy", "{objects}/groupBy", {"objects": "people"}),
        ("batch/people", "batch/{objects}", {"objects": "people"}),
        ("metadata/objects", "metadata/objects", {}),
        ("metadata/fields", "{objects}/{id}", {"objects": "metadata", "id": "fields"}),
        ("metadata/objects/{id}", "metadata/objects/{id}", {"id": "{id}"}),
    ],
)
def test_a_word_goes_before_a_placeholder(path: str, found: str, values: dict[str, str]) -> None:
    place = ROUTER.find(path.split("/"))

    assert place is not None
    assert (place[0].path, place[1]) == (found, values)


@pytest.mark.parametrize("segments", [[], [""], ["", ""], ["people", ""], ["", "1"], ["a", "b", "c"], ["Metadata", ""]])
def test_other_paths_lead_nowhere(segments: list[str]) -> None:
    assert ROUTER.find(segments) is None


def test_a_place_knows_its_methods() -> None:
    found = ROUTER.find(["people", "1"])

    assert found is not None
    place = found[0]
    assert place.allowed == ("GET", "PATCH", "HEAD", "OPTIONS")
    assert place.route("HEAD") is place.route("GET")
    assert place.route("PATCH") is not None
    assert place.route("POST") is None


def test_two_handlers_for_one_thing_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="GET people has two handlers"):
        Router([route("GET", "people"), route("GET", "people")])
