"""From a caller's filter to a condition (core-api.md §1.9, §2.2)."""

import unicodedata
from collections.abc import Callable, Iterator
from functools import partial

from rapport.base.errors import BadUserInput
from rapport.engine import plan
from rapport.engine.denials import check_named, check_object
from rapport.engine.inputs import MOST_LISTED, Input
from rapport.engine.problems import Problems, not_in_enum, suggest
from rapport.engine.scalars import printed, unreadable
from rapport.metadata.catalog import Catalog, Field, Object
from rapport.metadata.dialect import resolve
from rapport.metadata.fieldtypes.base import Column
from rapport.metadata.fieldtypes.leaves.select import ENUM, SelectLeaf

_PATTERNS = frozenset({"like", "ilike", "containsIlike"})
_TEXTS = _PATTERNS | {"startsWith", "endsWith", "search"}
_UNSUPPORTED = frozenset({"regex", "iregex"})
_OPPOSITES = {"nin": "in"}
_MOST_RELATIONS = 20  # of one filter; each is a join to plan
MOST_CONDITIONS = 10_000  # of all filters of a request, each {} that joins some among them


class UnsupportedOperator(BadUserInput):
    """Operator is not supported"""

    sub_code = "UNSUPPORTED_OPERATOR"


class TooManyRelations(BadUserInput):
    """Query complexity is too high."""

    sub_code = "TOO_COMPLEX_QUERY"


class TooManyConditions(BadUserInput):
    """Query complexity is too high."""

    sub_code = "TOO_COMPLEX_QUERY"


