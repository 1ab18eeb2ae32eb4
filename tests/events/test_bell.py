"""The bell: who is told that something has happened, and how often."""

import asyncio
from uuid import UUID

from rapport.base.ids import new_id
from rapport.events.bell import EVENTS, Bell
from rapport.store.notifications import Payload

ACME, UMBRELLA = new_id(), new_id()


async def test_all_rings_are_heard_here_at_once_and_told_to_others_together() -> None:
    told: list[tuple[str, object]] = []
    heard: list[UUID] = []

    async def send(kind: str, payload: Payload) -> None:
        told.append((kind, payload["workspaces"]))

    bell = Bell(send)
    bell.listen(heard.append)
    for _ in range(3):
        bell.ring(ACME)
    assert heard == [ACME] * 3
    await bell.close()
    assert told == [(EVENTS, [ACME])]
    bell.ring(UMBRELLA)
    await bell.close()
    assert told == [(EVENTS, [ACME]), (EVENTS, [UMBRELLA])]


async def test_where_it_rings_all_the_time_others_are_told_now_and_then() -> None:
    told: list[object] = []

    async def send(kind: str, payload: Payload) -> None:
        told.append(payload["workspaces"])

    bell = Bell(send)
    rings = 0
    while len(told) < 3:
        bell.ring(ACME)
        rings += 1
        await asyncio.sleep(0.001)
    await bell.close()
    assert rings >= 20
    assert told == [[ACME]] * len(told)
