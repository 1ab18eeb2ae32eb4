"""How a rejected value is shown in an error message: the way Node's inspector prints it, kept short and printable."""

from rapport.metadata.fieldtypes.base import Json

_LONGEST = 200
_DEEPEST = 3
_MOST = 20
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f", "\v": "\\v", "\\": "\\\\"}


def shown(value: Json) -> str:
    """The value as text for a message.

    >>> shown("it's"), shown(5.0), shown(None), shown({"a": [1, True]}), shown([])
    ('"it\\'s"', '5', 'null', '{ a: [ 1, true ] }', '[]')
    """
    return _shown(value, 0)


def printable(text: str) -> str:
    """The text with everything escaped that a message cannot carry: control characters and lone surrogates.

    >>> printable("a\\x00b\\ud800")
    'a\\\\x00b\\\\uD800'
    """
    cut = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    if cut.isprintable() and "\\" not in cut:
        return cut
    return "".join(_escaped(character) for character in cut)


def _escaped(character: str) -> str:
    code = ord(character)
    if character in _ESCAPES:
        return _ESCAPES[character]
    if code < 0x20 or 0x7F <= code <= 0x9F:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if 0xD800 <= code <= 0xDFFF else character


def _shown(value: Json, depth: int) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            quote = "'" if "'" not in value else '"' if '"' not in value else "`"
            return quote + printable(value) + quote
        case int():
            # Python refuses to print integers of thousands of digits, and nobody wants to read them.
            return str(value) if value.bit_length() < _LONGEST else "a very large number"
        case float():
            return _shown_float(value)
        case list():
            return _shown_list(value, depth)
        case dict():
            return _shown_object(value, depth)


def _shown_float(value: float) -> str:
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return str(int(value)) if value.is_integer() and abs(value) < 1e21 else repr(value)


def _shown_list(value: "list[Json]", depth: int) -> str:
    if not value:
        return "[]"
    if depth >= _DEEPEST:
        return "[Array]"
    more = [f"... {len(value) - _MOST} more items"] if len(value) > _MOST else []
    return "[ " + ", ".join([_shown(item, depth + 1) for item in value[:_MOST]] + more) + " ]"


def _shown_object(value: "dict[str, Json]", depth: int) -> str:
    if not value:
        return "{}"
    if depth >= _DEEPEST:
        return "[Object]"
    entries = [
        f"{key if key.isidentifier() and len(key) <= _LONGEST else _shown(key, 0)}: {_shown(item, depth + 1)}"
        for key, item in list(value.items())[:_MOST]
    ]
    return "{ " + ", ".join(entries + (["..."] if len(value) > _MOST else [])) + " }"
