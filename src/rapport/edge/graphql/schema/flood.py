"""Refuses introspection that would be answered with more than anybody can want."""

from dataclasses import dataclass

from graphql import DocumentNode, FieldNode, FragmentDefinitionNode, FragmentSpreadNode, Node, OperationDefinitionNode

from rapport.edge.limits import TooComplex, TooManyFields

# What tools ask to know everything has 229 fields, 15 deep. Lists in lists are limited when the document is validated.
MOST_FIELDS = 1000
MOST_DEPTH = 30
MOST_ROOTS = {"__schema": 3, "__type": 20}
# About so many values are in the answer: of a standard model, tools that ask to know everything get 700,000.
MOST_VALUES = 1_500_000
_IN_LISTS = {"types": 600, "fields": 10, "inputFields": 10, "directives": 5}  # of a standard model; others are short


@dataclass(frozen=True, slots=True)
class _Size:
    """How many fields a node stands for, how deep they are, and about how many values answer them."""

    fields: int
    depth: int
    values: int


def refuse_flood(document: DocumentNode) -> None:
    """Raises TooComplex for too many or too deep fields, fragments expanded; their cycles were refused before."""
    fragments = {item.name.value: item for item in document.definitions if isinstance(item, FragmentDefinitionNode)}
    known: dict[str, _Size] = {}

    def measure(node: Node) -> _Size:
        if isinstance(node, FragmentSpreadNode):
            name = node.name.value
            if name not in known:
                known[name] = measure(fragments[name]) if name in fragments else _Size(0, 0, 0)
            return known[name]
        own = 1 if isinstance(node, FieldNode) else 0
        times = _IN_LISTS.get(node.name.value, 1) if isinstance(node, FieldNode) else 1
        selection_set = getattr(node, "selection_set", None)
        inner = [measure(each) for each in selection_set.selections] if selection_set is not None else []
        return _Size(
            fields=own + sum(each.fields for each in inner),
            depth=own + max((each.depth for each in inner), default=0),
            values=own + times * sum(each.values for each in inner),
        )

    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            size = measure(definition)
            if size.fields > MOST_FIELDS:
                raise TooManyFields(MOST_FIELDS)
            if size.depth > MOST_DEPTH:
                raise TooComplex(f"Query complexity is too high. Selections may be nested {MOST_DEPTH} deep at most.")
            if size.values > MOST_VALUES:
                raise TooComplex("Query complexity is too high. Introspection would answer with far too much.")


def refuse_many_roots(names: list[str]) -> None:
    """``names``: of the root fields. Raises TooComplex."""
    for name, most in MOST_ROOTS.items():
        if names.count(name) > most:
            raise TooComplex(f"Query complexity is too high. A document may ask for {name} {most} times at most.")
