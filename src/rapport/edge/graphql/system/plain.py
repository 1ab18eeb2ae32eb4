"""Answers with results that are JSON: what was selected is cut out of them, without a look at every value."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

import orjson
from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    get_argument_values,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution import Executor
from graphql.execution.collect_fields import FieldDetailsList
from graphql.pyutils import AwaitableOrValue, Path

from rapport.access.request import Plain, RequestContext, Selected, Written

_Cut: TypeAlias = Callable[[object], object]


class PlainExecutor(Executor[None]):
    """Executes as usual, but takes the values of a Plain as they are, and those of a Written unseen."""

    def complete_value(
        self,
        return_type: GraphQLOutputType,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[RequestContext],
        path: Path,
        result: object,
        position_context: None,
    ) -> AwaitableOrValue[object]:
        if type(result) is Written:
            return orjson.Fragment(result.json)
        if type(result) is Plain:
            cut = self._cut(return_type, field_details_list)
            return result.value if cut is None else cut(result.value)
        return super().complete_value(return_type, field_details_list, info, path, result, position_context)

    def _cut(self, kind: GraphQLOutputType, details: FieldDetailsList) -> _Cut | None:
        """What makes the response of a value; None when the value is the response."""
        if is_non_null_type(kind):
            return self._cut(kind.of_type, details)
        if is_leaf_type(kind):
            return None
        if is_list_type(kind):
            element = self._cut(kind.of_type, details)
            return None if element is None else _list_of(element)
        if is_object_type(kind):
            return self._object(kind, details)
        raise TypeError(f"a plain result cannot be of the type {kind}")

    def _object(self, kind: GraphQLObjectType, details: FieldDetailsList) -> _Cut:
        names: list[tuple[str, str, _Cut | None]] = []
        constants: dict[str, object] = {}
        for key, fields in self.collect_subfields(kind, details).grouped_field_set.items():
            name = fields[0].node.name.value
            if name == "__typename":
                names.append((key, name, None))
                constants[name] = kind.name
            else:
                known = kind.fields[name]
                names.append((key, self._row_key(known, fields[0].node), self._cut(known.type, fields)))

        def cut(value: object) -> object:
            if not isinstance(value, Mapping):
                return None
            found: dict[str, object] = {}
            for key, name, inner in names:
                item = value.get(name)
                found[key] = item if inner is None else inner(item)
            return found

        if not constants:
            return cut
        return lambda value: cut({**value, **constants}) if isinstance(value, Mapping) else None

    def _row_key(self, known: GraphQLField, node: FieldNode) -> str:
        name = node.name.value
        if not known.args:
            return name
        arguments = get_argument_values(known, node, self.variable_values)
        return Selected(key=name, name=name, arguments=arguments).row_key


def _list_of(element: _Cut) -> _Cut:
    return lambda value: [element(item) for item in value] if isinstance(value, list) else None
