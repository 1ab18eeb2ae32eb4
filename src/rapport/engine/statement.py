"""A finished statement: SQL, and how its parameters come from a request's values."""

from collections.abc import Mapping
from dataclasses import dataclass

from rapport.engine.inputs import lookup
from rapport.engine.sql import Parameters, Value


@dataclass(frozen=True, kw_only=True)
class Statement:
    sql: str
    values: tuple[Value, ...]

    @classmethod
    def of(cls, sql: str, parameters: Parameters) -> "Statement":
        return cls(sql=sql, values=tuple(parameters.values))

    def bind(self, values: Mapping[str, object]) -> list[object]:
        """The parameters in order. Raises what the conversion of a value raises (BadUserInput)."""
        bound: list[object] = []
        for value in self.values:
            if value.path is None:
                bound.append(value.constant)
                continue
            found = lookup(values, value.path) if value.path else values
            bound.append(found if value.convert is None else value.convert(found))
        return bound
