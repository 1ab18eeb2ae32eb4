"""The system operations about the data model."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from rapport.access.request import RequestContext, Resolver, Written
from rapport.base.errors import NotFound
from rapport.metadata.evolution.errors import FieldNotFound, IndexNotFound, ObjectNotFound
from rapport.system.area import Area, read_sdl
from rapport.system.reading import Tables

Arguments = Mapping[str, object]


def area(tables: Tables, mutations: Mapping[str, Resolver] | None = None) -> Area:
    reading = _Reading(tables)
    queries: Mapping[str, Resolver] = {
        "object": reading.one("Object", ObjectNotFound),
        "objects": reading.page("Object", ("position", "id")),
        "field": reading.one("Field", FieldNotFound),
        "fields": reading.page("Field", ("objectMetadataId", "position", "id")),
        "index": reading.one("Index", IndexNotFound),
        "indexMetadatas": reading.page("Index", ("objectMetadataId", "id")),
    }
    return Area(sdl=read_sdl("rapport.datamodel"), resolvers={**queries, **(mutations or {})})


@dataclass(frozen=True)
class _Reading:
    tables: Tables

    def one(self, type_name: str, missing: Callable[[], NotFound]) -> Resolver:
        async def resolve(context: RequestContext, arguments: Arguments) -> object:
            found = await self.tables.answer_one(type_name, context, where={"id": arguments["id"]})
            if found is None:
                raise missing()
            return found

        return resolve

    def page(self, type_name: str, order: tuple[str, ...]) -> Resolver:
        def resolve(context: RequestContext, arguments: Arguments) -> Awaitable[Written]:
            return self.tables.page(type_name, context, arguments, order=order)

        return resolve
