"""The document about records."""

from rapport.edge.openapi.beyond import FILE, IMPORT, TAGS, Beyond
from rapport.edge.openapi.beyond import PARAMETERS as MORE_PARAMETERS
from rapport.edge.openapi.failures import ERROR, HEADERS, error_schema, failures
from rapport.edge.openapi.feed import EVENT, feed_path
from rapport.edge.openapi.feed import PARAMETERS as FEED_PARAMETERS
from rapport.edge.openapi.feed import TAG as EVENTS
from rapport.edge.openapi.frame import document_paths, frame
from rapport.edge.openapi.names import Names
from rapport.edge.openapi.parameters import PARAMETERS
from rapport.edge.openapi.parts import BOOLEAN, MAYBE_STRING, Part, whole
from rapport.edge.openapi.records import Paths
from rapport.edge.openapi.schemas import record_schemas, schema_names, shown_objects
from rapport.edge.openapi.webhooks import HEADERS as WEBHOOK_HEADERS
from rapport.edge.openapi.webhooks import record_webhooks
from rapport.metadata.catalog import Catalog

_DESCRIPTION = (
    "The records of a workspace: those of its standard objects and of its own. PUT is accepted wherever PATCH is, and"
    " does the same."
)
_PAGE_INFO = whole(hasNextPage=BOOLEAN, hasPreviousPage=BOOLEAN, startCursor=MAYBE_STRING, endCursor=MAYBE_STRING)


def core_document(catalog: Catalog | None, *, url: str, version: str, is_flat: bool) -> Part:
    """Without a catalog it tells only how to get the whole. ``is_flat``: the shape of errors."""
    if catalog is None:
        components = {
            "schemas": {ERROR: error_schema(is_flat=is_flat)},
            "headers": HEADERS,
            "responses": failures(ERROR),
        }
        return frame(url=url, version=version, description=_DESCRIPTION, paths=document_paths(), components=components)
    types, ids = Names(), Names()
    names = schema_names(catalog, types)
    error, page_info, file, import_, event = (
        types.take(name) for name in (ERROR, "PageInfo", "File", "Import", "Event")
    )
    schemas: dict[str, Part] = {}
    paths: dict[str, Part] = {}
    webhooks: dict[str, Part] = {}
    tags: list[Part] = []
    general = document_paths()
    for path in general.values():
        ids.take(path["get"]["operationId"])  # type: ignore[index]
    beyond = Beyond(file=file, import_=import_, ids=ids)
    for item in shown_objects(catalog):
        own = names[item.name]
        schemas.update(record_schemas(catalog, item, names))
        paths.update(Paths(names=own, page_info=page_info, ids=ids).of(item))
        paths.update(beyond.of(item))
        webhooks.update(record_webhooks(item, own.answer))
        tags.append({"name": item.plural, "description": f"Object `{item.type_name}`"})
    schemas |= {error: error_schema(is_flat=is_flat), page_info: _PAGE_INFO, file: FILE, import_: IMPORT, event: EVENT}
    paths.update([feed_path(event, ids.take("listEvents"))])
    paths.update(beyond.always())  # these go before objects of such a name
    return frame(
        url=url,
        version=version,
        description=_DESCRIPTION,
        paths={**general, **paths},
        components={
            "schemas": schemas,
            "parameters": {**PARAMETERS, **MORE_PARAMETERS, **FEED_PARAMETERS, **WEBHOOK_HEADERS},
            "headers": HEADERS,
            "responses": failures(error),
        },
        tags=({"name": EVENTS, "description": "What has happened to records"}, *TAGS, *tags),
        webhooks=webhooks,
    )
