"""What is wrong with a request's text or values, gathered so that all of it is reported at once."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import ClassVar

from graphql.pyutils import did_you_mean, suggestion_list

from rapport.base.errors import BadUserInput
from rapport.engine.inputs import Input
from rapport.engine.scalars import printed
from rapport.metadata.catalog import Object

_MOST = 50


class NoSuchField(BadUserInput):
    """An object does not have a field."""

    sub_code = "INVALID_ARGS_FILTER"

    def __init__(self, item: Object, name: str) -> None:
        super().__init__(
            f'Object {item.name} doesn\'t have any "{name}" field.',
            user_message=f'Invalid filter : {item.name} object doesn\'t have any "{name}" field.',
        )
        self.name = name


@dataclass(frozen=True, kw_only=True)
class Problem:
    """``in_variable``: the caller's values are wrong, not the document."""

    message: str
    location: object = None
    in_variable: bool = False


class TooManyProblems(Exception):
    """There is no use in looking for more of them. All that were found are in ``Problems.items``."""


@dataclass
class Problems:
    """Raises TooManyProblems with the last one that is kept."""

    checks_kinds: ClassVar[bool] = True  # whether GraphQL's type check comes before what field types say of values

    items: list[Problem] = field(default_factory=list)
    conditions: int = 0  # of all filters of the request
    listed: int = 0  # values in lists that these conditions compare with

    def add(self, message: str, given: Input) -> None:
        self.keep(Problem(message=message, location=given.location, in_variable=given.path is not None))

    def name(self, message: str, given: Input) -> None:
        """The name that the value has is wrong."""
        if given.named is not None:
            self.at(message, given.named)
        else:
            self.add(message, given)

    def no_field(self, item: Object, key: str, type_name: str, known: Collection[str], given: Input) -> None:
        """A name that is none of an object's fields."""
        self.name(f'Field "{key}" is not defined by type "{type_name}".{suggest(key, known)}', given)

    def at(self, message: str, location: object) -> None:
        self.keep(Problem(message=message, location=location))

    def keep(self, problem: Problem) -> None:
        self.items.append(problem)
        if len(self.items) == _MOST:
            end = "Too many validation errors, error limit reached. Validation aborted."
            if problem.in_variable:
                end = "Too many errors processing variables, error limit reached. Execution aborted."
            self.items.append(Problem(message=end, in_variable=problem.in_variable))
            raise TooManyProblems


class PlainProblems(Problems):
    """Those of a request that is no GraphQL: it is told what field types say of values, not GraphQL's type check."""

    checks_kinds: ClassVar[bool] = False

    def no_field(self, item: Object, key: str, type_name: str, known: Collection[str], given: Input) -> None:
        raise NoSuchField(item, key)


def suggest(wanted: str, known: Collection[str]) -> str:
    """The words ` Did you mean "x"?` for a misspelt name, or nothing."""
    return did_you_mean(suggestion_list(wanted, known)[:5]).replace("'", '"')


def not_in_enum(enum: str, known: Collection[str], value: object, *, in_document: bool = False) -> str:
    """What is said of a value that is none of an enum's."""
    if not isinstance(value, str):
        kind = "non-enum" if in_document else "non-string"
        return f'Enum "{enum}" cannot represent {kind} value: {printed(value)}.'
    hint = did_you_mean(suggestion_list(value, known)[:5], "the enum value").replace("'", '"')
    return f'Value "{value}" does not exist in "{enum}" enum.{hint}'
