"""From a caller's orderBy to order keys (core-api.md §1.6), and from page arguments to a page (§1.3)."""

from rapport.base.errors import BadUserInput
from rapport.engine.cursors import build_cursor
from rapport.engine.denials import check_named, check_object
from rapport.engine.inputs import Input
from rapport.engine.plan import Hop, OrderKey, Page
from rapport.engine.problems import Problems, not_in_enum, suggest
from rapport.engine.scalars import misfit, printed
from rapport.metadata.catalog import Catalog, Field, Object
from rapport.metadata.dialect import resolve
from rapport.metadata.fieldtypes.base import Column

_DIRECTIONS = {
    "AscNullsFirst": (False, True),
    "AscNullsLast": (False, False),
    "DescNullsFirst": (True, True),
    "DescNullsLast": (True, False),
}


def id_order(item: Object) -> OrderKey:
    """The order of records that nobody has asked another order for."""
    return OrderKey(path=("id",), column=item.field["id"].column)


class OrderBuilder:
    def __init__(self, catalog: Catalog, problems: Problems) -> None:
        self._catalog = catalog
        self._problems = problems

    def build(self, item: Object, given: Input | None) -> tuple[OrderKey, ...]:
        """The keys asked for, and the id as tie-break unless it is among them."""
        keys: dict[tuple[str, ...], OrderKey] = {}
        if given is not None and not given.is_null:
            for each in given.each():
                for key in self._object(item, each):
                    keys.setdefault(key.path, key)
        if ("id",) not in keys:
            keys[("id",)] = id_order(item)
        return tuple(keys.values())

    def _object(self, item: Object, given: Input) -> list[OrderKey]:
        type_name = f"{item.type_name}OrderByInput"
        if given.is_null:
            return []
        if not given.is_object:
            self._expected_object(type_name, given)
            return []
        return [found for key, value in given.items() for found in self._key(item, key, value, None)]

    def _key(self, item: Object, key: str, given: Input, hop: Hop | None) -> list[OrderKey]:
        if given.is_null:
            return []
        prefix = () if hop is None else (hop.field.name,)
        alias = None if key in item.field or key in item.to_one_by_column else resolve(item, key)
        name = (alias.join_column or alias.field) if alias else key
        field = item.field.get(name)
        if field is not None and (field.is_to_many or not field.is_readable):
            field = None
        if field is None:
            join = item.to_one_by_column.get(name)
            check_named(item, name)
            if join is None:
                known = [name for name, found in item.field.items() if found.is_readable and not found.is_to_many]
                self._problems.no_field(item, key, f"{item.type_name}OrderByInput", known, given)
                return []
            return self._leaf((*prefix, join.column.name), join.column, given, hop)
        if alias is not None and alias.sub is not None:
            return self._leaf((*prefix, field.name, alias.sub), field.column_of[alias.sub], given, hop)
        if alias is not None and field.type.has_shorthand and not given.is_object:
            sub = field.type.shorthand_sub
            return self._leaf((*prefix, field.name, sub), field.column_of[sub], given, hop)
        if field.is_to_one:
            return self._through(item, field, given, hop)
        if field.type.graphql_output is not None:
            return self._composite(field, given, prefix, hop)
        return self._leaf((*prefix, field.name), field.column, given, hop)

    def _through(self, item: Object, field: Field, given: Input, hop: Hop | None) -> list[OrderKey]:
        target = self._catalog.target(field)
        check_object(target)
        if not given.is_object:
            self._expected_object(f"{target.type_name}OrderByInput", given)
            return []
        if hop is not None:
            raise BadUserInput("Records can be ordered through one relation, not through several.")
        step = Hop(field=field, target=target)
        return [found for key, value in given.items() for found in self._key(target, key, value, step)]

    def _composite(self, field: Field, given: Input, prefix: tuple[str, ...], hop: Hop | None) -> list[OrderKey]:
        type_name = f"{field.type.graphql_output}OrderByInput"
        if not given.is_object:
            self._expected_object(type_name, given)
            return []
        found: list[OrderKey] = []
        for key, value in given.items():
            column = field.column_of.get(key)
            if column is None or not column.reads:
                message = f'Field "{key}" is not defined by type "{type_name}".{suggest(key, list(field.column_of))}'
                self._problems.name(message, value)
            else:
                found.extend(self._leaf((*prefix, field.name, key), column, value, hop))
        return found

    def _leaf(self, path: tuple[str, ...], column: Column, given: Input, hop: Hop | None) -> list[OrderKey]:
        if given.is_null:
            return []
        direction = read_direction(given, self._problems)
        if direction is None:
            return []
        descending, nulls_first = direction
        return [OrderKey(path=path, column=column, hop=hop, descending=descending, nulls_first=nulls_first)]

    def _expected_object(self, type_name: str, given: Input) -> None:
        if given.path is None:
            self._problems.add(f'Expected value of type "{type_name}", found {printed(given.plain())}.', given)
        else:
            self._problems.add(f'Expected type "{type_name}" to be an object.', given)


