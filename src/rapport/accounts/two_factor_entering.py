"""Signing in with a second factor: what stands between a login token and the tokens of a session (system-api.md §7)."""

from uuid import UUID

from rapport.accounts.entering import Entering, Entrance
from rapport.accounts.sessions import TokenPair
from rapport.accounts.two_factor import TwoFactor
from rapport.base.errors import PermissionDenied
from rapport.store.database import Database


class TwoFactorEntering:
    """For those from whom a second factor is demanded."""

    def __init__(self, db: Database, entering: Entering, two_factor: TwoFactor) -> None:
        self._db = db
        self._entering = entering
        self._two_factor = two_factor

    async def tokens_from_code(
        self, login_token: str, origin: str, code: str, *, address: str | None = None
    ) -> TokenPair:
        """Trades a login token and a code for the tokens of a session. A first right code completes the enrolment.

        Raises the errors of ``Entering.entrance`` and ``TwoFactor.verify``.
        """
        entrance = await self._entrance(login_token, origin)
        impersonator = entrance.impersonator_user_workspace_id
        await self._two_factor.verify(_prover(entrance), code, address=address, may_enrol=impersonator is None)
        async with self._db.transaction() as connection:
            return await self._entering.enter(connection, entrance, address=address)

    async def provision(self, login_token: str, origin: str) -> str:
        """The `otpauth://` address for somebody who has no second factor yet; raises AlreadyVerified."""
        entrance = await self._entrance(login_token, origin)
        if entrance.impersonator_user_workspace_id is not None:
            raise PermissionDenied("This cannot be done while impersonating.")
        return await self._two_factor.provision(entrance.membership.user_workspace_id)

    async def _entrance(self, login_token: str, origin: str) -> Entrance:
        async with self._db.transaction() as connection:
            return await self._entering.entrance(connection, login_token, origin)


def _prover(entrance: Entrance) -> UUID:
    """Whose second factor counts: that of the person who is at the door."""
    return entrance.impersonator_user_workspace_id or entrance.membership.user_workspace_id
