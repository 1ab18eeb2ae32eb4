"""The root fields of an operation, told apart: records, system operations, introspection."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from graphql import get_location

from rapport.edge.graphql.document import Document
from rapport.edge.graphql.model import Model
from rapport.edge.graphql.selecting import RecordSelector
from rapport.edge.graphql.selection import Selected, Selector
from rapport.edge.limits import Limits
from rapport.engine.inputs import Bakes
from rapport.engine.problems import Problems, suggest

INTROSPECTION = frozenset({"__schema", "__type"})


@dataclass(kw_only=True)
class Translation:
    """The state of translating one operation with one request's values."""

    document: Document
    model: Model | None
    values: Mapping[str, object]
    limits: Limits
    bakes: Bakes
    problems: Problems
    selector: Selector

    @classmethod
    def begin(
        cls, document: Document, model: Model | None, values: Mapping[str, object], limits: Limits
    ) -> "Translation":
        # What changes something, or lasts, is not begun with values that its plan cannot take: they belong to its key.
        bakes, problems = Bakes(with_fitness=document.is_mutation or document.is_subscription), Problems()
        selector = Selector(
            fragments=document.fragments,
            definitions={each.variable.name.value: each for each in document.operation.variable_definitions or ()},
            values=values,
            bakes=bakes,
            problems=problems,
            known_type=model.type_names if model else frozenset({"Query", "Mutation", "Subscription"}),
            max_fields=limits.max_fields,
            max_depth=limits.max_depth,
        )
        return cls(
            document=document,
            model=model,
            values=values,
            limits=limits,
            bakes=bakes,
            problems=problems,
            selector=selector,
        )

    def records(self) -> RecordSelector:
        assert self.model is not None
        return RecordSelector(
            model=self.model,
            selector=self.selector,
            problems=self.problems,
            max_relations=self.limits.max_relations,
            page_size=self.limits.page_size,
            page_limit=self.limits.page_limit,
            max_batch=self.limits.max_batch,
        )

    def roots(self, system: Collection[str]) -> "Roots":
        """Sorts the root fields; unknown ones go to the problems."""
        operation = self.document.operation
        type_name = operation.operation.value.capitalize()
        known: Mapping[str, object] = {} if self.model is None else self.model.roots(operation.operation.value)
        roots = Roots(type_name=type_name)
        for selected in self.selector.collect([operation.selection_set], type_name, 1):
            name = selected.name
            roots.order.append(selected.key)
            if name == "__typename":
                roots.typenames.append(selected)
            elif name in INTROSPECTION and type_name == "Query":
                roots.introspection.append(selected)
            elif name in known:
                roots.records.append(selected)
            elif name in system:
                roots.system.append(selected)
            else:
                hint = suggest(name, [*known, *system])
                self.problems.at(f'Cannot query field "{name}" on type "{type_name}".{hint}', selected.node)
        return roots


class Roots:
    """Root fields by kind; ``order`` has all response keys in the order of the document."""

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name
        self.order: list[str] = []
        self.records: list[Selected] = []
        self.system: list[Selected] = []
        self.introspection: list[Selected] = []
        self.typenames: list[Selected] = []

    @property
    def only_records(self) -> bool:
        return not self.system and not self.introspection

    @property
    def only_system(self) -> bool:
        return not self.records and not self.introspection


def location(node: object) -> list[dict[str, int]] | None:
    """Where a node stands in the document, as errors show it; or several nodes."""
    if isinstance(node, tuple):
        return [place for each in node for place in location(each) or ()]
    loc = getattr(node, "loc", None)
    if loc is None:
        return None
    place = get_location(loc.source, loc.start)
    return [{"line": place.line, "column": place.column}]
