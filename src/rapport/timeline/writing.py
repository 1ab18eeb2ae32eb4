"""Finds and writes the entries of timelines: a few statements for each object, however many entries there are."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from rapport.store.database import Connection
from rapport.timeline.entries import TOGETHER, Entry, Happening, Told, may_go_on, prefix
from rapport.timeline.subjects import Subject

T = TypeVar("T", Happening, Entry)

_SKEW = timedelta(hours=1)  # by which the clocks of servers may differ at most
_ACTIONS: tuple[Told, ...] = ("created", "updated", "deleted", "restored", "destroyed")


async def held(connection: Connection, happenings: Sequence[Happening]) -> Sequence[Happening]:
    """Those about records that are there, and cannot be destroyed until the transaction ends."""
    gone: dict[str, set[UUID]] = {}
    # Always in the same order, and before anything is written: so does whoever destroys or merges records.
    for subject, some in sorted(_by_subject(happenings), key=lambda each: each[0].name):
        ids = {each.record_id for each in some}
        if await connection.value(subject.hold_all, list(ids)) != len(ids):
            gone[subject.name] = ids - {row["id"] for row in await connection.rows(subject.hold, list(ids))}
    if not gone:
        return happenings
    return [each for each in happenings if each.record_id not in gone.get(each.subject.name, ())]


async def find_latest(connection: Connection, happenings: Sequence[Happening]) -> Sequence[Entry]:
    """The last entries of records, as far as they may have more to tell."""
    found: list[Entry] = []
    for subject, some in _by_subject(may_go_on(happenings)):
        since = min(each.event.happened_at for each in some) - TOGETHER
        by_place = {(each.record_id, each.linked): each for each in some}
        rows = await connection.rows(
            subject.find_latest,
            [each.record_id for each in some],
            [each.linked for each in some],
            # Ids of entries grow with the time at which they are written, which is after that of which they tell.
            UUID(int=int((since - _SKEW).timestamp() * 1000) << 80),
            since,
            [
                f"{name}.{action}"
                for name in {prefix(each.subject, each.source) for each in some}
                for action in _ACTIONS
            ],
        )
        for row in rows:
            happening = by_place[row["record"], row["linked"]]
            if row["name"] == happening.name:
                found.append(
                    Entry(
                        id=str(row["id"]),
                        subject=subject,
                        record_id=happening.record_id,
                        action="updated",
                        member=row["member"],
                        since=row["since"],
                        source=happening.source,
                        linked=happening.linked,
                        is_known=True,
                    )
                )
    return found


async def write(connection: Connection, entries: Sequence[Entry]) -> None:
    for subject, some in _by_subject(entries):
        own = [each for each in some if each.linked is None]
        plain = [each for each in some if not each.is_known and (each.linked or each.action == "destroyed")]
        known = [each for each in some if each.is_known and each.linked]
        created = [each for each in own if each.action == "created"]
        changed = [each for each in own if each.action not in ("created", "destroyed")]
        if created:
            await connection.execute(
                subject.add_creations,
                [each.first.seq for each in created],
                [each.id for each in created],
                [each.member for each in created],
            )
        if changed:
            await connection.execute(
                subject.add_changes,
                [each.first.seq for each in changed],
                [each.last.seq for each in changed],
                [",".join(each.keys) for each in changed],
                [each.id for each in changed],
                [each.is_known for each in changed],
                [each.member for each in changed],
            )
        if plain:
            await _add(connection, subject, plain)
        if known:
            await connection.execute(
                subject.renew_entries,
                [each.id for each in known],
                [each.last.happened_at for each in known],
                [each.title for each in known],
            )


async def _add(connection: Connection, subject: Subject, entries: Sequence[Entry]) -> None:
    await connection.execute(
        subject.add_entries,
        [each.id for each in entries],
        [each.since for each in entries],
        [each.last.happened_at for each in entries],
        [each.name for each in entries],
        [each.member for each in entries],
        [each.record_id for each in entries],
        [each.linked for each in entries],
        [each.title for each in entries],
        [each.source.item.id if each.source else None for each in entries],
        [each.moment or each.since for each in entries],
    )


async def drop_twins(connection: Connection, happenings: Sequence[Happening]) -> None:
    """Of entries that tell the same of the same record, the oldest stays: those of merged records come together.

    To be called last: it waits for nobody, so that nobody who waits for this transaction is waited for.
    """
    for subject, some in _by_subject(happenings):
        await connection.execute(
            subject.drop_twins,
            list({each.record_id for each in some}),
            list({each.linked for each in some}),
            list({each.name for each in some}),
        )


def _by_subject(told: Iterable[T]) -> Iterable[tuple[Subject, list[T]]]:
    found: dict[str, tuple[Subject, list[T]]] = {}
    for each in told:
        found.setdefault(each.subject.name, (each.subject, []))[1].append(each)
    return found.values()
