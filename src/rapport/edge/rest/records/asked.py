"""What a request asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rapport.engine.inputs import shape

Verb = Literal["list", "one", "groups", "duplicates", "create", "update", "delete", "restore", "destroy", "merge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What decides a plan beside the values.

    ``of_texts``: the values in the filter are texts, whatever they are compared with.
    """

    verb: Verb
    plural: str  # the object's name in the path
    many: bool = False
    depth: int = 0
    of_texts: bool = False
    is_keyed: bool = False  # each of the records to update has values of its own
    count: int = 0  # of the candidates whose duplicates are looked for
    aggregates: tuple[str, ...] = ()
    with_records: bool = False  # of each group
    has_tags: bool = False  # the record must be in one of the states that the client knows
    fields: tuple[str, ...] = ()  # to be shown; all when there are none
    omits_nulls: bool = False

    @property
    def weight(self) -> int:
        """Bytes of memory, about."""
        return sum(100 + len(each) for each in (self.plural, *self.aggregates, *self.fields))

    @property
    def is_partial(self) -> bool:
        """Whether not all fields of a record are shown."""
        return bool(self.fields) or self.omits_nulls


@dataclass(frozen=True, kw_only=True)
class Question:
    """A request for records. The values have the names that GraphQL gives its arguments.

    ``shape`` is what of the values decides the plan by itself.
    """

    asked: Asked
    values: Mapping[str, object]
    shape: object

    @classmethod
    def of(cls, asked: Asked, values: Mapping[str, object]) -> "Question":
        """`data` is looked at only when there is a plan: it is no part of the shape."""
        shaped = shape({name: value for name, value in values.items() if name != "data"})
        return cls(asked=asked, values=values, shape=shaped)
