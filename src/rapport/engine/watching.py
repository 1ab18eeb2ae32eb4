"""What events tell those who watch records: how a record was before and after, and which conditions it met then."""

from dataclasses import dataclass

from rapport.base.errors import PermissionDenied
from rapport.engine.kept import fitting
from rapport.engine.plan import Item, Predicate
from rapport.engine.predicates import PredicateWriter, row_rule
from rapport.engine.reading import Reader, Source
from rapport.engine.sql import Parameters, Value, concat
from rapport.metadata.catalog import Object
from rapport.metadata.names import literal, qualified

_BEFORE, _AFTER = "b", "a"


@dataclass(frozen=True, kw_only=True)
class Condition:
    """What records are watched for. ``mentions_deleted``: soft-deleted ones are meant, too."""

    filter: Predicate
    mentions_deleted: bool = False


@dataclass(frozen=True, kw_only=True)
class States:
    """The records of an object as the events numbered ``seqs`` (bigint[]) tell of them."""

    schema: str
    object: Object
    items: tuple[Item, ...]
    seqs: Value


@dataclass(frozen=True, kw_only=True)
class Hits:
    """Which of the conditions those records met."""

    schema: str
    object: Object
    conditions: tuple[Condition, ...]
    seqs: Value


def write_states(plan: States, parameters: Parameters) -> str:
    """A statement of five columns, in the order of the events: `seq`, the JSON of the record `before` and `after` as
    bytes, and whether it `was` and `is` there, not soft-deleted. A state that there is not for the caller is null.

    A record that is destroyed was there, even if it had been soft-deleted before: nobody has it any more.
    """
    _demand(plan.object)
    reader = Reader(plan.schema, parameters)

    def record(alias: str) -> str:
        return f"case when s.{alias} then {concat(reader.record(plan.items, Source(alias)))}::bpchar end"

    columns = (
        f"{record(_BEFORE)} as before, {record(_AFTER)} as after, "
        f's.{_BEFORE} and {_is_there(_BEFORE)} as "was", s.{_AFTER} and {_is_there(_AFTER)} as "is"'
    )
    return f"select e.seq, {columns} {_events(plan.schema, plan.object, plan.seqs, parameters)} order by e.seq"


def write_hits(plan: Hits, parameters: Parameters) -> str:
    """A statement of two columns, for events of which some condition was met: `seq` and `hits`.

    That is a digit for each condition: 1 where only the record before the event met it, 2 where only the one after it
    did, 3 for both, 0 for neither.
    """
    _demand(plan.object)

    def meets(condition: Condition, alias: str) -> str:
        met = f"s.{alias} and ({PredicateWriter(plan.schema, parameters).write(condition.filter, alias)})"
        return met if condition.mentions_deleted else f"{met} and {_is_there(alias)}"

    digits = [
        f"(case when {meets(each, _BEFORE)} then 1 else 0 end + case when {meets(each, _AFTER)} then 2 else 0 end)"
        for each in plan.conditions
    ]
    events = _events(plan.schema, plan.object, plan.seqs, parameters)
    found = f"select e.seq, concat({', '.join(digits)}) as hits {events}"
    return f"select h.seq, h.hits from ({found}) h where h.hits ~ '[123]' order by h.seq"


def _events(schema: str, item: Object, seqs: Value, parameters: Parameters) -> str:
    """The events `e`, rows `b` and `a` as they were before and after, and `s`, which says whether there are such."""
    table = qualified(schema, item.table)

    def row(column: str, alias: str) -> str:
        return f"cross join lateral jsonb_populate_record(null::{table}, {fitting(f'e.{column}', item)}) {alias}"

    def is_seen(column: str, alias: str) -> str:
        return f"(e.{column} is not null and ({row_rule(item, schema, parameters, alias)})) as {alias}"

    return (
        f"from {qualified(schema, 'event')} e {row('before', _BEFORE)} {row('after', _AFTER)} "
        f"cross join lateral (select {is_seen('before', _BEFORE)}, {is_seen('after', _AFTER)} offset 0) s "
        f"where e.seq = any({parameters.add(seqs)}) and e.object = {literal(item.name)}"
    )


def _is_there(alias: str) -> str:
    live = f'{alias}."deletedAt" is null'
    return live if alias == _AFTER else f"({live} or e.action = 'destroyed')"


def _demand(item: Object) -> None:
    if not item.rights.read:
        raise PermissionDenied
