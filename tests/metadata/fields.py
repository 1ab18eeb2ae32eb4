"""Fields of every type, for tests."""

from collections.abc import Mapping

from rapport.base.ids import new_id
from rapport.metadata.catalog import Field, Option, Relation
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.registry import FIELD_TYPES

COLOURS = ("RED", "GREEN", "BLUE")


def options(*values: str) -> tuple[Option, ...]:
    return tuple(
        Option(id=new_id(), value=value, label=value.title(), color="blue", position=position)
        for position, value in enumerate(values)
    )


def field(
    type_name: str,
    name: str = "f",
    *,
    settings: Mapping[str, object] | None = None,
    is_nullable: bool = True,
    is_unique: bool = False,
    default: object = None,
    relation: Relation | None = None,
) -> Field:
    return Field(
        id=new_id(),
        name=name,
        label=name.title(),
        type=FIELD_TYPES[type_name],
        is_nullable=is_nullable,
        is_unique=is_unique,
        default=default,
        settings=settings or {},
        options=options(*COLOURS) if type_name in ("SELECT", "MULTI_SELECT") else (),
        relation=relation,
    )


def write(type_name: str, value: Json, **settings: object) -> Mapping[str, Json]:
    """Column values of a field named `f`."""
    item = field(type_name, settings=settings)
    return item.type.write(item, value)


def coerce(type_name: str, value: Json, **settings: object) -> Json:
    """The only column value of a field named `f`."""
    (result,) = write(type_name, value, **settings).values()
    return result
