"""What a system operation is given: who calls, from where and with what. Its services are bound when it is made."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import orjson

from rapport.access.principal import Principal
from rapport.metadata.fieldtypes.base import Json

# Names of the fields that are asked for, each with those asked for in it: {"role": {"label": {}}}. Aliases are not in
# it. A field that is asked for with arguments is there for each of them: {'keys{"first":1}': {"name": {}}}.
Fields: TypeAlias = Mapping[str, "Fields"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """A field that is asked for: under which key its value is to be in the answer, and what is asked for in it.

    ``parent`` is the type whose field it is; ``arguments`` are as resolvers get theirs.
    """

    key: str
    name: str
    parent: str = ""
    arguments: Mapping[str, object] = field(default_factory=dict)
    inside: "Selection" = ()

    @property
    def row_key(self) -> str:
        """Its key in Fields, and in rows that are read for them: its name, with the arguments if there are any."""
        if not self.arguments:
            return self.name
        return self.name + orjson.dumps(self.arguments, option=orjson.OPT_SORT_KEYS, default=str).decode()


Selection: TypeAlias = tuple[Selected, ...]  # in the order of the answer


def fields_of(selection: Selection) -> Fields:
    """Of fields that are selected several times, what is asked for in any of them."""
    inside: dict[str, Selection] = {}
    for each in selection:
        if not each.name.startswith("__"):
            inside[each.row_key] = inside.get(each.row_key, ()) + each.inside
    return {key: fields_of(each) for key, each in inside.items()}


def selection_of(fields: Fields) -> Selection:
    """The fields as something that can be asked for, under keys without values: `roles`, `roles__1`."""
    found: list[Selected] = []
    for place, (row_key, inside) in enumerate(fields.items()):
        name, brace, rest = row_key.partition("{")
        key, arguments = (f"{name}__{place}", orjson.loads(brace + rest)) if brace else (name, {})
        found.append(Selected(key=key, name=name, arguments=arguments, inside=selection_of(inside)))
    return tuple(found)


def has_arguments(selection: Selection) -> bool:
    return any(each.arguments or has_arguments(each.inside) for each in selection)


def with_row_keys(value: Json, selection: Selection) -> Json:
    """What was found for ``selection_of(fields)``, under the keys of the fields."""
    if isinstance(value, list):
        return [with_row_keys(each, selection) for each in value]
    if not isinstance(value, dict) or not selection:
        return value
    return {each.row_key: with_row_keys(value[each.key], each.inside) for each in selection if each.key in value}


@dataclass(frozen=True, kw_only=True)
class Listening:
    """How a subscription is listened to: from which cursor of the event log on (None: from now on).

    ``recheck`` gives the caller with their rights of this moment, or raises why they are nobody any more. It is asked
    before something is told.
    """

    recheck: Callable[[], Awaitable[Principal]]
    after: str | None = None


@dataclass(frozen=True, kw_only=True)
class RequestContext:
    """The caller of one request."""

    principal: Principal | None  # None: nobody signed in
    token: str | None = None  # the bearer as it was sent, valid or not
    address: str | None = None  # the caller's network address
    origin: str | None = None  # the web page that asks (`https://acme.crm.example.com`), as the browser says
    host: str | None = None  # the host that was asked, with its port
    fields: Fields = field(default_factory=dict)  # of the operation's result
    selection: Selection = ()  # the same, as the client wrote it: for answers that are Written
    listening: Listening | None = None  # of a subscription


@dataclass(frozen=True, slots=True)
class Plain:
    """A result that is JSON already, with the names and kinds of the SDL, and is not looked at value by value.

    For long results: everything that the SDL requires is there, UUIDs and moments are texts.
    """

    value: object


@dataclass(frozen=True, slots=True)
class Written:
    """A result that is the bytes of its JSON in the answer: what was selected, in its order, under its keys."""

    json: bytes


@dataclass(frozen=True, slots=True)
class Said:
    """A value of a subscription (possibly Plain, Written or an exception), and the cursor from which it goes on.

    Nothing is told of NOTHING: it only says how far everything is.
    """

    value: object
    cursor: str | None = None


NOTHING: Final = Written(b"")

# The arguments arrive as the SDL names them, absent ones left out, defaults filled in.
Resolver: TypeAlias = Callable[[RequestContext, Mapping[str, object]], Awaitable[object]]
# Of a subscription. What happens once it has given the generator must be told; it is closed when nobody listens.
Source: TypeAlias = Callable[[RequestContext, Mapping[str, object]], Awaitable[AsyncGenerator[Said, None]]]
