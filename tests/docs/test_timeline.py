"""The examples of the guide to the timeline."""

from tests.docs.markdown import ROOT
from tests.serving import Client
from tests.timeline.telling import Teller

GUIDE = (ROOT / "docs" / "timeline.md").read_text(encoding="utf-8")


async def test_the_query_and_the_address_show_what_has_happened(client: Client) -> None:
    made = await client.data('mutation { createPerson(data: { city: "Oslo" }) { id } }')
    person = made["createPerson"]["id"]
    await client.data(f'mutation {{ updatePerson(id: "{person}", data: {{ city: "Rome" }}) {{ id }} }}')
    await Teller(client).tell()

    query = GUIDE.partition("```graphql\n")[2].partition("```")[0]
    edges = (await client.data(query, {"id": person}))["person"]["timelineActivities"]["edges"]
    assert [edge["node"]["name"] for edge in edges] == ["person.updated", "person.created"]
    diff = edges[0]["node"]["properties"]
    assert diff == {"diff": {"city": {"before": "Oslo", "after": "Rome"}}}
    assert '{"diff": {"city": {"before": "Oslo", "after": "Rome"}}}' in GUIDE

    address = GUIDE.partition("`GET ")[2].partition("`")[0].replace("…", person)
    headers = {"Authorization": f"Bearer {client.tenant.key}"}
    answer = (await client.http.get(f"{client.url}{address}", headers=headers)).json()
    assert [each["name"] for each in answer["data"]["timelineActivities"]] == ["person.updated", "person.created"]
