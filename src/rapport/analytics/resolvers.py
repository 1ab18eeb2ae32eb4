"""The system operation by which clients note events about records."""

from collections.abc import Mapping
from typing import Protocol

import orjson

from rapport.access.principal import Principal
from rapport.access.request import RequestContext
from rapport.audit.log import record
from rapport.base.errors import BadUserInput, Forbidden
from rapport.metadata.catalog import Catalog
from rapport.metadata.evolution.errors import ObjectNotFound
from rapport.store.database import Database
from rapport.system.area import Area, read_sdl

LONGEST_NAME = 200
MOST_BYTES = 10_000  # of properties, as JSON


class SeesModel(Protocol):
    """A data model as somebody sees it."""

    @property
    def catalog(self) -> Catalog: ...


class Models(Protocol):
    """Where the data models of workspaces come from."""

    def known(self, principal: Principal) -> SeesModel | None: ...

    async def load(self, principal: Principal) -> SeesModel: ...


class InvalidEvent(BadUserInput):
    """This cannot be noted."""

    sub_code = "INVALID_OBJECT_EVENT"


def area(db: Database, models: Models) -> Area:
    async def create_object_event(context: RequestContext, arguments: Mapping[str, object]) -> object:
        principal = context.principal
        if principal is None or principal.workspace_id is None:
            raise Forbidden
        event, properties = str(arguments["event"]), arguments.get("properties")
        if not event.strip() or len(event) > LONGEST_NAME:
            raise InvalidEvent(f"The name of an event has 1 to {LONGEST_NAME} characters.")
        if len(orjson.dumps(properties, default=str)) > MOST_BYTES:
            raise InvalidEvent(f"The properties of an event have at most {MOST_BYTES} bytes.")
        model = models.known(principal) or await models.load(principal)
        object_id = str(arguments["objectMetadataId"])
        item = next((each for each in model.catalog.by_name.values() if str(each.id) == object_id), None)
        if item is None or not item.rights.read:
            raise ObjectNotFound
        details = {"event": event, "object": item.name, "recordId": arguments["recordId"]}
        if properties is not None:
            details["properties"] = properties
        await record(db, action="eventNoted", principal=principal, details=details, address=context.address)
        return {"success": True}

    return Area(sdl=read_sdl("rapport.analytics"), resolvers={"createObjectEvent": create_object_event})
