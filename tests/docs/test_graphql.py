"""The examples of the guide to GraphQL can be sent as they stand."""

import re

from graphql import parse

from tests.docs.markdown import ROOT
from tests.serving import Client

EXAMPLES = re.findall(
    r"^```graphql\n(.*?)^```$", (ROOT / "docs" / "graphql.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)


async def test_every_example_is_answered_without_errors(client: Client) -> None:
    """One after the other on an empty workspace; those with `…` stand for many."""
    for example in EXAMPLES:
        parse(example)
        if "…" not in example:
            answer = await client.ask(example)
            assert "errors" not in answer, (example, answer)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 5
