"""The service of accounts, made from the settings."""

from collections.abc import Iterator
from contextlib import contextmanager

from rapport.accounts.passwords import Passwords
from rapport.accounts.service import AccountService
from rapport.accounts.tokens import TokenSigner
from rapport.base.settings import Settings
from rapport.store.database import Database


def token_signer(settings: Settings, secret: str) -> TokenSigner:
    return TokenSigner(
        secret,
        access_expires_in=settings.access_token_expires_in,
        refresh_expires_in=settings.refresh_token_expires_in,
    )


@contextmanager
def account_service(settings: Settings, db: Database, secret: str) -> Iterator[AccountService]:
    """For a command, or the start of a server, that makes accounts."""
    passwords = Passwords()
    try:
        yield AccountService(db, token_signer(settings, secret), passwords)
    finally:
        passwords.close()
