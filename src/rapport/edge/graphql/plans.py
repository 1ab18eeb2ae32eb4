"""Compiled documents, remembered by text and by what of the variables decides the plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from graphql import Node, VariableNode, Visitor, visit

from rapport.edge.graphql.document import Document
from rapport.edge.graphql.mutations import RootMutation
from rapport.edge.graphql.queries import Query
from rapport.edge.graphql.roots import Roots
from rapport.edge.graphql.subscribing import Watch
from rapport.edge.graphql.system import PreparedOperations
from rapport.edge.plans import Variants
from rapport.engine.inputs import Bakes, shape

_ABSENT = ("absent",)
_BYTES = (10_000, 500)  # of memory that a plan takes: in any case, and for each field
_BYTES_OF_CHANGE = 200_000  # its statements are made when it runs, for each set of columns
_BYTES_OF_TOKEN = 100  # in it: literals are parts of plans, too


@dataclass(kw_only=True)
class Compiled:
    """Everything needed to answer one operation for values of one shape."""

    roots: Roots
    query: Query | None = None
    mutations: list[RootMutation] = field(default_factory=list)
    watch: Watch | None = None
    system: PreparedOperations | None = None
    fields: int = 0  # that the operation selects, fragments expanded
    is_of_model: bool = False  # the answer follows from the data model alone: see kept.py
    cost: int = 0  # see engine/costs

    @property
    def weight(self) -> int:
        """Bytes of memory, about: the plan and its statements."""
        return _BYTES[0] + _BYTES[1] * self.fields + _BYTES_OF_CHANGE * len(self.mutations)

    @property
    def errors(self) -> bool:
        """Whether a root field was refused while planning."""
        failed = any(mutation.error is not None for mutation in self.mutations)
        return failed or (self.query is not None and bool(self.query.errors))


@dataclass(kw_only=True)
class Entry:
    """A document and its plans. ``opaque`` variables only carry data to write: of them only null or not matters."""

    document: Document
    opaque: frozenset[str]
    variants: Variants[Compiled] = field(default_factory=Variants)

    @classmethod
    def of(cls, document: Document) -> "Entry":
        return cls(document=document, opaque=_data_only(document) if document.is_mutation else frozenset())

    @property
    def weight(self) -> int:
        """Bytes of memory, about."""
        return self.document.weight + self.variants.weight

    def shape(self, values: Mapping[str, object]) -> object:
        return tuple(
            _ABSENT if name not in values else (values[name] is None) if name in self.opaque else shape(values[name])
            for name in self.document.variables
        )

    def find(self, values: Mapping[str, object]) -> Compiled | None:
        return self.variants.find(self.shape(values), values)

    def remember(self, values: Mapping[str, object], bakes: Bakes, compiled: Compiled) -> None:
        weight = compiled.weight + _BYTES_OF_TOKEN * self.document.node.token_count
        self.variants.remember(self.shape(values), values, bakes, compiled, weight=weight)


def _data_only(document: Document) -> frozenset[str]:
    """The variables that occur nowhere but inside `data` or `input` arguments of root fields."""
    inside: set[str] = set()
    outside: set[str] = set()
    for selection in document.operation.selection_set.selections:
        for argument in getattr(selection, "arguments", None) or ():
            found = _variables(argument)
            (inside if argument.name.value in ("data", "input") else outside).update(found)
        for other in (*(getattr(selection, "directives", None) or ()), getattr(selection, "selection_set", None)):
            if other is not None:
                outside.update(_variables(other))
        if selection.kind != "field":
            outside.update(_variables(selection))
    for fragment in document.fragments.values():
        outside.update(_variables(fragment))
    return frozenset(inside - outside)


def _variables(node: Node) -> set[str]:
    found = _VariableNames()
    visit(node, found)
    return found.names


class _VariableNames(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.names.add(node.name.value)
