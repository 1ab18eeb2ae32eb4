"""The system operations about API keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from rapport.access.changes import AccessChange
from rapport.access.principal import Principal
from rapport.access.request import Plain, RequestContext, Resolver
from rapport.audit.actions import Action
from rapport.audit.log import record
from rapport.base.errors import Forbidden
from rapport.base.spellings import one_spelling, part, text
from rapport.keys.errors import KeyNotFound
from rapport.keys.service import check_name, generate_token, give_role, normalised_addresses, revoke_key
from rapport.metadata.fieldtypes.leaves.time import DATE_TIME
from rapport.roles.assigning import require_key_not_above, require_not_above
from rapport.store.database import Connection, Database
from rapport.system.access_news import AccessNews
from rapport.system.area import Area, read_sdl
from rapport.system.crud import Crud, Write
from rapport.system.reading import Tables

Arguments = Mapping[str, object]


def area(db: Database, tables: Tables, news: AccessNews) -> Area:
    keys = _Keys(db, tables, news)
    own: Mapping[str, Resolver] = {
        "apiKey": keys.one,
        "apiKeys": keys.all,
        "generateApiKeyToken": keys.generate_token,
        "revokeApiKey": keys.revoke,
    }
    return Area(sdl=read_sdl("rapport.keys"), resolvers={**own, **KEYS.resolvers(db, tables, news)})


# -- creating and updating are declared ----------------------------------------------------------------------------


async def _check(write: Write) -> None:
    given = write.given
    if "name" in given:
        check_name(given["name"])
    if isinstance(addresses := given.get("allowedIps"), list):
        given["allowedIps"] = normalised_addresses(addresses)
    if write.verb == "update" and given.get("revokedAt") is None:
        given.pop("revokedAt", None)  # what has ended stays ended


async def _complete(write: Write) -> None:
    key_id, workspace_id = UUID(write.id), write.principal.workspace_id
    assert workspace_id is not None
    if write.verb == "create":
        role_id = UUID(str(write.given["roleId"]))
        await give_role(write.connection, key_id, role_id, workspace_id=workspace_id)
        await require_not_above(write.connection, write.principal, role_id)
    action: Action = "apiKeyCreated" if write.verb == "create" else "apiKeyUpdated"
    await _note(write.connection, action, write.context, key_id, {**write.given})


KEYS = Crud(
    of="ApiKey",
    create="createApiKey",
    update="updateApiKey",
    writable=("name", "expiresAt", "revokedAt", "allowedIps"),
    not_found=KeyNotFound,
    before=_check,
    after=_complete,
    concerns=lambda write: AccessChange(api_key_id=UUID(write.id)),
)


# -- the rest is behaviour -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Keys:
    db: Database
    tables: Tables
    news: AccessNews

    async def one(self, context: RequestContext, arguments: Arguments) -> object:
        key_id = part(arguments, "input")["id"]
        return Plain(await self.tables.read_one("ApiKey", context.fields, context.principal, where={"id": key_id}))

    async def all(self, context: RequestContext, _arguments: Arguments) -> object:
        return Plain(await self.tables.read("ApiKey", context.fields, context.principal, order=("createdAt", "id")))

    async def generate_token(self, context: RequestContext, arguments: Arguments) -> object:
        key_id = one_spelling({"apiKeyId": text(arguments, "apiKeyId"), "id": text(arguments, "id")})
        expires_at = DATE_TIME.param(text(arguments, "expiresAt"), "expiresAt")
        assert isinstance(expires_at, datetime)
        async with self.db.transaction() as connection:
            token = await generate_token(
                connection,
                UUID(key_id),
                expires_at,
                workspace_id=_workspace_id(context),
            )
            await require_key_not_above(connection, _principal(context), UUID(key_id))
            await _note(connection, "apiKeyTokenGenerated", context, UUID(key_id), {"expiresAt": expires_at})
        return {"token": token}

    async def revoke(self, context: RequestContext, arguments: Arguments) -> object:
        form = part(arguments, "input")
        key_id = UUID(one_spelling({"id": text(arguments, "id"), "input.id": text(form, "id")}))
        async with self.news.changing(AccessChange(api_key_id=key_id)) as connection:
            await revoke_key(connection, key_id, workspace_id=_workspace_id(context))
            await _note(connection, "apiKeyRevoked", context, key_id, {})
            row = await self.tables.read_one(
                "ApiKey", context.fields, context.principal, where={"id": key_id}, connection=connection
            )
        return Plain(row)


async def _note(
    connection: Connection, action: Action, context: RequestContext, key_id: UUID, details: Mapping[str, object]
) -> None:
    await record(
        connection,
        action=action,
        principal=context.principal,
        details={"keyId": key_id, **details},
        address=context.address,
    )


def _principal(context: RequestContext) -> Principal:
    if context.principal is None:
        raise Forbidden
    return context.principal


def _workspace_id(context: RequestContext) -> UUID:
    principal = _principal(context)
    if principal.workspace_id is None:
        raise Forbidden
    return principal.workspace_id
