"""The second factor: codes of an authenticator app (system-api.md §7), per membership."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pyotp
from asyncpg import Record

from rapport.accounts.errors import shown
from rapport.accounts.two_factor_errors import (
    AlreadyVerified,
    MethodNotFound,
    NotProvisioned,
    ProvisionRequired,
    UnreadableFactor,
    VerificationRequired,
    WrongCode,
)
from rapport.audit.actions import Action
from rapport.audit.log import record
from rapport.base.encryption import CannotOpen, Vault
from rapport.base.errors import Unauthenticated
from rapport.base.ids import new_id
from rapport.mail.outbox import Outbox
from rapport.store.database import Connection, Database
from rapport.store.queries import load
from rapport.system.attempts import Attempts

_SQL = load("rapport.accounts", "sql")

STEP_SECONDS = 30
WINDOW = 3  # steps before and after the present one whose codes are taken
PENDING_FOR = timedelta(hours=1)  # how long a secret may wait for its first code
TRIES, TRIES_WINDOW = 5, timedelta(minutes=15)
_TABLE = 'core."twoFactorAuthenticationMethod"'


async def demand(
    connection: Connection | Database, *, user_workspace_id: UUID, impersonator_user_workspace_id: UUID | None = None
) -> None:
    """Lets a sign-in to a workspace pass that needs no second factor.

    Raises VerificationRequired when a code is to be given, ProvisionRequired when one has yet to be set up. Whoever
    signs in as somebody else proves a second factor of their own, where that member or their workspace asks for one.
    """
    row = await connection.row(_SQL["second_factor_demand"], user_workspace_id, impersonator_user_workspace_id)
    if row is None:
        raise Unauthenticated
    if not (row["isEnforced"] or row["memberHasOne"]):
        return
    raise shown(VerificationRequired() if row["proverHasOne"] else ProvisionRequired())


async def demand_at_renewal(
    connection: Connection | Database, *, user_workspace_id: UUID, impersonator_user_workspace_id: UUID | None = None
) -> None:
    """Ends a session that could not be begun now, for want of a second factor: raises ProvisionRequired."""
    try:
        await demand(
            connection,
            user_workspace_id=user_workspace_id,
            impersonator_user_workspace_id=impersonator_user_workspace_id,
        )
    except VerificationRequired:
        return  # asked for once, when the session began


async def methods(connection: Connection | Database, user_workspace_id: UUID) -> list[Mapping[str, object]]:
    """`UserWorkspace.twoFactorAuthenticationMethodSummary`: the methods of a membership, without their secrets."""
    return [dict(row) for row in await connection.rows(_SQL["second_factors"], user_workspace_id)]


class TwoFactor:
    """Sets methods up, checks their codes and removes them. The member is told of it by mail."""

    def __init__(
        self,
        db: Database,
        app_secret: str,
        attempts: Attempts,
        outbox: Outbox,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._db = db
        self._vault = Vault(app_secret, purpose="two-factor")
        self._attempts = attempts
        self._outbox = outbox
        self._clock = clock

    async def provision(self, user_workspace_id: UUID) -> str:
        """The `otpauth://` address of a secret that waits for its first code; one that was made of late is given again.

        Raises AlreadyVerified for a member who has a method.
        """
        async with self._db.transaction() as connection:
            owner = await connection.row(_SQL["lock_second_factor_owner"], user_workspace_id)
            if owner is None:
                raise Unauthenticated
            method = await connection.row(_SQL["lock_second_factor"], user_workspace_id)
            if method is not None and method["status"] == "VERIFIED":
                raise shown(AlreadyVerified())
            if method is not None and not self._is_stale(method):
                secret = self._secret(method)
            else:
                method_id, secret = new_id(), pyotp.random_base32()
                sealed = self._vault.seal(secret.encode(), table=_TABLE, row_id=method_id)
                await connection.execute(
                    _SQL["replace_second_factor"], method_id, user_workspace_id, sealed, self._clock()
                )
        return pyotp.TOTP(secret).provisioning_uri(
            name=owner["email"], issuer_name=f"Rapport - {owner['displayName'] or 'Workspace'}"
        )

    async def verify(
        self, user_workspace_id: UUID, code: str, *, address: str | None = None, may_enrol: bool = True
    ) -> None:
        """Takes a code, once; the first one of a secret that waits for it makes it the member's method.

        Raises WrongCode, NotProvisioned, TooManyAttempts.
        """
        key = f"second-factor:{user_workspace_id}"
        await self._attempts.count(key, limit=TRIES, window=TRIES_WINDOW)
        async with self._db.transaction() as connection:
            method = await connection.row(_SQL["lock_second_factor"], user_workspace_id)
            if method is None or (method["status"] == "PENDING" and (self._is_stale(method) or not may_enrol)):
                raise shown(NotProvisioned())
            steps = self._steps(method, code)
            step = next((each for each in steps if method["lastStep"] is None or each > method["lastStep"]), None)
            if step is not None:
                await connection.execute(_SQL["use_second_factor"], method["id"], step)
                if method["status"] == "PENDING":
                    await self._note(connection, "twoFactorAdded", method, address)
                    await self._mail(connection, "two-factor-added", method)
        if step is None:
            await self._note(self._db, "twoFactorFailed", method, address, reason="used before" if steps else "wrong")
            raise shown(WrongCode())
        await self._attempts.uncount(key)

    async def remove(self, user_workspace_id: UUID, method_id: UUID, *, address: str | None = None) -> None:
        """Removes a method of this member; raises MethodNotFound, also for one of somebody else."""
        async with self._db.transaction() as connection:
            removed = await connection.row(_SQL["remove_second_factor"], method_id, user_workspace_id)
            if removed is None:
                raise shown(MethodNotFound())
            await self._note(connection, "twoFactorRemoved", removed, address, status=removed["status"])
            if removed["status"] == "VERIFIED":
                await self._mail(connection, "two-factor-removed", removed)

    def _steps(self, method: Record, code: str) -> list[int]:
        """The time steps that the code belongs to: none when it is wrong, hardly ever more than one."""
        digits = code.strip() if len(code) < 100 else ""
        if len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
            return []
        totp = pyotp.TOTP(self._secret(method))
        present = int(self._clock().timestamp()) // STEP_SECONDS
        # All are computed whichever fits: the time it takes tells nothing.
        return [
            step
            for step in range(max(present - WINDOW, 0), present + WINDOW + 1)
            if pyotp.utils.strings_equal(totp.generate_otp(step), digits)
        ]

    def _secret(self, method: Record) -> str:
        """Raises UnreadableFactor."""
        try:
            return self._vault.open(method["secret"], table=_TABLE, row_id=method["id"]).decode()
        except CannotOpen:
            raise shown(UnreadableFactor()) from None

    def _is_stale(self, method: Record) -> bool:
        return bool(self._clock() - method["createdAt"] >= PENDING_FOR)

    async def _note(
        self, connection: Connection | Database, action: Action, method: Record, address: str | None, **more: object
    ) -> None:
        await record(
            connection,
            action=action,
            workspace_id=method["workspaceId"],
            user_id=method["userId"],
            address=address,
            details={"methodId": method["id"], **more},
        )

    async def _mail(self, connection: Connection, template: str, method: Record) -> None:
        values = {
            "name": method["firstName"] or method["email"],
            "email": method["email"],
            "workspace": method["displayName"] or "your workspace",
        }
        await self._outbox.send(
            connection, to=method["email"], template=template, locale=method["locale"], values=values
        )
