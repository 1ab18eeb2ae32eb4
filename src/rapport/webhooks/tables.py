"""What clients see of webhooks, of deliveries and of what endpoints answered."""

from rapport.system.tables import ID, TIMES, WORKSPACE_ID, ColumnField, Table, column, made, to_many, to_one
from rapport.webhooks.secrets import WebhookVault

_THEIRS = """this."workspaceId" = @workspace and exists (
    select from core.webhook hook where hook.id = this."webhookId" and hook."deletedAt" is null
)"""
_WAITING = """(
    select count(*) from core."webhookDelivery" d where d."webhookId" = this.id and d.state = 'waiting'
)"""


def tables(vault: WebhookVault) -> tuple[Table, ...]:
    """``vault`` opens the secrets."""
    webhook = Table(
        type="Webhook",
        name="webhook",
        is_soft_deleted=True,
        fields=(
            ID,
            column("targetUrl"),
            column("operations", "ARRAY"),
            column("description", nullable=True),
            column("sealedSecret", nullable=True, sql="encode(this.secret, 'hex')"),
            made("secret", "id", "sealedSecret", by=vault.shown),
            _ahead("previousSecretExpiresAt"),
            column("disabledAt", "DATE_TIME", nullable=True),
            column("disabledReason", nullable=True),
            column("failingSince", "DATE_TIME", nullable=True),
            _ahead("pausedUntil"),
            column("waitingCount", "NUMBER", sql=_WAITING),
            column("applicationId", "UUID", sql="@customApplication"),
            WORKSPACE_ID,
            to_one("workspace", "Workspace"),
            *TIMES,
        ),
    )
    return (webhook, DELIVERY, ATTEMPT)


def _ahead(name: str) -> ColumnField:
    """A moment for as long as it has not come."""
    return column(name, "DATE_TIME", nullable=True, sql=f'case when this."{name}" > now() then this."{name}" end')


DELIVERY = Table(
    type="WebhookDelivery",
    name="webhookDelivery",
    rows=_THEIRS,
    fields=(
        ID,
        column("number", "NUMBER"),
        column("webhookId", "UUID"),
        column("eventId", "UUID", nullable=True),
        column("recordId", "UUID", nullable=True),
        column("eventName"),
        column("body"),
        column("state", sql="upper(this.state)"),
        column("attemptsCount", "NUMBER", sql="this.attempts"),
        to_many("attempts", "WebhookAttempt", by="deliveryId", order=("attemptedAt", "id")),
        column("dueAt", "DATE_TIME"),
        column("createdAt", "DATE_TIME"),
        column("deliveredAt", "DATE_TIME", nullable=True),
        column("error", nullable=True),
    ),
)

ATTEMPT = Table(
    type="WebhookAttempt",
    name="webhookAttempt",
    joins='join core."webhookDelivery" delivery on delivery.id = this."deliveryId"',
    rows='delivery."workspaceId" = @workspace',
    fields=(
        ID,
        column("deliveryId", "UUID"),
        column("attemptedAt", "DATE_TIME"),
        column("status", "NUMBER", nullable=True),
        column("durationMs", "NUMBER"),
        column("response", nullable=True),
        column("error", nullable=True),
    ),
)
