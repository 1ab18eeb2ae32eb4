"""The guide says what is so."""

import re

from rapport.access.roles import UNRESTRICTABLE_FIELDS
from rapport.roles.row_rules import DEEPEST_GROUP, MOST_GROUPS, MOST_PREDICATES
from tests.docs.markdown import ROOT
from tests.serving import Client

GUIDE = (ROOT / "docs" / "roles.md").read_text(encoding="utf-8")


async def test_the_examples_of_the_guide_are_answered(client: Client) -> None:
    examples = re.findall(r"^```graphql\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    assert examples
    for example in examples:
        await client.data(example)


def test_the_guide_names_the_limits_and_the_fields_that_stay_open() -> None:
    assert f"Up to {MOST_GROUPS} groups, {DEEPEST_GROUP} deep, and {MOST_PREDICATES} predicates." in GUIDE
    (sentence,) = re.findall(r"^(.*) cannot be restricted:", GUIDE, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", sentence)) == UNRESTRICTABLE_FIELDS
