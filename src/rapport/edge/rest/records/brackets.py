"""The form of filters with a parameter for each condition: `filter[name][ilike]=acme&filter[or][0][city][eq]=Oslo`."""

import re

from rapport.edge.rest.parameters import Parameters
from rapport.edge.rest.records.grammar import LIST_OPERATORS, InvalidFilter, Tree, read_list

_NAME = re.compile(r"filter((?:\[[^\[\]]*\])+)")
_PATTERNS = frozenset({"like", "ilike"})
_DEEPEST = 50
_SHOWN = 80  # characters of what the client sent


def is_given(parameters: Parameters) -> bool:
    return any(name.startswith("filter[") for name in parameters.names)


def read_brackets(parameters: Parameters) -> Tree:
    """The filter as GraphQL has it, but all values are texts. Raises InvalidFilter.

    A pattern without any `%` is looked for anywhere in the text.
    """
    root: Tree = {}
    for name in parameters.names:
        if name.startswith("filter["):
            _put(root, name, parameters)
    return {key: _with_lists(value) for key, value in root.items()}


def _put(root: Tree, name: str, parameters: Parameters) -> None:
    found = _NAME.fullmatch(name)
    if found is None:
        raise _misplaced(name)
    steps = found[1][1:-1].split("][")
    if len(steps) > 1 and (not steps[-1] or (steps[-1].isdecimal() and steps[-2] in LIST_OPERATORS)):
        steps.pop()  # `[in][]=a&[in][]=b`
    if len(steps) > _DEEPEST:
        raise InvalidFilter(f"'filter' invalid. Conditions may be nested {_DEEPEST} deep at most")
    place = root
    for step in steps[:-1]:
        inner = place.setdefault(step, {})
        if not isinstance(inner, dict):
            raise _misplaced(name)
        place = inner
    last = steps[-1]
    if last in LIST_OPERATORS:
        known = place.setdefault(last, [])
        if not isinstance(known, list):
            raise _misplaced(name)
        known.extend(each for value in parameters.texts(name) for each in read_list(value))
        return
    if last in place:
        raise _misplaced(name)
    value = parameters.text(name) or ""
    place[last] = f"%{value}%" if last in _PATTERNS and "%" not in value else value


def _with_lists(value: object) -> object:
    """Where the steps are numbers (`[or][0]`, `[or][1]`) there is a list."""
    if not isinstance(value, dict):
        return value
    if value and all(step.isdecimal() for step in value):
        return [_with_lists(value[step]) for step in sorted(value, key=_number)]
    return {step: _with_lists(each) for step, each in value.items()}


def _number(step: str) -> tuple[int, str]:
    """For an order of numbers of any length."""
    return len(step.lstrip("0")), step.lstrip("0")


def _misplaced(name: str) -> InvalidFilter:
    return InvalidFilter(f"'{name[:_SHOWN]}' is invalid. eg: filter[name][ilike]=acme")
