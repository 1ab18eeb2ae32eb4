"""Limits to guessing and to flooding: per account, whether there is one or not, and per network address."""

from datetime import timedelta
from uuid import UUID

from rapport.accounts.errors import MailedAlready, shown
from rapport.accounts.policy import Policy
from rapport.system.attempts import Attempts, network
from rapport.system.errors import TooManyAttempts

BARE_TOKENS = 100  # that one user may make in an hour


class Guard:
    """Counts before anything is done, and takes back what was right: many guesses at once count as many."""

    def __init__(self, attempts: Attempts, policy: Policy) -> None:
        self._attempts = attempts
        self._policy = policy

    async def signs_in(self, email: str, address: str | None) -> None:
        """Before a password is looked at; raises TooManyAttempts."""
        policy = self._policy
        if address is not None:
            await self._attempts.count(
                f"sign-in-from:{network(address)}",
                limit=policy.sign_in_failures_per_address,
                window=policy.sign_in_window,
            )
        await self._attempts.count(
            f"sign-in:{_plain(email)}", limit=policy.sign_in_failures, window=policy.sign_in_window
        )

    async def signed_in(self, email: str, address: str | None) -> None:
        """After a right password."""
        await self._attempts.forget(f"sign-in:{_plain(email)}")
        if address is not None:
            await self._attempts.uncount(f"sign-in-from:{network(address)}")

    async def signs_up(self, address: str | None) -> None:
        """Before an account is made; raises TooManyAttempts."""
        if address is not None:
            await self._attempts.count(
                f"sign-up-from:{network(address)}",
                limit=self._policy.sign_ups_per_address,
                window=self._policy.hourly,
            )

    async def makes_token(self, user_id: UUID) -> None:
        """Before a bare token is kept; raises TooManyAttempts."""
        await self._attempts.count(f"bare-token:{user_id}", limit=BARE_TOKENS, window=self._policy.hourly)

    async def mails(self, kind: str, email: str, address: str | None, *, at_most_every: timedelta) -> None:
        """Before a mail is asked for; raises MailedAlready, which says how long to wait, or TooManyAttempts."""
        policy = self._policy
        if address is not None:
            await self._attempts.count(
                f"mail-from:{network(address)}", limit=policy.mails_per_address, window=policy.hourly
            )
        try:
            await self._attempts.count(f"{kind}-mail:{_plain(email)}", limit=1, window=at_most_every)
        except TooManyAttempts as error:
            raise shown(MailedAlready(error.message, extensions=error.extensions)) from None
        await self._attempts.count(
            f"{kind}-mails:{_plain(email)}", limit=policy.mails_per_account, window=policy.hourly
        )

    async def may_mail_again(self, kind: str, email: str) -> None:
        """After the mail has served its purpose."""
        await self._attempts.forget(f"{kind}-mail:{_plain(email)}")


def _plain(email: str) -> str:
    return email.strip().lower()