def read_direction(given: Input, problems: Problems) -> tuple[bool, bool] | None:
    """Whether a direction descends, and whether nulls stand first; None (and a problem) for what is no direction."""
    word = read_enum(given, "OrderByDirection", tuple(_DIRECTIONS), problems)
    return None if word is None else _DIRECTIONS[word]


def read_enum(given: Input, enum: str, values: tuple[str, ...], problems: Problems) -> str | None:
    """A value of an enum; None (and a problem) for anything else."""
    if given.is_object or given.is_list:
        problems.add(not_in_enum(enum, values, given.plain(), in_document=given.path is None), given)
        return None
    word = given.bake()
    if isinstance(word, str) and word in values:
        return str(word)
    problems.add(not_in_enum(enum, values, word, in_document=given.path is None), given)
    return None


class PageBuilder:
    """Checks and puts together first, last, offset, before and after."""

    def __init__(self, problems: Problems, *, default: int, limit: int) -> None:
        self._problems = problems
        self._default = default
        self._limit = limit

    def build(self, arguments: dict[str, Input], keys: tuple[OrderKey, ...]) -> Page:
        first = self._integer(arguments, "first")
        last = self._integer(arguments, "last")
        offset = self._integer(arguments, "offset")
        after = self._text(arguments, "after")
        before = self._text(arguments, "before")
        if first is not None and last is not None:
            raise BadUserInput("Cannot provide both first and last", sub_code="ARGS_CONFLICT")
        if before is not None and after is not None:
            raise BadUserInput("Cannot provide both before and after", sub_code="ARGS_CONFLICT")
        if before is not None and first is not None:
            raise BadUserInput("Cannot provide both before and first", sub_code="ARGS_CONFLICT")
        if after is not None and last is not None:
            raise BadUserInput("Cannot provide both after and last", sub_code="ARGS_CONFLICT")
        if first is not None and first < 0:
            raise BadUserInput("First argument must be non-negative", sub_code="INVALID_ARGS_FIRST")
        if last is not None and last < 0:
            raise BadUserInput("Last argument must be non-negative", sub_code="INVALID_ARGS_LAST")
        if offset is not None and offset < 0:
            raise BadUserInput("Offset argument must be non-negative", sub_code="INVALID_ARGS_OFFSET")
        wanted = first if first is not None else last if last is not None else self._default
        cursor = after or before
        return Page(
            limit=min(wanted, self._limit),
            offset=offset or 0,
            backward=last is not None or before is not None,
            cursor=None if cursor is None else build_cursor(cursor, keys),
        )

    def _integer(self, arguments: dict[str, Input], name: str) -> int | None:
        given = arguments.get(name)
        if given is None or given.is_null:
            return None
        message = misfit("Int", given.plain())
        if message is not None:
            self._problems.add(message, given)
            return None
        return int(given.bake())  # type: ignore[call-overload,no-any-return]

    def _text(self, arguments: dict[str, Input], name: str) -> Input | None:
        given = arguments.get(name)
        if given is None or given.is_null:
            return None
        message = misfit("String", given.plain())
        if message is not None:
            self._problems.add(message, given)
            return None
        return given
