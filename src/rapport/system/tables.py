"""How a table of `core` is described to the engine: what clients see of it, under the names of a type of the SDL.

Only what is described can be read: a column that is not is not even in the SQL. SQL in a description speaks of the row
as `this`, of the caller's workspace, user and schema as `@workspace`, `@user` and `@schema`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from rapport.metadata.fieldtypes.base import Json

OWN_WORKSPACE = 'this."workspaceId" = @workspace'


@dataclass(frozen=True, kw_only=True)
class ColumnField:
    """A value of the row: its column, or what ``sql`` computes."""

    name: str
    type: str  # of metadata/fieldtypes
    is_nullable: bool = True
    sql: str | None = None


@dataclass(frozen=True, kw_only=True)
class ToOneField:
    """The row of another type whose id is in the column ``by`` of this one."""

    name: str
    target: str
    by: str


@dataclass(frozen=True, kw_only=True)
class ToManyField:
    """The rows of another type whose column ``by`` has what ``of`` has here. `-position` orders downwards.

    ``is_paged``: as a connection with `paging`, `filter` and `sorting`. ``is_optional``: null where ``of`` is null.
    """

    name: str
    target: str
    by: str
    of: str = "id"
    order: tuple[str, ...] = ("id",)
    is_paged: bool = False
    is_optional: bool = False


@dataclass(frozen=True, kw_only=True)
class MadeField:
    """What Python makes of columns that need not be fields themselves."""

    name: str
    needs: tuple[str, ...]
    make: Callable[[Mapping[str, Json]], Json]


TableField: TypeAlias = ColumnField | ToOneField | ToManyField | MadeField


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table as a type of the SDL. The same table may be described several times, as several types.

    ``rows`` says which rows there are for the caller. It holds for every use of the type, nested ones too.
    """

    type: str
    name: str  # of the table
    fields: tuple[TableField, ...]
    rows: str = OWN_WORKSPACE
    joins: str = ""  # further tables that SQL in the description speaks of; at most one row of them for each row
    schema: str = "core"  # `@schema`: the table is one of the workspace's own
    is_soft_deleted: bool = False  # whether it has the column `deletedAt`
    elsewhere: tuple[str, ...] = ()  # fields of the type that the resolvers add to what was read


@dataclass(frozen=True, kw_only=True)
class Addition:
    """Fields that another area adds to a type, as it does in the SDL with `extend type`."""

    type: str
    fields: tuple[TableField, ...] = ()
    joins: str = ""
    elsewhere: tuple[str, ...] = ()


def column(name: str, type_name: str = "TEXT", *, nullable: bool = False, sql: str | None = None) -> ColumnField:
    return ColumnField(name=name, type=type_name, is_nullable=nullable, sql=sql)


def to_one(name: str, target: str, *, by: str | None = None) -> ToOneField:
    """`to_one("role", "Role")`: by `roleId`."""
    return ToOneField(name=name, target=target, by=by or f"{name}Id")


def to_many(
    name: str, target: str, *, by: str, of: str = "id", order: tuple[str, ...] = ("id",), optional: bool = False
) -> ToManyField:
    return ToManyField(name=name, target=target, by=by, of=of, order=order, is_optional=optional)


def connection(name: str, target: str, *, by: str, of: str = "id", order: tuple[str, ...] = ("id",)) -> ToManyField:
    return ToManyField(name=name, target=target, by=by, of=of, order=order, is_paged=True)


def made(name: str, *needs: str, by: Callable[[Mapping[str, Json]], Json]) -> MadeField:
    return MadeField(name=name, needs=needs, make=by)


ID = column("id", "UUID")
WORKSPACE_ID = column("workspaceId", "UUID")
TIMES = (column("createdAt", "DATE_TIME"), column("updatedAt", "DATE_TIME"))
