"""Whether an answer of REST has what an answer of GraphQL has: all of it, for REST shows the whole of each record."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

Found: TypeAlias = Any  # JSON


def disagreements(data: Mapping[str, Found], answer: Found) -> list[str]:
    """``data`` is that of the only root field of a GraphQL answer, ``answer`` the whole answer of REST."""
    ((root, value),) = data.items()
    if isinstance(answer, list):  # groups
        return list(_differences(value, answer, root))
    inside = answer["data"]
    if isinstance(inside, list):  # duplicates, for each candidate
        return list(_differences(value, inside, root))
    found = inside.get(root) if root in inside else next(iter(inside.values()))
    if isinstance(value, dict) and "edges" in value:
        beside = {name: each for name, each in answer.items() if name != "data"}
        return list(_differences(value, {**beside, "records": found}, root))
    return list(_differences(value, found, root))


def _differences(ours: Found, theirs: Found, path: str) -> Iterator[str]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name, value in ours.items():
            if name == "edges":
                yield from _differences([each["node"] for each in value], _records(theirs), f"{path}.records")
            elif name not in theirs:
                yield f"{path}.{name} is absent"
            else:
                yield from _differences(value, theirs[name], f"{path}.{name}")
    elif isinstance(ours, dict) and isinstance(theirs, list):  # a connection and a plain list
        if "edges" in ours:
            yield from _differences([each["node"] for each in ours["edges"]], theirs, path)
        if ours.get("totalCount", len(theirs)) != len(theirs):
            yield f"{path}: {ours['totalCount']} and {len(theirs)} records"
    elif isinstance(ours, list) and isinstance(theirs, list):
        if len(ours) != len(theirs):
            yield f"{path}: {len(ours)} and {len(theirs)} elements"
        for index, (one, other) in enumerate(zip(ours, theirs, strict=False)):
            yield from _differences(one, other, f"{path}[{index}]")
    elif ours != theirs and not (isinstance(ours, int | float) and str(ours) == theirs):
        yield f"{path}: {ours!r} and {theirs!r}"


def _records(theirs: Mapping[str, Found]) -> Found:
    """The records, under whichever name they stand."""
    (found,) = (each for name, each in theirs.items() if name == "records" or name.endswith("Duplicates"))
    return found
