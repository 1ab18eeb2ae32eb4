"""The mails about accounts. Links lead to the server's own addresses, whatever the request said."""

from collections.abc import Mapping
from urllib.parse import urlencode

from rapport.accounts.users import User
from rapport.mail.outbox import Outbox
from rapport.store.database import Connection
from rapport.workspaces.domains import Domains

LONGEST_PATH = 1_000


class Letters:
    """Writes them in the caller's transaction."""

    def __init__(self, outbox: Outbox, domains: Domains) -> None:
        self._outbox = outbox
        self._domains = domains

    async def verify_email(
        self,
        connection: Connection,
        user: User,
        token: str,
        *,
        to: str | None = None,
        workspace: Mapping[str, object] | None = None,
        next_path: str | None = None,
    ) -> None:
        """Asks to verify the address of the account, or the new one ``to`` that it is to get."""
        address = to or user.email
        query = {"emailVerificationToken": token, "email": address}
        if is_path(next_path):
            query["nextPath"] = str(next_path)
        link = f"{self._site(workspace)}/verify-email?{urlencode(query)}"
        template = "verify-email" if to is None else "verify-new-email"
        await self._send(connection, user, template, to=address, values={"link": link, "email": address})

    async def password_reset(
        self, connection: Connection, user: User, token: str, *, workspace: Mapping[str, object] | None, minutes: int
    ) -> None:
        link = f"{self._site(workspace)}/reset-password/{token}"
        await self._send(connection, user, "password-reset", values={"link": link, "minutes": minutes})

    async def password_changed(self, connection: Connection, user: User) -> None:
        await self._send(connection, user, "password-changed", values={"email": user.email})

    async def email_changed(self, connection: Connection, user: User, new_email: str) -> None:
        """To the address that the account had before."""
        await self._send(connection, user, "email-changed", values={"email": user.email, "newEmail": new_email})

    def _site(self, workspace: Mapping[str, object] | None) -> str:
        return self._domains.server_url if workspace is None else self._domains.url(workspace)

    async def _send(
        self, connection: Connection, user: User, template: str, *, values: Mapping[str, object], to: str | None = None
    ) -> None:
        values = {"name": user.first_name or user.email, "server": self._domains.server_url, **values}
        await self._outbox.send(connection, to=to or user.email, template=template, locale=user.locale, values=values)


def is_path(path: str | None) -> bool:
    """Whether it is a page of the same site: a link in our mail leads nowhere else.

    >>> is_path("/invite/x?a=1"), is_path("//evil.example"), is_path("https://evil.example"), is_path("/\\\\evil")
    (True, False, False, False)
    """
    return bool(path) and (
        str(path).startswith("/")
        and not str(path).startswith("//")
        and len(str(path)) <= LONGEST_PATH
        and "\\" not in str(path)
        and str(path).isprintable()
    )
