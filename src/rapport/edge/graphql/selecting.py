"""From the selection of a record to the items of a plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast, get_args

from graphql import SelectionSetNode, VariableNode, print_ast

from rapport.edge.graphql.aggregating import read_aggregate
from rapport.edge.graphql.arguments import arguments_of
from rapport.edge.graphql.model import Model
from rapport.edge.graphql.selection import Selected, Selector
from rapport.edge.limits import TooComplex
from rapport.engine import plan
from rapport.engine.denials import check_named, check_object
from rapport.engine.filters import FilterBuilder
from rapport.engine.inputs import Input
from rapport.engine.orders import OrderBuilder, PageBuilder
from rapport.engine.problems import Problems, suggest
from rapport.metadata.catalog import Field, Object
from rapport.metadata.dialect import resolve
from rapport.metadata.fieldtypes.base import Column
from rapport.metadata.fieldtypes.leaves.select import SelectLeaf

_CONNECTION_ARGUMENTS = ("first", "last", "offset", "before", "after", "filter", "orderBy")
SCALAR_ARGUMENTS = {
    "first": "Int",
    "last": "Int",
    "offset": "Int",
    "limit": "Int",
    "before": "String",
    "after": "String",
    "id": "UUID!",
    "ids": "[UUID]",
    "viewId": "UUID",
    "upsert": "Boolean",
    "dryRun": "Boolean",
    "conflictPriorityIndex": "Int!",
    "updatedFields": "[String!]",
}
_TEXTS = frozenset({"ID", "String", "UUID"})  # clients take one for the other
_SCALARS = _TEXTS | {"Int", "Float", "Boolean"}
_PAGE_FACTS = get_args(plan.PageFact)


@dataclass(kw_only=True)
class RecordSelector:
    """Translates the selections of one operation. What does not exist goes to ``problems``."""

    model: Model
    selector: Selector
    problems: Problems
    max_relations: int
    page_size: int
    page_limit: int
    max_batch: int
    _relations: int = 0

    # -- records ------------------------------------------------------------------------------------------------

    def record(self, item: Object, selections: list[SelectionSetNode], depth: int) -> tuple[plan.Item, ...]:
        check_object(item)
        found: list[plan.Item] = []
        for selected in self.selector.collect(selections, item.type_name, depth):
            translated = self._field(item, selected, depth)
            if translated is not None:
                found.append(translated)
        return tuple(found)

    def _field(self, item: Object, selected: Selected, depth: int) -> plan.Item | None:
        name, key = selected.name, selected.key
        if name == "__typename":
            return plan.Typename(key=key, name=item.type_name)
        alias = None
        field = item.field.get(name)
        join = item.to_one_by_column.get(name)
        if field is None and join is None:
            alias = resolve(item, name)
            check_named(item, alias.join_column or alias.field if alias else name)
            if alias is not None:
                join = item.to_one_by_column.get(alias.join_column or "")
                field = None if join is not None else item.field.get(alias.field)
        if join is not None:
            return self._scalar(item, selected, join.column, None)
        if field is None or not field.is_readable:
            known = [*item.field, *item.to_one_by_column]
            self.problems.at(
                f'Cannot query field "{name}" on type "{item.type_name}".{suggest(name, known)}', selected.node
            )
            return None
        if field.is_to_many:
            return self._to_many(item, field, selected, depth)
        self.refuse_arguments(item.type_name, selected)
        if field.is_to_one:
            return self._to_one(item, field, selected, depth)
        if alias is not None and alias.sub is not None:
            return self._scalar(item, selected, field.column_of[alias.sub], field)
        if field.type.graphql_output is None:
            return self._scalar(item, selected, field.column, field)
        return self._composite(field, selected, depth)

    def _scalar(self, item: Object, selected: Selected, column: Column, field: Field | None) -> plan.Item | None:
        self.refuse_arguments(item.type_name, selected)
        if selected.selections:
            shown = scalar_name(item, field, column)
            self.problems.at(
                f'Field "{selected.name}" must not have a selection since type "{shown}" has no subfields.',
                selected.node,
            )
            return None
        return plan.Scalar(key=selected.key, column=column)

    def _composite(self, field: Field, selected: Selected, depth: int) -> plan.Item | None:
        type_name = str(field.type.graphql_output)
        if not selected.selections:
            if field.type.has_shorthand:
                return plan.Shorthand(key=selected.key, field=field)
            self._needs_selection(selected, type_name)
            return None
        items: list[plan.Scalar | plan.Typename] = []
        for sub in self.selector.collect(selected.selections, type_name, depth + 1):
            if sub.name == "__typename":
                items.append(plan.Typename(key=sub.key, name=type_name))
                continue
            column = field.column_of.get(sub.name)
            if column is None or not column.reads:
                hint = suggest(sub.name, list(field.column_of))
                self.problems.at(f'Cannot query field "{sub.name}" on type "{type_name}".{hint}', sub.node)
            elif sub.selections:
                shown = column.leaf.scalar
                self.problems.at(
                    f'Field "{sub.name}" must not have a selection since type "{shown}" has no subfields.', sub.node
                )
            else:
                items.append(plan.Scalar(key=sub.key, column=column))
        return plan.Composite(key=selected.key, items=tuple(items))

    # -- relations ----------------------------------------------------------------------------------------------

    def _to_one(self, item: Object, field: Field, selected: Selected, depth: int) -> plan.Item | None:
        target = self.model.catalog.target(field)
        if not self._enter_relation(selected, target.type_name):
            return None
        items = self.record(target, selected.selections, depth + 1)
        return plan.ToOne(key=selected.key, field=field, target=target, items=items)

    def _to_many(self, item: Object, field: Field, selected: Selected, depth: int) -> plan.Item | None:
        target = self.model.catalog.target(field)
        if not self._enter_relation(selected, f"{target.type_name}Connection"):
            return None
        assert field.relation is not None
        join = target.to_one_by_column[field.relation.join_column].column
        connection = self.connection(target, selected, depth, parent=item.type_name)
        return plan.ToMany(key=selected.key, field=field, join=join, connection=connection)

    def _enter_relation(self, selected: Selected, type_name: str) -> bool:
        if not selected.selections:
            self._needs_selection(selected, type_name)
            return False
        self._relations += 1
        if self._relations > self.max_relations:
            raise TooComplex(f"Query complexity is too high. At most {self.max_relations} relations may be selected.")
        return True

    # -- connections --------------------------------------------------------------------------------------------

    def connection(self, item: Object, selected: Selected, depth: int, *, parent: str) -> plan.Connection:
        check_object(item)
        given = self.arguments(selected, parent, _CONNECTION_ARGUMENTS)
        filters = FilterBuilder(self.model.catalog, self.problems)
        predicate = filters.build(item, given["filter"]) if "filter" in given else plan.EVERYTHING
        order = OrderBuilder(self.model.catalog, self.problems).build(item, given.get("orderBy"))
        pages = PageBuilder(self.problems, default=self.page_size, limit=self.page_limit)
        return plan.Connection(
            object=item,
            items=self._connection_items(item, selected, depth),
            order=order,
            page=pages.build(given, order),
            filter=predicate,
            mentions_deleted=filters.mentions_deleted,
        )

    def first_page(self, item: Object, selected: Selected, depth: int) -> plan.Connection:
        """A connection that takes no arguments."""
        order = OrderBuilder(self.model.catalog, self.problems).build(item, None)
        items = self._connection_items(item, selected, depth)
        return plan.Connection(object=item, items=items, order=order, page=plan.Page(limit=self.page_size))

    def _connection_items(self, item: Object, selected: Selected, depth: int) -> tuple[plan.ConnectionItem, ...]:
        check_object(item)
        type_name = f"{item.type_name}Connection"
        found: list[plan.ConnectionItem] = []
        for entry in self.selector.collect(selected.selections, type_name, depth + 1):
            translated = self.connection_item(item, entry, type_name, depth)
            if translated is not None:
                found.append(translated)
        return tuple(found)

    def connection_item(
        self, item: Object, entry: Selected, type_name: str, depth: int, *, others: tuple[str, ...] = ()
    ) -> plan.ConnectionItem | None:
        """A field of a connection; ``others`` are further ones that its type has."""
        self.refuse_arguments(type_name, entry)
        match entry.name:
            case "__typename":
                return plan.Typename(key=entry.key, name=type_name)
            case "edges":
                if self.wants(entry, f"{item.type_name}Edge"):
                    return plan.Edges(key=entry.key, items=self._edge(item, entry, depth + 2))
                return None
            case "pageInfo":
                if self.wants(entry, "PageInfo"):
                    return plan.PageInfo(key=entry.key, items=self._page_info(entry, depth + 2))
                return None
        return read_aggregate(item, entry, type_name, ("edges", "pageInfo", *others), self.problems)

    def _edge(
        self, item: Object, entry: Selected, depth: int
    ) -> tuple[plan.Node | plan.EdgeCursor | plan.Typename, ...]:
        type_name = f"{item.type_name}Edge"
        found: list[plan.Node | plan.EdgeCursor | plan.Typename] = []
        for selected in self.selector.collect(entry.selections, type_name, depth):
            match selected.name:
                case "__typename":
                    found.append(plan.Typename(key=selected.key, name=type_name))
                case "cursor":
                    found.append(plan.EdgeCursor(key=selected.key))
                case "node":
                    if self.wants(selected, item.type_name):
                        items = self.record(item, selected.selections, depth + 1)
                        found.append(plan.Node(key=selected.key, items=items))
                case name:
                    hint = suggest(name, ["node", "cursor"])
                    self.problems.at(f'Cannot query field "{name}" on type "{type_name}".{hint}', selected.node)
        return tuple(found)

    def _page_info(self, entry: Selected, depth: int) -> tuple[plan.PageFactItem | plan.Typename, ...]:
        found: list[plan.PageFactItem | plan.Typename] = []
        for selected in self.selector.collect(entry.selections, "PageInfo", depth):
            name = selected.name
            if name == "__typename":
                found.append(plan.Typename(key=selected.key, name="PageInfo"))
            elif name in _PAGE_FACTS:
                found.append(plan.PageFactItem(key=selected.key, fact=cast(plan.PageFact, name)))
            else:
                hint = suggest(name, _PAGE_FACTS)
                self.problems.at(f'Cannot query field "{name}" on type "PageInfo".{hint}', selected.node)
        return tuple(found)

    # -- arguments ----------------------------------------------------------------------------------------------

    def arguments(self, selected: Selected, parent: str, known: tuple[str, ...]) -> dict[str, Input]:
        for argument in selected.node.arguments or ():
            name = argument.name.value
            if name not in known:
                self.problems.at(
                    f'Unknown argument "{name}" on field "{parent}.{selected.name}".{suggest(name, known)}', argument
                )
            elif isinstance(argument.value, VariableNode):
                self._check_position(argument.value, SCALAR_ARGUMENTS.get(name))
        given: Mapping[str, Input] = arguments_of(selected.node, self.selector.values, self.selector.bakes)
        return {name: value for name, value in given.items() if name in known}

    def require(self, selected: Selected, name: str, type_name: str, given: Input | None) -> None:
        """An argument that must have a value has none."""
        if given is None:
            message = (
                f'Field "{selected.name}" argument "{name}" of type "{type_name}" is required, but it was not provided.'
            )
            self.problems.at(message, selected.node)
        elif given.path is None:
            self.problems.add(f'Expected value of type "{type_name}", found null.', given)
        else:
            self.problems.at(f'Argument "{name}" of non-null type "{type_name}" must not be null.', given.location)

    def refuse_arguments(self, type_name: str, selected: Selected) -> None:
        if selected.node.arguments:
            self.arguments(selected, type_name, ())

    def _check_position(self, variable: VariableNode, expected: str | None) -> None:
        """A variable of one of the standard's scalars cannot stand for a value of another."""
        definition = self.selector.definitions.get(variable.name.value)
        if definition is None or expected is None:
            return
        declared = print_ast(definition.type)
        kinds = {declared.strip("[]!"), expected.strip("[]!")}
        if len(kinds) == 2 and kinds <= _SCALARS and not kinds <= _TEXTS:
            self.problems.at(
                f'Variable "${variable.name.value}" of type "{declared}" used in position expecting type "{expected}".',
                (definition, variable),
            )

    def wants(self, selected: Selected, type_name: str) -> bool:
        if not selected.selections:
            self._needs_selection(selected, type_name)
            return False
        return True

    def _needs_selection(self, selected: Selected, type_name: str) -> None:
        name = selected.name
        hint = f'Did you mean "{name} {{ ... }}"?'
        self.problems.at(
            f'Field "{name}" of type "{type_name}" must have a selection of subfields. {hint}', selected.node
        )


def scalar_name(item: Object, field: Field | None, column: Column) -> str:
    """The GraphQL output type of a column."""
    leaf = column.leaf
    if field is not None and isinstance(leaf, SelectLeaf):
        return leaf.scalar.replace("ENUM", leaf.enum_name(item.type_name, field.name))
    return leaf.scalar
