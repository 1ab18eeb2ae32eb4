"""The pieces SQL text is made of: quoted names, literals, JSON text parts and numbered parameters."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from rapport.base.errors import BadUserInput
from rapport.metadata.names import literal

Path = tuple[str | int, ...]

_MAX_CONCAT_ARGUMENTS = 90  # PostgreSQL passes at most 100 arguments to a function
_MOST_PARAMETERS = 10_000  # a list in `in` is one of them; the protocol has room for 32,767


class TooManyValues(BadUserInput):
    """Query complexity is too high. Too many values are compared with one by one; put them into lists."""

    sub_code = "TOO_COMPLEX_QUERY"


class Literal(str):
    """JSON text that is known when the plan is made."""

    __slots__ = ()


class Expression(str):
    """SQL whose value is JSON text (never NULL)."""

    __slots__ = ()


Part = Literal | Expression


def concat(parts: Iterable[Part]) -> str:
    """One SQL expression that joins the parts; neighbouring literals become one."""
    merged: list[Part] = []
    for part in parts:
        if isinstance(part, Literal) and merged and isinstance(merged[-1], Literal):
            merged[-1] = Literal(merged[-1] + part)
        elif part:
            merged.append(part)
    arguments = [literal(part) if isinstance(part, Literal) else str(part) for part in merged]
    if not arguments:
        return "''"
    while len(arguments) > _MAX_CONCAT_ARGUMENTS:
        arguments = [
            f"concat({','.join(arguments[start : start + _MAX_CONCAT_ARGUMENTS])})"
            for start in range(0, len(arguments), _MAX_CONCAT_ARGUMENTS)
        ]
    return f"concat({','.join(arguments)})"


def json_object(entries: Sequence[tuple[str, Iterable[Part]]]) -> list[Part]:
    """Parts of a JSON object; keys are response keys (GraphQL names, nothing to escape)."""
    parts: list[Part] = [Literal("{")]
    for index, (key, value) in enumerate(entries):
        parts.append(Literal(f'{"," if index else ""}"{key}":'))
        parts.extend(value)
    parts.append(Literal("}"))
    return parts


def json_object_without_nulls(entries: Sequence[tuple[str, Sequence[Part]]]) -> list[Part]:
    """As ``json_object``, without the entries whose values are null."""
    shown = [Expression(f"""',"{key}":'||nullif({concat(value)},'null')""") for key, value in entries]
    return [Literal("{"), Expression(f"substr({concat(shown)},2)"), Literal("}")]


def all_of(conditions: Iterable[str]) -> str:
    """The conditions joined by AND; `true` when there are none."""
    kept = [condition for condition in conditions if condition != "true"]
    return " and ".join(kept) if kept else "true"


@dataclass(frozen=True, kw_only=True)
class Value:
    """A parameter of the statement: where its value comes from and how it becomes what the driver wants.

    ``path`` leads into the request's values (variables, plus `@…` keys that the server adds); without a path
    ``constant`` is the driver's value itself.
    """

    sql_type: str
    path: Path | None = None
    convert: Callable[[object], object] | None = None
    constant: object = None


class Parameters:
    """The numbered parameters of one statement, in order of first use."""

    def __init__(self) -> None:
        self.values: list[Value] = []
        self._number: dict[Hashable, int] = {}

    def add(self, value: Value) -> str:
        """The placeholder with its type; one value used twice is one parameter."""
        number = self._number.get(id(value))
        if number is None:
            if len(self.values) == _MOST_PARAMETERS:
                raise TooManyValues
            self.values.append(value)
            number = self._number[id(value)] = len(self.values)
        return f"${number}::{value.sql_type}"
