"""Asks a server to search, over HTTP."""

import base64
import json
from collections.abc import Iterator
from typing import TypeAlias

from tests.serving import Client

Json: TypeAlias = dict[str, object]

QUERY = """
query ($s: String!, $l: Int!, $a: String, $o: Int, $inc: [String!], $exc: [String!], $f: ObjectRecordFilterInput) {
  search(
    searchInput: $s, limit: $l, after: $a, offset: $o
    includedObjectNameSingulars: $inc, excludedObjectNameSingulars: $exc, filter: $f
  ) {
    edges {
      cursor
      node { recordId objectNameSingular objectLabelSingular label imageUrl tsRank tsRankCD }
    }
    pageInfo { endCursor hasNextPage }
  }
}
"""


class Answer:
    """What a search found."""

    def __init__(self, found: Json) -> None:
        edges, page = found["edges"], found["pageInfo"]
        assert isinstance(edges, list)
        assert isinstance(page, dict)
        self.nodes: list[dict[str, str]] = [edge["node"] for edge in edges]
        self.cursors: list[str] = [edge["cursor"] for edge in edges]
        self.has_next: bool = page["hasNextPage"]
        self.end: str | None = page["endCursor"]

    @property
    def ids(self) -> list[str]:
        return [node["recordId"] for node in self.nodes]

    @property
    def labels(self) -> list[str]:
        return [node["label"] for node in self.nodes]

    @property
    def ranks(self) -> list[tuple[float, float]]:
        return [(float(node["tsRankCD"]), float(node["tsRank"])) for node in self.nodes]


async def search(client: Client, text: str, limit: int = 20, **more: object) -> Answer:
    """``more`` has the names of the variables: `a` after, `o` offset, `inc`, `exc`, `f` filter."""
    data = await client.data(QUERY, {"s": text, "l": limit, **more})
    return Answer(data["search"])


async def refusal(client: Client, text: str, limit: int = 20, **more: object) -> tuple[str, object, object]:
    """Message, code and subCode of the one error that a search is answered with."""
    answer = await client.ask(QUERY, {"s": text, "l": limit, **more})
    assert answer.get("data") is None
    errors = answer["errors"]
    assert isinstance(errors, list)
    ((message, extensions),) = [(error["message"], error["extensions"]) for error in errors]
    return message, extensions["code"], extensions.get("subCode")


def decoded(cursor: str) -> Json:
    found = json.loads(base64.b64decode(cursor))
    assert isinstance(found, dict)
    return found


def encoded(content: object) -> str:
    return base64.b64encode(json.dumps(content).encode()).decode()


async def pages(client: Client, text: str, limit: int, **more: object) -> list[Answer]:
    """All pages, each after the last cursor of the one before."""
    found = [await search(client, text, limit, **more)]
    while found[-1].has_next:
        found.append(await search(client, text, limit, **{**more, "a": found[-1].end}))
    return found


def numbered(count: int, prefix: str) -> Iterator[str]:
    """Ids that can be told apart: `a0000000-0000-4000-8000-000000000001` …"""
    for number in range(1, count + 1):
        yield f"{prefix}0000000-0000-4000-8000-{number:012}"