class FilterBuilder:
    """Builds the conditions of one request; wrong names and kinds go to ``problems``, wrong content is raised.

    ``of_texts``: all values are texts, whatever they are compared with.
    """

    def __init__(self, catalog: Catalog, problems: Problems, *, of_texts: bool = False) -> None:
        self._catalog = catalog
        self._problems = problems
        self._of_texts = of_texts
        self._relations = 0
        self.mentions_deleted = False

    def build(self, item: Object, given: Input) -> plan.Predicate:
        self._count()
        if given.is_null:
            return plan.EVERYTHING
        type_name = f"{item.type_name}FilterInput"
        if not given.is_object:
            self._expected_object(type_name, given)
            return plan.EVERYTHING
        return plan.All(items=tuple(found for key, value in given.items() for found in self._key(item, key, value)))

    def _key(self, item: Object, key: str, given: Input) -> list[plan.Predicate]:
        match key:
            case "and" | "AND":
                return [] if given.is_null else [plan.All(items=tuple(self.build(item, each) for each in given.each()))]
            case "or" | "OR":
                alternatives = () if given.is_null else tuple(self.build(item, each) for each in given.each())
                return [plan.Any(items=alternatives)] if alternatives else []
            case "not" | "NOT":
                return [] if given.is_null else [plan.Not(item=self.build(item, given))]
        found = item.field.get(key)
        if found is not None and found.is_readable and not found.is_to_many:
            return self._field(item, found, given)
        if found is not None and found.is_to_many:
            return self._many(found, given)
        if key in item.to_one_by_column:
            column = item.to_one_by_column[key].column
            return self._leaf(item, None, column, given)
        alias = resolve(item, key)
        check_named(item, alias.join_column or alias.field if alias else key)
        if alias is not None:
            if alias.join_column is not None:
                return self._leaf(item, None, item.to_one_by_column[alias.join_column].column, given)
            target = item.field[alias.field]
            if alias.sub is not None:
                return self._leaf(item, target, target.column_of[alias.sub], given)
            return self._many(target, given) if target.is_to_many else self._field(item, target, given)
        known = [name for name, found in item.field.items() if found.is_readable]
        self._problems.no_field(item, key, f"{item.type_name}FilterInput", [*known, *item.to_one_by_column], given)
        return []

    def _field(self, item: Object, field: Field, given: Input) -> list[plan.Predicate]:
        if given.is_null:
            return []
        if field.is_to_one:
            return self._relation(item, field, given)
        if field.type.graphql_output is None:
            return self._leaf(item, field, field.column, given)
        type_name = f"{field.type.graphql_output}FilterInput"
        if not given.is_object:
            self._expected_object(type_name, given)
            return []
        found: list[plan.Predicate] = []
        short = field.column_of.get(field.type.shorthand_sub) if field.type.has_shorthand else None
        for key, value in given.items():
            column = field.column_of.get(key)
            if column is not None and column.reads:
                found.extend(self._leaf(item, field, column, value))
            elif short is not None and self._positive(key) in short.leaf.operators:
                self._mention(short)
                prepare = partial(field.type.shorthand_filter, field)
                predicate = self._operator(item, field, short, key, value, prepare)
                found.extend([predicate] if predicate else [])
            else:
                self._undefined(key, type_name, list(field.column_of), value)
        return found

    def _relation(self, item: Object, field: Field, given: Input) -> list[plan.Predicate]:
        """`company: {name: …}` asks the related record, `company: {is: NULL}` the join column."""
        target = self._catalog.target(field)
        if not given.is_object:
            self._expected_object(f"{target.type_name}FilterInput", given)
            return []
        keys = [key for key, _ in given.items()]
        if keys and all(self._positive(key) in field.column.leaf.operators for key in keys):
            return self._leaf(item, field, field.column, given)
        inner, mentions_deleted = self._inside(target, given)
        if plan.is_vacuous(inner):
            return []
        return [plan.Related(field=field, target=target, item=inner, mentions_deleted=mentions_deleted)]

    def _many(self, field: Field, given: Input) -> list[plan.Predicate]:
        """`people: {some: {city: …}}`: some, none or every one of the records that point to this one."""
        if given.is_null:
            return []
        target = self._catalog.target(field)
        type_name = f"{target.type_name}ListFilterInput"
        if not given.is_object:
            self._expected_object(type_name, given)
            return []
        assert field.relation is not None
        join = target.to_one_by_column[field.relation.join_column].column
        found: list[plan.Predicate] = []
        for quantifier, value in given.items():
            if quantifier not in ("some", "none", "every"):
                self._undefined(quantifier, type_name, ["some", "none", "every"], value)
                continue
            if value.is_null:
                continue
            inner, mentions_deleted = self._inside(target, value)
            found.append(
                plan.RelatedMany(
                    quantifier=quantifier,  # type: ignore[arg-type]
                    join=join,
                    target=target,
                    item=inner,
                    mentions_deleted=mentions_deleted,
                )
            )
        return found

    def _inside(self, target: Object, given: Input) -> tuple[plan.Predicate, bool]:
        """The condition on related records, and whether it speaks of their deletedAt."""
        check_object(target)
        self._relations += 1
        if self._relations > _MOST_RELATIONS:
            raise TooManyRelations(
                f"Query complexity is too high. Filters may go through {_MOST_RELATIONS} relations at most."
            )
        outside, self.mentions_deleted = self.mentions_deleted, False
        inner = self.build(target, given)
        mentions_deleted, self.mentions_deleted = self.mentions_deleted, outside
        return inner, mentions_deleted

    # -- one column ---------------------------------------------------------------------------------------------

    def _leaf(self, item: Object, field: Field | None, column: Column, given: Input) -> list[plan.Predicate]:
        self._mention(column)
        if given.is_null:
            return []
        type_name = filter_type(item, field, column)
        if not given.is_object:
            self._expected_object(type_name, given)
            return []
        found: list[plan.Predicate] = []
        for operator, value in given.items():
            if self._positive(operator) not in column.leaf.operators:
                self._undefined(operator, type_name, column.leaf.operators, value)
                continue
            predicate = self._operator(item, field, column, operator, value, None)
            if predicate is not None:
                found.append(predicate)
        return found

    def _positive(self, operator: str) -> str:
        """The operator of which it is the opposite; GraphQL has no such names."""
        return operator if self._problems.checks_kinds else _OPPOSITES.get(operator, operator)

    def _mention(self, column: Column) -> None:
        if column.name == "deletedAt":
            self.mentions_deleted = True

    def _operator(
        self,
        item: Object,
        field: Field | None,
        column: Column,
        operator: str,
        given: Input,
        prepare: Callable[..., object] | None,
    ) -> plan.Predicate | None:
        self._count()
        positive = self._positive(operator)
        if positive != operator:
            predicate = self._operator(item, field, column, positive, given, prepare)
            return None if predicate is None else plan.Not(item=predicate)
        if operator == "is":
            return self._is(column, given)
        if operator in _UNSUPPORTED:
            raise UnsupportedOperator(f'Operator "{operator}" is not supported')
        if given.is_null:
            return plan.Nothing()
        self._count_listed(given)
        if operator == "isEmptyArray":
            if self._of_texts:
                return self._is_empty_array(column, negated=given.bake(_is_true_text) is False)
            message = unreadable("Boolean", given.plain())
            if message is not None:
                self._problems.add(message, given)
                return None
            return self._is_empty_array(column, negated=given.bake() is False)
        if self._problems.checks_kinds and self._misfits(item, field, column, operator, given):
            return None
        label = f"{field.name}.{column.sub}" if field is not None and column.sub else column.name
        return self._compare(column, operator, given, prepare, label)

    def _is_empty_array(self, column: Column, *, negated: bool) -> plan.Predicate:
        if column.leaf.sql_type.endswith("[]"):
            return plan.IsEmptyArray(column=column, negated=negated)
        return plan.IsNull(column=column, negated=negated)  # a SELECT shares the filter of MULTI_SELECT

    def _is(self, column: Column, given: Input) -> plan.Predicate | None:
        word = given.bake()
        if word is None:
            return None
        if word not in ("NULL", "NOT_NULL"):
            in_document = given.path is None
            self._problems.add(not_in_enum("FilterIs", ("NULL", "NOT_NULL"), word, in_document=in_document), given)
            return None
        return plan.IsNull(column=column, negated=word == "NOT_NULL")

    def _misfits(self, item: Object, field: Field | None, column: Column, operator: str, given: Input) -> bool:
        scalar = "String" if operator in _TEXTS else column.leaf.filter_type.removesuffix("Filter")
        wrong = False
        for value, place in self._values(given, operator):
            if scalar == ENUM and not isinstance(value, str):
                enum = filter_type(item, field, column).removesuffix("Filter")
                message: str | None = not_in_enum(enum, (), value, in_document=place.path is None)
            else:
                message = unreadable(scalar, value)
            if message is not None:
                self._problems.add(message, place)
                wrong = True
        return wrong

    def _values(self, given: Input, operator: str) -> Iterator[tuple[object, Input]]:
        """What is compared with, less the nulls, and where it stands."""
        if operator not in ("in", "containsAny") or not given.is_list:
            yield given.plain(), given
        elif given.elements is not None:
            yield from ((each.plain(), each) for each in given.elements if not each.is_null)
        elif isinstance(given.value, list):  # of a variable: in their thousands, and all in one place
            yield from ((value, given) for value in given.value if value is not None)

    def _count(self) -> None:
        self._problems.conditions += 1
        if self._problems.conditions > MOST_CONDITIONS:
            raise TooManyConditions(
                f"Query complexity is too high. Filters may have {MOST_CONDITIONS} conditions at most."
            )

    def _count_listed(self, given: Input) -> None:
        values = given.elements if given.elements is not None else given.value
        if isinstance(values, (tuple, list)):
            self._problems.listed += len(values)
        if self._problems.listed > MOST_LISTED:
            raise TooManyConditions(
                f"Query complexity is too high. Lists in filters may have {MOST_LISTED} values at most."
            )

    def _compare(
        self, column: Column, operator: str, given: Input, prepare: Callable[..., object] | None, label: str
    ) -> plan.Predicate:
        leaf, of_texts = column.leaf, self._of_texts
        is_array = leaf.sql_type.endswith("[]")

        def one(value: object) -> object:
            if of_texts and isinstance(value, str):
                value = leaf.read_text(value)
            return leaf.param(prepare(value) if prepare else value, label)  # type: ignore[arg-type]

        def several(value: object) -> object:
            return [one(each) for each in (value if isinstance(value, list) else [value]) if each is not None]

        element = leaf.sql_type.removesuffix("[]")
        if operator == "search":
            value = given.bind("text", _words)
        elif operator in _TEXTS:
            value = given.bind("text", _pattern if operator in _PATTERNS else _plain_text)
        elif operator in ("in", "containsAny"):
            value = given.bind(f"{element}[]", _flat(several) if is_array else several)
            operator = "containsAny" if is_array else "in"
        elif is_array:
            value = given.bind(leaf.sql_type, _flat(several))
        else:
            value = given.bind(leaf.sql_type, one)
        blank = leaf.empty_is_null and operator in _BLANK and _bake_blank(given, operator)
        return plan.Compare(column=column, operator=operator, value=value, blank=blank)

    # -- problems -----------------------------------------------------------------------------------------------

    def _undefined(self, key: str, type_name: str, known: object, given: Input) -> None:
        names = list(known)  # type: ignore[call-overload]
        self._problems.name(f'Field "{key}" is not defined by type "{type_name}".{suggest(key, names)}', given)

    def _expected_object(self, type_name: str, given: Input) -> None:
        if given.path is None:
            self._problems.add(f'Expected value of type "{type_name}", found {printed(given.plain())}.', given)
        else:
            self._problems.add(f'Expected type "{type_name}" to be an object.', given)


