"""Changes: from what a request asks for to what runs it, and from its body to rows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, cast
from uuid import UUID

from rapport.edge.misuse import BadRequest
from rapport.edge.rest.records.given import Given
from rapport.edge.rest.records.preconditions import TAGS
from rapport.edge.rest.records.showing import only_id, record_items
from rapport.engine import plan
from rapport.engine.costs import cost_of_records
from rapport.engine.sql import Parameters, Value
from rapport.engine.statement import Statement
from rapport.engine.writing import write_targets
from rapport.metadata.fieldtypes.leaves.uuid import UUID as UUID_LEAF
from rapport.records.actor import ACTOR
from rapport.records.changing import RunningChange
from rapport.records.merge import InvalidMerge, MergeRequest, RunningMerge
from rapport.records.restricted import Hooks, running_change
from rapport.records.restrictions import check_verb
from rapport.records.rights import check_right
from rapport.records.rows import RowBuilder, Rows
from rapport.store.database import Database

_REMOVALS = ("delete", "destroy")
_TAGS = Value(sql_type="bytea[]", path=(TAGS,))


class NoFilter(BadRequest):
    """Filters are mandatory for bulk operations"""

    def __init__(self, verb: str) -> None:
        super().__init__(f"Filters are mandatory for bulk {verb} operations")


@dataclass(frozen=True, kw_only=True)
class CompiledChange:
    """``key`` is where the answer has its value."""

    key: str
    running: RunningChange
    builder: RowBuilder
    weight: int = 200_000  # bytes of memory, about: with its statements, which are made when it runs

    def answer(self, value: bytes) -> bytes:
        """The whole answer."""
        return b'{"data":{"' + self.key.encode() + b'":' + value + b"}}"

    async def finds_another_state(self, database: Database, values: Mapping[str, object]) -> bool:
        """Whether there is the record that was not found unchanged."""
        parameters = Parameters()
        sql = write_targets(replace(self.running.change, unchanged=None), parameters, lock=False)
        return bool(await database.value(sql, *Statement.of(sql, parameters).bind(values)))

    def rows(self, data: object, values: Mapping[str, object], *, is_upsert: bool) -> Rows | None:
        """The rows that the body stands for, ``data``. Raises what is wrong with it."""
        change = self.running.change
        if change.verb == "create":
            return self.builder.creation(data if isinstance(data, list) else [data], upsert=is_upsert)
        if change.is_keyed:
            assert isinstance(data, list)
            return self.builder.updates(data)
        if change.verb == "update":
            return self.builder.update(data, None if change.many else own_id(values))
        return None


def by_id(record_id: str) -> Mapping[str, object]:
    """The filter that finds one record."""
    return {"id": {"eq": record_id}}


def own_id(values: Mapping[str, object]) -> str:
    """The id in a filter of ``by_id``."""
    return str(UUID(values["filter"]["id"]["eq"]))  # type: ignore[index]


def compile_change(given: Given, hooks: Hooks) -> CompiledChange:
    """Raises what is wrong with the request, but for its body."""
    item, catalog, asked = given.object, given.catalog, given.asked
    check_verb(item, asked.verb)
    check_right(item, asked.verb)
    condition, mentions_deleted = given.condition(item)
    given.refuse()
    if asked.many and asked.verb != "create" and not asked.is_keyed and plan.is_vacuous(condition):
        raise NoFilter(asked.verb)
    is_removal = asked.verb in _REMOVALS
    is_shown = not is_removal or (asked.verb == "delete" and not asked.many)  # what can be restored has a tag
    depth = 0 if is_removal else asked.depth
    change = plan.Change(
        schema=catalog.schema,
        verb=cast(Literal["create", "update", "delete", "restore", "destroy"], asked.verb),
        object=item,
        many=asked.many,
        items=record_items(catalog, item, depth, has_end=not asked.many) if is_shown else only_id(item),
        actor=ACTOR,
        filter=condition,
        mentions_deleted=mentions_deleted,
        is_keyed=asked.is_keyed,
        unchanged=plan.Unchanged(items=record_items(catalog, item, 0), digests=_TAGS) if asked.has_tags else None,
    )
    given.demand_cost(cost_of_records(change.items, given.limits.max_batch if asked.many else 1, condition))
    name = item.plural if asked.many else item.name
    verb = "delete" if is_removal else asked.verb
    return CompiledChange(
        key=f"{verb}{_capital(name)}",
        running=running_change(catalog, change, hooks),
        builder=RowBuilder(catalog, item, limit=given.limits.max_batch),
    )


@dataclass(frozen=True, kw_only=True)
class CompiledMerge:
    """``keys`` are where the answer has its value: clients of two ages look for it in two places."""

    keys: tuple[str, ...]
    running: RunningMerge
    weight: int = 200_000  # bytes of memory, about


def compile_merge(given: Given) -> CompiledMerge:
    """Raises what is wrong with the request, but for its body."""
    item = given.object
    check_verb(item, "merge")
    check_right(item, "merge")
    items = record_items(given.catalog, item, given.asked.depth)
    return CompiledMerge(
        keys=tuple(f"merge{_capital(name)}" for name in (item.name, item.plural)),
        running=RunningMerge(given.catalog, item, items),
    )


def read_merge(body: Mapping[str, object], survivor: str | None) -> MergeRequest:
    """What is to be merged. ``survivor`` is the id in the path, which the body need not repeat. Raises BadUserInput."""
    ids, priority, dry_run = body.get("ids"), body.get("conflictPriorityIndex"), body.get("dryRun", False)
    if not isinstance(ids, list):
        raise InvalidMerge("'ids' should be a list of record IDs")
    wanted = [str(UUID_LEAF.param(each, "id")) for each in ids]
    if survivor is not None:
        survivor = str(UUID(survivor))
        if survivor not in wanted:
            wanted.insert(0, survivor)
        priority = wanted.index(survivor)
    if not isinstance(priority, int) or isinstance(priority, bool):
        raise InvalidMerge("'conflictPriorityIndex' should be an integer")
    if not isinstance(dry_run, bool | None):
        raise InvalidMerge("'dryRun' should be true or false")
    request = MergeRequest(ids=tuple(wanted), priority=priority, dry_run=dry_run is True)
    request.check()
    return request


def _capital(name: str) -> str:
    return name[0].upper() + name[1:]
