"""The service of accounts, made from the settings."""

from collections.abc import Iterator
from contextlib import contextmanager

from rapport.accounts.passwords import Passwords
from rapport.accounts.policy import Policy
from rapport.accounts.service import AccountService
from rapport.accounts.tokens import Lifetimes, TokenSigner
from rapport.base.settings import Settings
from rapport.store.database import Database


def token_signer(settings: Settings, secret: str) -> TokenSigner:
    lifetimes = Lifetimes(
        access=settings.access_token_expires_in,
        agnostic=settings.workspace_agnostic_token_expires_in,
        refresh=settings.refresh_token_expires_in,
        login=settings.login_token_expires_in,
        transient=settings.short_term_token_expires_in,
    )
    return TokenSigner(secret, lifetimes=lifetimes)


@contextmanager
def account_service(settings: Settings, db: Database, secret: str) -> Iterator[AccountService]:
    """For a command, or the start of a server, that makes accounts."""
    passwords = Passwords()
    try:
        yield AccountService(db, token_signer(settings, secret), passwords, policy=Policy.of(settings))
    finally:
        passwords.close()
