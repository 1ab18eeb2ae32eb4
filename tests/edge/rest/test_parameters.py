"""Reading query strings."""

import pytest

from rapport.edge.misuse import BadRequest
from rapport.edge.rest.metadata import read_filter
from rapport.edge.rest.paging import read_paging
from rapport.edge.rest.parameters import Parameters


@pytest.mark.parametrize(
    ("query", "paging"),
    [
        (b"", {"first": 1000}),
        (b"limit=&starting_after=&ending_before=", {"first": 1000}),
        (b"limit=0", {"first": 0}),
        (b"limit=007", {"first": 7}),
        (b"limit=999999999", {"first": 1000}),
        (b"limit=" + b"9" * 10_000, {"first": 1000}),
        (b"starting_after=abc%3D%3D", {"first": 1000, "after": "abc=="}),
        (b"limit=5&startingAfter=x", {"first": 5, "after": "x"}),
        (b"after=x", {"first": 1000, "after": "x"}),
        (b"after=c&startingAfter=b&starting_after=a", {"first": 1000, "after": "a"}),
        (b"limit=5&ending_before=x", {"last": 5, "before": "x"}),
        (b"endingBefore=x", {"last": 1000, "before": "x"}),
        (b"before=x&unknown=1&unknown=2&LIMIT=y", {"last": 1000, "before": "x"}),
        (b"after=%C3%A9%00%ff", {"first": 1000, "after": "é\0\ufffd"}),
        ("after=é".encode(), {"first": 1000, "after": "é"}),
    ],
)
def test_pages(query: bytes, paging: object) -> None:
    assert read_paging(Parameters(query), default=1000, most=1000) == paging


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (b"limit=aaa", "limit 'aaa' is invalid. Should be an integer"),
        (b"limit=-1", "limit '-1' is invalid. Should be an integer"),
        (b"limit=1.5", "limit '1.5' is invalid. Should be an integer"),
        (b"limit=%2010", "limit ' 10' is invalid. Should be an integer"),
        ("limit=٣".encode(), "limit '٣' is invalid. Should be an integer"),
        (b"limit=" + b"x" * 5_000, f"limit '{'x' * 80}' is invalid. Should be an integer"),
        (b"limit=1&limit=1", "'limit' is given more than once"),
        (b"after=x&after=y", "'after' is given more than once"),
        (b"after=x&before=y", "Cannot provide both starting_after and ending_before"),
    ],
)
def test_pages_that_cannot_be(query: bytes, message: str) -> None:
    with pytest.raises(BadRequest) as caught:
        read_paging(Parameters(query), default=1000, most=1000)

    assert caught.value.message == message


def test_a_thousand_parameters_are_enough() -> None:
    Parameters(b"&".join([b"a=1"] * 1_000))
    with pytest.raises(BadRequest):
        Parameters(b"&".join([b"a=1"] * 1_001))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (b"", None),
        (b"filter=", None),
        (b"filter=null", None),
        (b"filter={}", {}),
        (b"filter=%7B%22isCustom%22%3A%7B%22is%22%3Atrue%7D%7D", {"isCustom": {"is": True}}),
    ],
)
def test_filters(query: bytes, found: object) -> None:
    assert read_filter(Parameters(query)) == found


@pytest.mark.parametrize(
    "query",
    [b"filter=isCustom[is]:true", b"filter=[]", b"filter=5", b'filter="x"', b"filter={", b"filter=" + b"[" * 50_000,
     b"filter[isCustom][is]=true", b"filter={}&filter={}"],
    ids=lambda query: query[:30].decode(),
)  # fmt: skip
def test_a_filter_that_is_not_understood_is_refused(query: bytes) -> None:
    """Leaving it out would answer with more than was asked for."""
    with pytest.raises(BadRequest):
        read_filter(Parameters(query))
