"""What PostgreSQL can store in text and jsonb: no NUL character, no lone surrogate, no number beyond a double."""

import math

from rapport.base.errors import InvalidValue
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.shown import shown

_INT64 = 2**63
_DEEPEST = 200  # levels of nesting; the writer of JSON on the way to the database knows 254


def obstacle(text: str) -> str:
    """Why the text cannot be stored, as the end of a message; '' when it can.

    >>> obstacle("fine"), obstacle("a\\x00b")
    ('', ': a text cannot contain the NUL character')
    """
    if "\x00" in text:
        return ": a text cannot contain the NUL character"
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return ": a text cannot contain half of a surrogate pair"
    return ""


def storable_json(value: Json, label: str) -> Json:
    """A JSON value as it can be stored, changed in place; raises InvalidValue.

    It is walked without recursion, for callers may nest it as deep as the parser lets them. Integers beyond 64 bits
    become doubles, as they do in every JSON reader of the contract's clients.
    """
    holder: list[Json] = [value]
    pending: list[tuple[list[Json] | dict[str, Json], int]] = [(holder, 0)]
    while pending:
        container, depth = pending.pop()
        if depth > _DEEPEST:
            raise InvalidValue(f'Invalid object value for field "{label}": more than {_DEEPEST} levels of nesting')
        if isinstance(container, dict):
            for key in container:
                _check_text(key, value, label)
        entries = container.items() if isinstance(container, dict) else enumerate(container)
        for place, item in list(entries):
            if isinstance(item, (list, dict)):
                pending.append((item, depth + 1))
            elif isinstance(item, str):
                _check_text(item, value, label)
            elif isinstance(item, (int, float)) and not isinstance(item, bool):
                container[place] = _storable_number(item, value, label)  # type: ignore[call-overload,index]
    return holder[0]


def _check_text(text: str, value: Json, label: str) -> None:
    if reason := obstacle(text):
        raise InvalidValue(f'Invalid object value {shown(value)} for field "{label}"{reason}')


def _storable_number(number: int | float, value: Json, label: str) -> int | float:
    if isinstance(number, int) and -_INT64 <= number < _INT64:
        return number
    try:
        double = float(number)
    except OverflowError:
        double = math.inf
    if not math.isfinite(double):
        raise InvalidValue(f'Invalid object value {shown(value)} for field "{label}"')
    return double
