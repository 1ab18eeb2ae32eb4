"""The examples of the guide to event streams."""

import json

from rapport.live.signature import DEEPEST, LARGEST, MOST_CONDITIONS
from rapport.live.streams import LIFETIME, LONGEST_ID, MOST_QUERIES, MOST_STREAMS
from tests.docs.markdown import ROOT
from tests.live.streams import opened
from tests.serving import Client

GUIDE = (ROOT / "docs" / "event-streams.md").read_text(encoding="utf-8")


def examples(language: str) -> list[str]:
    return [each.partition("```")[0] for each in GUIDE.split(f"```{language}\n")[1:]]


async def test_the_examples_open_a_stream_and_add_a_query(client: Client) -> None:
    (subscription, mutation), (variables,) = examples("graphql"), map(json.loads, examples("json"))
    async with opened(client, variables["input"]["eventStreamId"], document=subscription) as stream:
        assert await client.data(mutation, variables) == {"addQueryToEventStream": True}
        made = await client.data('mutation { createPerson(data: { city: "Bergen" }) { id } }')
        record_id = made["createPerson"]["id"]
        await client.data(f'mutation {{ updatePerson(id: "{record_id}", data: {{ city: "Oslo" }}) {{ id }} }}')
        element = await stream.element()
        assert element["queryIds"] == ["people in Oslo"]
        assert element["event"]["properties"]["diff"] == {"city": {"before": "Bergen", "after": "Oslo"}}
        assert json.dumps(element["event"]["properties"]["diff"]) in GUIDE


def test_the_limits_are_those_of_the_guide() -> None:
    assert f"lives for {LIFETIME.total_seconds() / 60:.0f} minutes" in GUIDE
    limits = " ".join(GUIDE.partition("\nLimits: ")[2].split())
    assert limits == (
        f"{MOST_STREAMS} streams of one caller, of which those without a connection give way first; "
        f"{MOST_QUERIES} queries on a stream; {LARGEST:,} bytes for a signature, with {MOST_CONDITIONS} conditions, "
        f"{DEEPEST} deep; {LONGEST_ID} characters for an id."
    )
