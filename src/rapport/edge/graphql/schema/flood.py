"""Refuses introspection that would be answered with more than anybody can want."""

from graphql import DocumentNode, FieldNode, FragmentDefinitionNode, FragmentSpreadNode, Node, OperationDefinitionNode

from rapport.edge.limits import TooComplex

# What tools ask to know everything has 229 fields, 15 deep. Lists in lists are limited when the document is validated.
MOST_FIELDS = 1000
MOST_DEPTH = 30


def refuse_flood(document: DocumentNode) -> None:
    """Raises TooComplex for too many or too deep fields, fragments expanded; their cycles were refused before."""
    fragments = {item.name.value: item for item in document.definitions if isinstance(item, FragmentDefinitionNode)}
    known: dict[str, tuple[int, int]] = {}

    def measure(node: Node) -> tuple[int, int]:
        """How many fields a node stands for, and how deep they are."""
        if isinstance(node, FragmentSpreadNode):
            name = node.name.value
            if name not in known:
                known[name] = measure(fragments[name]) if name in fragments else (0, 0)
            return known[name]
        own = 1 if isinstance(node, FieldNode) else 0
        selection_set = getattr(node, "selection_set", None)
        inner = [measure(each) for each in selection_set.selections] if selection_set is not None else []
        fields = own + sum(count for count, _ in inner)
        depth = own + max((deep for _, deep in inner), default=0)
        return fields, depth

    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            fields, depth = measure(definition)
            if fields > MOST_FIELDS:
                raise TooComplex(f"Query complexity is too high. At most {MOST_FIELDS} fields may be selected.")
            if depth > MOST_DEPTH:
                raise TooComplex(f"Query complexity is too high. Selections may be nested {MOST_DEPTH} deep at most.")
