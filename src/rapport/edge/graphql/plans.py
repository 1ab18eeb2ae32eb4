"""Compiled documents, remembered by text and by what of the variables decides the plan."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from graphql import Node, VariableNode, Visitor, visit

from rapport.edge.graphql.document import Document
from rapport.edge.graphql.model import Model
from rapport.edge.graphql.mutations import RootMutation
from rapport.edge.graphql.queries import Query
from rapport.edge.graphql.roots import Roots
from rapport.edge.graphql.system import PreparedOperations
from rapport.engine.inputs import Bakes, shape

_MOST_VARIANTS = 64  # of one document with variables of one shape

_ABSENT = ("absent",)


@dataclass(kw_only=True)
class Compiled:
    """Everything needed to answer one operation for values of one shape."""

    roots: Roots
    query: Query | None = None
    mutations: list[RootMutation] = field(default_factory=list)
    system: PreparedOperations | None = None
    is_of_model: bool = False  # the answer follows from the data model alone: see kept.py
    cost: int = 0  # see engine/costs

    @property
    def errors(self) -> bool:
        """Whether a root field was refused while planning."""
        failed = any(mutation.error is not None for mutation in self.mutations)
        return failed or (self.query is not None and bool(self.query.errors))


@dataclass
class _Variant:
    bakes: Bakes
    key: tuple[object, ...]
    compiled: Compiled


@dataclass(kw_only=True)
class Entry:
    """A document and its plans. ``opaque`` variables only carry data to write: of them only null or not matters."""

    document: Document
    opaque: frozenset[str]
    variants: dict[object, list[_Variant]] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Document) -> "Entry":
        return cls(document=document, opaque=_data_only(document) if document.is_mutation else frozenset())

    def shape(self, values: Mapping[str, object]) -> object:
        return tuple(
            _ABSENT if name not in values else (values[name] is None) if name in self.opaque else shape(values[name])
            for name in self.document.variables
        )

    def find(self, values: Mapping[str, object]) -> Compiled | None:
        for variant in self.variants.get(self.shape(values), ()):
            if variant.bakes.key(values) == variant.key:
                return variant.compiled
        return None

    def remember(self, values: Mapping[str, object], bakes: Bakes, compiled: Compiled) -> None:
        known = self.variants.setdefault(self.shape(values), [])
        known.append(_Variant(bakes, bakes.key(values), compiled))
        if len(known) > _MOST_VARIANTS:
            del known[0]
        if len(self.variants) > _MOST_VARIANTS:
            del self.variants[next(iter(self.variants))]


class PlanCache:
    """The least recently used documents go first; no workspace may fill more than half of the cache."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._share = max(1, size // 2)
        self._entries: OrderedDict[tuple[object, ...], Entry] = OrderedDict()
        self._of_model: dict[UUID | None, int] = {}

    def get(self, model: Model | None, text: str, operation: str | None) -> Entry | None:
        key = (model.key if model else None, text, operation)
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def put(self, model: Model | None, text: str, operation: str | None, entry: Entry) -> None:
        owner = model.key if model else None
        self._entries[(owner, text, operation)] = entry
        self._of_model[owner] = self._of_model.get(owner, 0) + 1
        if self._of_model[owner] > self._share:
            self._evict(next(key for key in self._entries if key[0] == owner))
        elif len(self._entries) > self._size:
            self._evict(next(iter(self._entries)))

    def forget(self, model: Model) -> None:
        """Drops the plans of a model that is no longer current."""
        for key in [key for key in self._entries if key[0] == model.key]:
            self._evict(key)

    def _evict(self, key: tuple[object, ...]) -> None:
        del self._entries[key]
        owner = key[0]
        assert owner is None or isinstance(owner, UUID)
        self._of_model[owner] -= 1
        if not self._of_model[owner]:
            del self._of_model[owner]


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
