"""What the settings say about accounts."""

from dataclasses import dataclass
from datetime import timedelta

from rapport.base.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The rules of one server. A limit of 0 is none."""

    email_verification_required: bool = False
    workspaces_by_admins_only: bool = False
    refresh_token_cool_down: timedelta = timedelta(minutes=1)
    email_verification_expires_in: timedelta = timedelta(hours=1)
    password_reset_expires_in: timedelta = timedelta(minutes=5)
    sign_in_failures: int = 10
    sign_in_failures_per_address: int = 100
    sign_in_window: timedelta = timedelta(minutes=15)
    sign_ups_per_address: int = 100
    mails_per_account: int = 10
    mails_per_address: int = 100
    hourly: timedelta = timedelta(hours=1)

    @classmethod
    def of(cls, settings: Settings) -> "Policy":
        return cls(
            email_verification_required=settings.email_verification_required,
            workspaces_by_admins_only=settings.workspaces_by_admins_only,
            refresh_token_cool_down=settings.refresh_token_cool_down,
            email_verification_expires_in=settings.email_verification_token_expires_in,
            password_reset_expires_in=settings.password_reset_token_expires_in,
            sign_in_failures=settings.sign_in_failures,
            sign_in_failures_per_address=settings.sign_in_failures_per_address,
            sign_in_window=settings.sign_in_window,
            sign_ups_per_address=settings.sign_ups_per_address,
            mails_per_account=settings.mails_per_account,
            mails_per_address=settings.mails_per_address,
        )
