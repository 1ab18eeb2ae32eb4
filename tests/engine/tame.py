"""Rows for the tests of aggregates and groups: few different values, and numbers whose sums are exact."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from random import Random

from tests.engine.shape import ENTITIES, Leaf
from tests.engine.twin import Json, Row
from tests.engine.world import MAILS, random_rows

POOLS: Mapping[str, Sequence[Json]] = {
    "text": (None, "", "a", "B", "é", "日本 😀", "'\"\\"),
    "number": (None, 0.0, -0.0, 1.5, -2.25, 2.0**40),
    "integer": (None, 0, 7, -3, 2**31 - 1),
    "numeric": (None, *map(Decimal, ("0", "0.0", "1.10", "1.1", "-250000", "9007199254740993", "1" + "0" * 30))),
    "moment": (
        None, "2024-03-31T00:59:59.999Z", "2024-03-31T01:00:00.000Z", "2024-10-27T00:30:00.000Z",
        "2024-12-31T23:30:00.000Z", "2025-01-01T04:30:00.000Z", "2025-01-05T12:00:00.000Z", "1900-06-15T23:59:00.000Z",
        "2024-02-29T10:00:00.000Z", "2031-07-04T15:45:00.001Z",
    ),
    "json": (*MAILS, []),
}  # fmt: skip


def tame_rows(random: Random) -> dict[str, list[Row]]:
    rows = random_rows(random, companies=25, people=120, opportunities=120, workflows=20)
    for name, given in rows.items():
        for row in given:
            _tame(random, name, row)  # type: ignore[arg-type]
    return rows


def _tame(random: Random, name: str, row: dict[str, Json]) -> None:
    for key, shape in ENTITIES[name].fields.items():
        if key in ("id", "deletedAt", "companyId", "emails"):
            continue
        if isinstance(shape, Leaf):
            if shape.kind in POOLS:
                pool = [each for each in POOLS[shape.kind] if each is not None or key not in ("position", "createdAt")]
                row[key] = random.choice(pool)
        elif isinstance(shape, Mapping):
            row[key] = {sub: random.choice(POOLS[leaf.kind]) for sub, leaf in shape.items()}