def filter_type(item: Object, field: Field | None, column: Column) -> str:
    """The GraphQL name of a column's filter type."""
    if field is not None and isinstance(column.leaf, SelectLeaf):
        return column.leaf.enum_name(item.type_name, field.name) + "Filter"
    return column.leaf.filter_type


def _plain_text(value: object) -> object:
    text = str(value)
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise BadUserInput("A text must not contain NUL characters or lone surrogates.", sub_code="INVALID_ARGS_FILTER")
    return text


def _pattern(value: object) -> object:
    """A LIKE pattern; a lone backslash at its end stands for itself (PostgreSQL would refuse it)."""
    text = str(_plain_text(value))
    trailing = len(text) - len(text.rstrip("\\"))
    return text + "\\" if trailing % 2 else text


def _words(value: object) -> object:
    """A text search query that wants words with these beginnings; '' (which finds nothing) when there are none.

    >>> _words("O'Neil, a&b")
    "'O':* & 'Neil':* & 'a':* & 'b':*"
    """
    # Decomposed before it is split: the database folds it the same way, and no letter may turn into a quote there.
    text = unicodedata.normalize("NFKD", str(_plain_text(value)))
    kept = "".join(each if each.isalnum() or unicodedata.category(each)[0] == "M" else " " for each in text)
    return " & ".join(f"'{word}':*" for word in kept.split())


def _flat(convert: Callable[[object], object]) -> Callable[[object], object]:
    """Array leaves convert each element to a list of one; put together they are one list."""

    def flat(value: object) -> object:
        found: list[object] = []
        for each in convert(value):  # type: ignore[attr-defined]
            found.extend(each if isinstance(each, list) else [each])
        return found

    return flat


def _is_true_text(value: object) -> bool:
    return isinstance(value, str) and value.lower() == "true"


_BLANK = frozenset({"eq", "in", "like", "ilike", "startsWith", "endsWith"})


def _is_blank(value: object) -> bool:
    return isinstance(value, str) and value == ""


def _is_blank_pattern(value: object) -> bool:
    return isinstance(value, str) and value.strip("%") == ""


def _has_blank(value: object) -> bool:
    return any(map(_is_blank, value)) if isinstance(value, list) else _is_blank(value)


def _bake_blank(given: Input, operator: str) -> bool:
    if operator in _PATTERNS:
        return bool(given.bake(_is_blank_pattern))
    if operator == "in":
        if given.elements is not None:
            learnt = [each.bake(_is_blank) for each in given.elements]  # all of them: not to stop at the first
            return any(learnt)
        return bool(given.bake(_has_blank))
    return bool(given.bake(_is_blank))
