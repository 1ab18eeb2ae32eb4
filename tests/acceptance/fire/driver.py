"""Changes the model at one server after the other, and looks at once what each server says of it."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.acceptance.fire.load import NOT_IN_MODEL, SELECTION, WrongAnswer
from tests.acceptance.fire.script import Change, Script
from tests.acceptance.fire.timeline import Tag, Timeline
from tests.acceptance.fire.wire import Wire, at, nodes

IDS = """{
  objects(paging: { first: 1000 }) { edges { node { id nameSingular namePlural fieldsList { id name } } } }
}"""
OLD_SERVED_SECONDS = 5.0  # so long is asked for what is gone before giving up


@dataclass(kw_only=True)
class Found:
    """Seconds: of each change, until each server answered with what is new, and for how long with what is gone."""

    changes: dict[str, list[float]] = field(default_factory=dict)
    new: list[float] = field(default_factory=list)
    old: list[float] = field(default_factory=list)


class Driver:
    """``wires``: one to each server."""

    def __init__(self, wires: Sequence[Wire], timeline: Timeline) -> None:
        self._wires = wires
        self._timeline = timeline
        self.script = Script(timeline, {})
        self.found = Found()

    async def begin(self) -> None:
        """Learns the ids of what is there."""
        answer = await self._wires[0].ask(IDS)
        for each in nodes(answer.data["objects"]):
            plural, name = str(at(each, "namePlural")), str(at(each, "nameSingular"))
            fields = at(each, "fieldsList")
            assert isinstance(fields, list)
            self.script.ids |= {plural: str(at(each, "id")), name: str(at(each, "id"))}
            self.script.ids |= {f"{name}.{at(one, 'name')}": str(at(one, "id")) for one in fields}

    async def run(self, changes: int, *, seconds: float) -> None:
        """So many changes, or as many as there is time for."""
        script = self.script.changes()
        end = time.monotonic() + seconds
        for number in range(changes):
            if time.monotonic() > end:
                return
            change = next(script)
            acknowledged = await self._apply(change, self._wires[number % len(self._wires)])
            if number % 3:  # some follow each other at once
                await asyncio.gather(*(self._look(change.effects, each, acknowledged) for each in self._wires))

    async def _apply(self, change: Change, wire: Wire) -> float:
        """When the change was acknowledged."""
        with self._timeline.changing(change.label, change.effects):
            answer = await wire.ask(change.query, {"input": dict(change.input)})
            if answer.codes:
                raise WrongAnswer(f"{change}: {answer}")
            if change.makes:
                self.script.ids[change.makes] = str(at(answer.data, "done", "id"))
        self.found.changes.setdefault(change.label, []).append(answer.answered - answer.asked)
        return answer.answered

    async def _look(self, effects: Mapping[str, Tag | None], wire: Wire, acknowledged: float) -> None:
        # A filter by an option that there is not is answered, by no record: options show in what may be written.
        shown = {slot: tag for slot, tag in effects.items() if "=" not in slot}
        new = [slot for slot, tag in shown.items() if tag is not None]
        gone = [slot for slot, tag in shown.items() if tag is None]
        for slot in new[:2]:
            answer = await wire.ask(self._question(slot))
            if answer.codes or answer.status != 200:
                raise WrongAnswer(f"{slot} is new, and not served: {answer}")
            self.found.new.append(answer.answered - acknowledged)
        for slot in gone[:1]:
            await self._until_gone(slot, wire, acknowledged)

    async def _until_gone(self, slot: str, wire: Wire, acknowledged: float) -> None:
        last_served = acknowledged
        while time.monotonic() < acknowledged + OLD_SERVED_SECONDS:
            answer = await wire.ask(self._question(slot))
            if answer.codes:
                if not answer.codes <= NOT_IN_MODEL:
                    raise WrongAnswer(f"{slot} is gone: {answer}")
                self.found.old.append(max(0.0, last_served - acknowledged))
                return
            last_served = answer.asked
        raise WrongAnswer(f"{slot} is gone and still served by {wire.port}")

    def _question(self, slot: str) -> str:
        """A document that is valid if and only if something fills the slot."""
        owner, _, name = slot.partition(".")
        if not name:
            return f"{{ {owner}(first: 1) {{ edges {{ node {{ id }} }} }} }}"
        plural = "people" if owner == "person" else owner
        selection = SELECTION.get(self._kind(slot), "")
        return f"{{ {plural}(first: 1) {{ edges {{ node {{ id {name} {selection} }} }} }} }}"

    def _kind(self, slot: str) -> str:
        return self.script.kinds.get(self._timeline.last(slot) or "", "")


def quantiles(seconds: Sequence[float]) -> str:
    """`n 800, median 3.1 ms, 95 % 20.0 ms, 99 % 41.2 ms, most 62.0 ms`"""
    if not seconds:
        return "none"
    ordered = sorted(seconds)

    def at_share(share: float) -> str:
        return f"{ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000:.1f} ms"

    return f"n {len(ordered)}, median {at_share(0.5)}, 95 % {at_share(0.95)}, 99 % {at_share(0.99)}, most {at_share(1)}"
