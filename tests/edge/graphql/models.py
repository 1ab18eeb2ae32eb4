"""Data models and system operations for tests of the schema."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from rapport.base.ids import new_id
from rapport.edge.graphql.system import SystemOperations
from rapport.metadata.catalog import Catalog, Field, Object, Option, Relation, WorkspaceId
from rapport.metadata.fieldtypes.registry import FIELD_TYPES
from rapport.metadata.standard.model import standard_catalog

SYSTEM_SDL = """
extend type Query {
  "Who is asking."
  currentUser(at: DateTime): Account @access(who: USER)
}
extend type Mutation {
  rename(name: String!, page: PageInfo2Input): Account @access(who: USER)
}
type Account { id: UUID! pageInfo: PageInfo cursor: ConnectionCursor }
type PageInfo { endCursor: ConnectionCursor hasNextPage: Boolean }
enum FilterIs { NULL NOT_NULL }
input UUIDFilter { eq: UUID is: FilterIs }
input PageInfo2Input { filter: UUIDFilter }
"""


def field(name: str, type_name: str, **more: object) -> Field:
    return replace(
        Field(id=new_id(), name=name, type=FIELD_TYPES[type_name], label=name.capitalize()),
        **more,  # type: ignore[arg-type]
    )


def options(*values: str) -> tuple[Option, ...]:
    return tuple(
        Option(id=new_id(), value=value, label=value.capitalize(), color="red", position=position)
        for position, value in enumerate(values)
    )


def rocket() -> Object:
    """An object with a field of every type, linked to companies."""
    plain = [name for name, kind in FIELD_TYPES.items() if not kind.is_relation and "SELECT" not in name]
    fields = (
        field("id", "UUID", is_nullable=False, default="uuid"),
        field("name", "TEXT", is_nullable=False, description='Its "name"\nin words \\ signs'),
        field("secret", "TEXT", settings={"isSecret": True}),
        field("old", "TEXT", is_active=False),
        field("crew", "NUMBER", settings={"dataType": "int"}),
        field("miles", "NUMBER", settings={"dataType": "bigint"}),
        field("status", "SELECT", options=options("FLYING", "LOST")),
        field("tags", "MULTI_SELECT", options=options("HEAVY", "LIGHT")),
        *(field(f"some{name.title().replace('_', '')}", name) for name in plain),
        field(
            "owner",
            "RELATION",
            relation=Relation(
                kind="MANY_TO_ONE", target_object="company", target_field="rockets", join_column="ownerId"
            ),
        ),
    )
    return Object(
        id=new_id(),
        name="rocket",
        plural="rockets",
        label="Rocket",
        label_plural="Rockets",
        is_custom=True,
        fields=fields,
    )


def standard() -> Catalog:
    return standard_catalog(WorkspaceId(new_id()))


def with_rockets() -> Catalog:
    """The standard model and one more object, which companies have several of."""
    catalog = standard()
    rockets = field(
        "rockets",
        "RELATION",
        relation=Relation(kind="ONE_TO_MANY", target_object="rocket", target_field="owner", join_column="ownerId"),
    )
    objects = tuple(
        replace(item, fields=(*item.fields, rockets)) if item.name == "company" else item for item in catalog.objects
    )
    return replace(catalog, objects=(*objects, rocket()))


def system() -> SystemOperations:
    async def nothing(_context: object, _arguments: Mapping[str, object]) -> object:
        return None

    return SystemOperations([SYSTEM_SDL], {"currentUser": nothing, "rename": nothing})


def system_sdl(without: Collection[str] = ()) -> str:
    return system().sdl(without)
