"""The system operations about webhooks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from rapport.access.principal import Principal
from rapport.access.request import Fields, Plain, RequestContext, Resolver
from rapport.audit.actions import Action
from rapport.audit.log import record
from rapport.base.encryption import CannotOpen
from rapport.base.errors import Forbidden
from rapport.base.spellings import one_spelling, part, text
from rapport.jobs.queue import Jobs
from rapport.outgoing.client import Outgoing
from rapport.store.database import Connection, Database
from rapport.system.area import Area, read_sdl
from rapport.system.crud import Crud, Write
from rapport.system.errors import InvalidPaging
from rapport.system.reading import Row, Tables
from rapport.webhooks.errors import SecretUnreadable, WebhookNotFound
from rapport.webhooks.operations import normalised_operations
from rapport.webhooks.redelivering import redeliver, redeliver_since
from rapport.webhooks.secrets import WebhookVault
from rapport.webhooks.service import (
    check_description,
    check_objects,
    enable,
    give_secret,
    page_of_deliveries,
    require_room,
    revive_for,
    rotate_secret,
)
from rapport.webhooks.targets import normalised_target, origin_of
from rapport.webhooks.testing import send_test
from rapport.webhooks.waking import wake

PAGE, LARGEST_PAGE = 20, 200  # deliveries

Arguments = Mapping[str, object]


def area(db: Database, tables: Tables, vault: WebhookVault, outgoing: Outgoing) -> Area:
    """``outgoing`` sends tests."""
    webhooks = _Webhooks(db, tables, vault, outgoing, writes(vault).resolvers(db, tables))
    resolvers: Mapping[str, Resolver] = {
        "webhook": webhooks.one,
        "webhooks": webhooks.all,
        "createWebhook": webhooks.written["createWebhook"],
        "updateWebhook": webhooks.written["updateWebhook"],
        "deleteWebhook": webhooks.delete,
        "rotateWebhookSecret": webhooks.rotate,
        "enableWebhook": webhooks.enable,
        "webhookDeliveries": webhooks.deliveries,
        "webhookDelivery": webhooks.delivery,
        "redeliverWebhookDelivery": webhooks.redeliver,
        "redeliverWebhookDeliveries": webhooks.redeliver_since,
        "testWebhook": webhooks.test,
    }
    return Area(sdl=read_sdl("rapport.webhooks"), resolvers=resolvers)


# -- creating, updating and deleting are declared ------------------------------------------------------------------


def writes(vault: WebhookVault) -> Crud:
    async def complete(write: Write) -> None:
        secret = text(write.given, "secret")
        if write.verb == "create" or secret is not None:
            await give_secret(write.connection, vault, UUID(write.id), secret)
        if write.verb == "delete":
            await wake(write.connection, Jobs(), UUID(write.id))  # what waits is given up
        await _note(write.connection, _ACTIONS[write.verb], write.context, UUID(write.id), _told(write))

    return Crud(
        of="Webhook",
        create="createWebhook",
        update="updateWebhook",
        delete="deleteWebhook",
        writable=("id", "targetUrl", "operations", "description"),
        not_found=WebhookNotFound,
        before=_check,
        after=complete,
    )


_ACTIONS: Mapping[str, Action] = {
    "create": "webhookCreated",
    "update": "webhookUpdated",
    "delete": "webhookDeleted",
}


async def _check(write: Write) -> None:
    given = write.given
    if write.verb == "delete":
        return
    for name in ("targetUrl", "operations"):
        if given.get(name) is None:
            given.pop(name, None)  # null: it stays as it is
    if write.verb == "create":
        await require_room(write.connection, _workspace_id(write.principal))
    if "targetUrl" in given:
        target = given["targetUrl"] = normalised_target(str(given["targetUrl"]))
        await revive_for(write.connection, UUID(write.id), target)
    if isinstance(operations := given.get("operations"), list):
        given["operations"] = found = normalised_operations(operations)
        await check_objects(write.connection, _workspace_id(write.principal), found)
    check_description(given.get("description"))


def _told(write: Write) -> dict[str, object]:
    """What the audit log is told: of the address no more than its host, because the rest is often a secret."""
    names = [name for name in ("targetUrl", "operations", "description", "secret") if name in write.given]
    told: dict[str, object] = {"given": names} if names else {}
    if "targetUrl" in names:
        told["target"] = origin_of(str(write.given["targetUrl"]))
    if "operations" in names:
        told["operations"] = write.given["operations"]
    return told


# -- the rest is behaviour -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Webhooks:
    db: Database
    tables: Tables
    vault: WebhookVault
    outgoing: Outgoing
    written: Mapping[str, Resolver]

    async def one(self, context: RequestContext, arguments: Arguments) -> object:
        webhook_id = one_spelling({"id": arguments.get("id"), "input.id": part(arguments, "input").get("id")})
        return Plain(await self.tables.read_one("Webhook", context.fields, context.principal, where={"id": webhook_id}))

    async def all(self, context: RequestContext, _arguments: Arguments) -> object:
        return Plain(await self.tables.read("Webhook", context.fields, context.principal, order=("createdAt", "id")))

    async def delete(self, context: RequestContext, arguments: Arguments) -> object:
        try:
            return await self.written["deleteWebhook"](context, arguments)
        except WebhookNotFound:
            return False

    async def rotate(self, context: RequestContext, arguments: Arguments) -> object:
        webhook_id, seconds = UUID(str(arguments["id"])), arguments["validFor"]
        valid_for = timedelta(seconds=seconds if isinstance(seconds, int) else 0)
        workspace_id = _workspace_id(context.principal)
        async with self.db.transaction() as connection:
            await rotate_secret(connection, self.vault, webhook_id, workspace_id=workspace_id, valid_for=valid_for)
            told = {"validFor": seconds}
            await _note(connection, "webhookSecretRotated", context, webhook_id, told)
            return Plain(await self._read("Webhook", context, webhook_id, connection))

    async def enable(self, context: RequestContext, arguments: Arguments) -> object:
        webhook_id = UUID(str(arguments["id"]))
        async with self.db.transaction() as connection:
            await enable(connection, webhook_id, principal=_principal(context.principal), address=context.address)
            return Plain(await self._read("Webhook", context, webhook_id, connection))

    async def delivery(self, context: RequestContext, arguments: Arguments) -> object:
        where = {"id": arguments["id"]}
        return Plain(await self.tables.read_one("WebhookDelivery", context.fields, context.principal, where=where))

    async def deliveries(self, context: RequestContext, arguments: Arguments) -> object:
        """The latest first, a page of them: the cursor of each is its id."""
        webhook_id, size, after = UUID(str(arguments["webhookId"])), _size(arguments), _after(arguments)
        state = text(arguments, "state")
        found = await self.tables.read_one("Webhook", {"id": {}}, context.principal, where={"id": str(webhook_id)})
        if found is None:
            raise WebhookNotFound
        ids = await page_of_deliveries(self.db, webhook_id, state=state and state.lower(), after=after, limit=size + 1)
        rows = await self._nodes(context, ids[:size])
        edges = [{"cursor": row["id"], "node": row} for row in rows]
        info = {
            "hasNextPage": len(ids) > size,
            "hasPreviousPage": after is not None,
            "startCursor": edges[0]["cursor"] if edges else None,
            "endCursor": edges[-1]["cursor"] if edges else None,
        }
        return Plain({"edges": edges, "pageInfo": info})

    async def redeliver(self, context: RequestContext, arguments: Arguments) -> object:
        delivery_id, workspace_id = UUID(str(arguments["id"])), _workspace_id(context.principal)
        await redeliver(self.db, Jobs(), workspace_id=workspace_id, delivery_id=delivery_id)
        return Plain(await self._read("WebhookDelivery", context, delivery_id))

    async def redeliver_since(self, context: RequestContext, arguments: Arguments) -> object:
        since = arguments["since"]
        assert isinstance(since, datetime)
        return await redeliver_since(
            self.db,
            Jobs(),
            workspace_id=_workspace_id(context.principal),
            webhook_id=UUID(str(arguments["webhookId"])),
            since=since,
            only_dead=arguments.get("onlyDead") is True,
        )

    async def test(self, context: RequestContext, arguments: Arguments) -> object:
        webhook_id, workspace_id = UUID(str(arguments["id"])), _workspace_id(context.principal)
        try:
            delivery_id = await send_test(
                self.db, self.outgoing, self.vault, workspace_id=workspace_id, webhook_id=webhook_id
            )
        except CannotOpen:
            raise SecretUnreadable from None
        return Plain(await self._read("WebhookDelivery", context, delivery_id))

    async def _nodes(self, context: RequestContext, ids: list[UUID]) -> list[Row]:
        wanted: Fields = {**context.fields.get("edges", {}).get("node", {}), "id": {}}
        where, order = {"id": [str(each) for each in ids]}, ("-createdAt", "-number")
        return await self.tables.read("WebhookDelivery", wanted, context.principal, where=where, order=order)

    async def _read(
        self, type_name: str, context: RequestContext, row_id: UUID, connection: Connection | None = None
    ) -> Row | None:
        where = {"id": str(row_id)}
        return await self.tables.read_one(
            type_name, context.fields, context.principal, where=where, connection=connection
        )


def _size(arguments: Arguments) -> int:
    size = arguments.get("first")
    if not isinstance(size, int):
        return PAGE
    if not 0 <= size <= LARGEST_PAGE:
        raise InvalidPaging(f"First argument must be from 0 to {LARGEST_PAGE}", sub_code="INVALID_ARGS_FIRST")
    return size


def _after(arguments: Arguments) -> UUID | None:
    cursor = text(arguments, "after")
    try:
        return None if cursor is None else UUID(cursor)
    except ValueError:
        raise InvalidPaging("The cursor is not one of this list", sub_code="INVALID_CURSOR") from None


async def _note(
    connection: Connection, action: Action, context: RequestContext, webhook_id: UUID, details: Mapping[str, object]
) -> None:
    await record(
        connection,
        action=action,
        principal=context.principal,
        details={"webhookId": webhook_id, **details},
        address=context.address,
    )


def _principal(principal: Principal | None) -> Principal:
    if principal is None or principal.workspace_id is None:
        raise Forbidden
    return principal


def _workspace_id(principal: Principal | None) -> UUID:
    workspace_id = _principal(principal).workspace_id
    assert workspace_id is not None
    return workspace_id
