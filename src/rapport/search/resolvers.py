"""The system operation of searching."""

from collections.abc import Mapping
from datetime import datetime

from rapport.access.request import Plain, RequestContext, Resolver
from rapport.base.errors import Forbidden
from rapport.base.spellings import part, text
from rapport.search.plans import M
from rapport.search.question import Page, Question
from rapport.search.scope import Scope
from rapport.search.service import SearchService
from rapport.system.area import Area, read_sdl


def area(service: SearchService[M]) -> Area:
    return Area(sdl=read_sdl("rapport.search"), resolvers=resolvers(service))


def resolvers(service: SearchService[M]) -> Mapping[str, Resolver]:
    """The operations of `schema.graphql` by name."""

    async def search(context: RequestContext, arguments: Mapping[str, object]) -> object:
        if context.principal is None:
            raise Forbidden
        return Plain(_shown(await service.search(context.principal, _question(arguments))))

    return {"search": search}


def _question(arguments: Mapping[str, object]) -> Question:
    given = _plain(part(arguments, "filter"))
    return Question(
        text=text(arguments, "searchInput") or "",
        limit=_integer(arguments, "limit"),
        offset=_integer(arguments, "offset"),
        after=text(arguments, "after"),
        scope=Scope(
            included=_names(arguments, "includedObjectNameSingulars"),
            excluded=_names(arguments, "excludedObjectNameSingulars"),
        ),
        filter=given if isinstance(given, Mapping) else None,
    )


def _integer(arguments: Mapping[str, object], name: str) -> int:
    value = arguments.get(name)
    return value if isinstance(value, int) else 0


def _names(arguments: Mapping[str, object], name: str) -> frozenset[str]:
    value = arguments.get(name)
    return frozenset(map(str, value)) if isinstance(value, list) else frozenset()


def _plain(value: object) -> object:
    """The filter as JSON: moments, which arrive as such, as text again."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


def _shown(page: Page) -> object:
    edges = [
        {
            "node": {
                "recordId": each.id,
                "objectNameSingular": each.object_name,
                "objectLabelSingular": each.object_label,
                "label": each.label,
                "imageUrl": each.picture,
                "tsRankCD": each.rank_of_all,
                "tsRank": each.rank_of_any,
            },
            "cursor": each.cursor,
        }
        for each in page.found
    ]
    end = page.found[-1].cursor if page.found else None
    return {"edges": edges, "pageInfo": {"hasNextPage": page.has_next, "endCursor": end}}
