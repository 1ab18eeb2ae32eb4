"""How long servers go on serving a field after the commit that has hidden it."""

import asyncio
import time
from collections.abc import Sequence
from uuid import UUID

from rapport.metadata.catalog import Catalog
from rapport.metadata.evolution.fields import update_field
from rapport.metadata.evolving import Evolving
from rapport.store.database import Database
from tests.acceptance.fire.load import NOT_IN_MODEL, WrongAnswer
from tests.acceptance.fire.wire import Wire

QUESTION = "{ people(first: 1) { edges { node { id xLink { primaryLinkUrl } } } } }"
GIVE_UP_SECONDS = 5.0


async def lags(
    database: Database, workspace_id: UUID, wires: Sequence[Wire], field_id: UUID, *, rounds: int
) -> list[float]:
    """Seconds from the commit to the last request that was still served, of each server and round."""
    commits: list[float] = []

    def watch(event: str) -> None:
        if event == "commit":
            commits.append(time.monotonic())

    def hidden(catalog: Catalog) -> Catalog:
        return update_field(catalog, field_id, {"isActive": False})

    def shown(catalog: Catalog) -> Catalog:
        return update_field(catalog, field_id, {"isActive": True})

    evolving = Evolving(database, forget=lambda _id: None, watch=watch)
    found: list[float] = []
    for _ in range(rounds):
        asking = [asyncio.create_task(_last_served(wire)) for wire in wires]
        await asyncio.sleep(0.05)
        await evolving.change(workspace_id, hidden)
        found += [max(0.0, last - commits[-1]) for last in await asyncio.gather(*asking)]
        await evolving.change(workspace_id, shown)
        for answer in await asyncio.gather(*(wire.ask(QUESTION) for wire in wires)):
            if answer.codes:
                raise WrongAnswer(f"the field is there again, and not served: {answer}")
    return found


async def _last_served(wire: Wire) -> float:
    give_up = time.monotonic() + GIVE_UP_SECONDS
    last = 0.0
    while time.monotonic() < give_up:
        answer = await wire.ask(QUESTION)
        if answer.codes:
            assert answer.codes <= NOT_IN_MODEL, answer
            return last
        last = answer.asked
    raise WrongAnswer("a field that is hidden goes on being served")
