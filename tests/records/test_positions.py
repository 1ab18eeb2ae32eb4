"""Positions that are far out do not spoil the places before and after them."""

import pytest

from tests.records.asking import ask, fail
from tests.records.failure import refusal
from tests.serving import Client

FAR = 2**52


@pytest.mark.parametrize("position", ["1e308", "-1e308", "1e17", str(FAR * 2)])
async def test_a_position_beyond_all_others_is_refused(client: Client, position: str) -> None:
    found = [
        await fail(client, f"createPerson(data: {{position: {position}}}) {{ id }}"),
        await fail(client, f"createPeople(data: [{{}}, {{position: {position}}}]) {{ id }}"),
        await fail(client, f"createPerson(data: {{position: {position}}}, upsert: true) {{ id }}"),
    ]
    assert len(set(map(str, found))) == 1
    shown = found[0].message.removeprefix("Invalid position value ").removesuffix(' for field "position"')
    assert float(shown) == float(position)
    assert found[0] == refusal(f'Invalid position value {shown} for field "position"')


async def test_there_are_places_before_and_after_the_outermost(client: Client) -> None:
    await ask(client, f"createPeople(data: [{{position: {FAR}}}, {{position: -{FAR}}}]) {{ id }}")
    found = await ask(client, 'createPeople(data: [{position: "first"}, {position: "last"}]) { position }')

    first, last = (each["position"] for each in found)
    assert first < -FAR
    assert last > FAR
    compared = "{ people(filter: { position: { lt: 1e308, gt: -1e308 } }) { totalCount } }"
    assert await client.data(compared) == {"people": {"totalCount": 4}}
