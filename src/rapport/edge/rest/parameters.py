"""The query string of a request."""

from collections.abc import Sequence
from urllib.parse import parse_qsl

from rapport.edge.misuse import BadRequest
from rapport.edge.rest.errors import InvalidLimit, RepeatedParameter

_MOST = 1_000
_DIGITS = 15  # a number with more of them is larger than any limit


class Parameters:
    """Parameters by name, percent-decoded. Where several spellings of a name are accepted, the first one given wins."""

    def __init__(self, query_string: bytes) -> None:
        """Raises BadRequest when there are too many."""
        self._values: dict[str, list[str]] = {}
        try:
            pairs = parse_qsl(query_string.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST)
        except ValueError:
            raise BadRequest("The address has too many parameters.") from None
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    @property
    def names(self) -> Sequence[str]:
        return tuple(self._values)

    def text(self, *spellings: str) -> str | None:
        """The value of a parameter; None when it is absent or empty. Raises RepeatedParameter.

        >>> Parameters(b"after=abc&startingAfter=").text("starting_after", "startingAfter", "after")
        'abc'
        """
        for name in spellings:
            values = self._values.get(name, [])
            if len(values) > 1:
                raise RepeatedParameter(name)
            if values and values[0]:
                return values[0]
        return None

    def texts(self, name: str) -> Sequence[str]:
        """All values of a parameter that may be given several times."""
        return self._values.get(name, ())

    def flag(self, *spellings: str) -> bool | None:
        """Whether it is true; None when it is absent or empty. Raises BadRequest."""
        text = self.text(*spellings)
        if text is None:
            return None
        if text.lower() not in ("true", "false"):
            raise BadRequest(f"'{spellings[0]}' is invalid. Should be true or false")
        return text.lower() == "true"

    def whole(self, name: str) -> int | None:
        """A number of records to pass over; None when it is absent or empty. Raises InvalidLimit."""
        text = self.text(name)
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
            raise InvalidLimit(text, name)
        return int(text)

    def limit(self, *, default: int, most: int) -> int:
        """How many the page shall have; more than ``most`` is cut to that. Raises InvalidLimit.

        >>> Parameters(b"limit=500").limit(default=60, most=200)
        200
        """
        text = self.text("limit")
        if text is None:
            return default
        if not (text.isascii() and text.isdigit()):
            raise InvalidLimit(text)
        return min(int(text), most) if len(text) <= _DIGITS else most
