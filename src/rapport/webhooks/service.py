"""What webhooks can do besides being rows: their secrets, being disabled and enabled, and how many there may be."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from rapport.access.principal import Principal
from rapport.audit.log import record
from rapport.base.encryption import CannotOpen
from rapport.base.errors import InvalidValue
from rapport.jobs.queue import Jobs
from rapport.store.database import Connection, Database
from rapport.store.queries import load
from rapport.webhooks.errors import InvalidOperation, TooManyWebhooks, WebhookNotFound
from rapport.webhooks.secrets import WebhookVault, check_secret, new_secret
from rapport.webhooks.targets import origin_of
from rapport.webhooks.waking import wake

_SQL = load("rapport.webhooks", "sql")

MOST_WEBHOOKS = 100  # of a workspace: each event looks at all of them
LONGEST_DESCRIPTION = 2_000
OVERLAP, LONGEST_OVERLAP = timedelta(days=1), timedelta(days=30)  # of two secrets


async def require_room(connection: Connection, workspace_id: UUID) -> None:
    """Raises TooManyWebhooks; else there is room for one until the transaction ends."""
    await connection.execute(_SQL["lock_room"], workspace_id)
    count = await connection.value(_SQL["count_webhooks"], workspace_id)
    assert isinstance(count, int)
    if count >= MOST_WEBHOOKS:
        raise TooManyWebhooks(f"A workspace has at most {MOST_WEBHOOKS} webhooks.")


def check_description(description: object) -> None:
    if isinstance(description, str) and len(description) > LONGEST_DESCRIPTION:
        raise InvalidValue(f"The description of a webhook has at most {LONGEST_DESCRIPTION} characters.")


async def check_objects(connection: Connection, workspace_id: UUID, operations: Sequence[str]) -> None:
    """Raises InvalidOperation for `people.created`: objects need not exist yet, but this one has another name."""
    names = list({operation.partition(".")[0] for operation in operations} - {"*"})
    row = await connection.row(_SQL["singular_for"], workspace_id, names) if names else None
    if row is not None:
        singular, plural = row["singular"], row["plural"]
        raise InvalidOperation(
            f'"{plural}" is the plural of "{singular}".'
            f" Operations name objects in the singular, as in {singular}.created."
        )


async def give_secret(connection: Connection, vault: WebhookVault, webhook_id: UUID, secret: str | None) -> None:
    """The secret from now on, instead of all others. "": none; None: a new one. Raises InvalidValue."""
    chosen = new_secret() if secret is None else secret
    check_secret(chosen)
    await connection.execute(_SQL["set_secret"], webhook_id, vault.seal(chosen, webhook_id))


async def rotate_secret(
    connection: Connection, vault: WebhookVault, webhook_id: UUID, *, workspace_id: UUID, valid_for: timedelta
) -> None:
    """A new secret. The one that there is signs besides for ``valid_for``. Raises InvalidValue, WebhookNotFound."""
    if not timedelta(0) <= valid_for <= LONGEST_OVERLAP:
        raise InvalidValue(f"A secret can go on for 0 to {LONGEST_OVERLAP.total_seconds():.0f} seconds.")
    row = await connection.row(_SQL["lock_webhook"], webhook_id, workspace_id)
    if row is None:
        raise WebhookNotFound
    try:
        goes_on = bool(vault.open(row["secret"], webhook_id)) and valid_for > timedelta(0)
    except CannotOpen:
        goes_on = False  # nothing can be signed with it
    sealed = vault.seal(new_secret(), webhook_id)
    await connection.execute(_SQL["rotate_secret"], webhook_id, sealed, goes_on, valid_for)


async def revive_for(connection: Connection, webhook_id: UUID, target: str) -> None:
    """A webhook that gets another target begins anew there."""
    if await connection.value(_SQL["revive_for_new_target"], webhook_id, target) is not None:
        await connection.execute(_SQL["try_at_once"], webhook_id)
        await wake(connection, Jobs(), webhook_id)


async def enable(connection: Connection, webhook_id: UUID, *, principal: Principal, address: str | None = None) -> None:
    """Back to work, with all that waits. Raises WebhookNotFound."""
    if await connection.value(_SQL["enable_webhook"], webhook_id, principal.workspace_id) is None:
        raise WebhookNotFound
    await connection.execute(_SQL["try_at_once"], webhook_id)
    await wake(connection, Jobs(), webhook_id)
    await record(
        connection, action="webhookEnabled", principal=principal, details={"webhookId": webhook_id}, address=address
    )


async def disable(connection: Connection, webhook_id: UUID, *, reason: str) -> bool:
    """No event is told to it any more, until somebody enables it. Whether it was not disabled before."""
    row = await connection.row(_SQL["disable_webhook"], webhook_id, reason)
    if row is None:
        return False
    await record(
        connection,
        action="webhookDisabled",
        workspace_id=row["workspaceId"],
        details={"webhookId": webhook_id, "target": origin_of(row["targetUrl"]), "reason": reason},
    )
    return True


async def page_of_deliveries(
    db: Database, webhook_id: UUID, *, state: str | None, after: UUID | None, limit: int
) -> list[UUID]:
    """The ids of deliveries, the latest first."""
    rows = await db.rows(_SQL["page_of_deliveries"], webhook_id, state, after, limit)
    return [row["id"] for row in rows]
