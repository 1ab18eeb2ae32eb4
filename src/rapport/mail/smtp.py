"""Hands a mail to an SMTP server."""

import socket
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from email.utils import format_datetime, parseaddr
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

from rapport.base.errors import ConfigurationError
from rapport.base.settings import Settings
from rapport.mail.message import Message

SECONDS = 60.0


class Refused(Exception):
    """The SMTP server refuses this mail for good."""


class NotNow(Exception):
    """The mail cannot be handed over at present."""


@dataclass(frozen=True, kw_only=True)
class SmtpServer:
    """The address of an SMTP server, and in whose name mails go to it.

    ``start_tls``: True: the connection must be encrypted before anything is sent; None: if the server offers it.
    """

    host: str
    port: int
    user: str | None
    password: str | None
    is_tls: bool
    start_tls: bool | None
    sender: str  # `Rapport <crm@example.com>`

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The server that the settings name. Raises ConfigurationError."""
        if not settings.smtp_url:
            raise ConfigurationError("No SMTP server is set: RAPPORT_SMTP_URL.")
        if not settings.mail_from:
            raise ConfigurationError("RAPPORT_MAIL_FROM must be set when RAPPORT_SMTP_URL is.")
        parts = urlsplit(settings.smtp_url)
        is_tls = parts.scheme == "smtps"
        wish = parse_qs(parts.query).get("tls", [""])[0]
        # A password never travels in the clear, unless the operator says so.
        start_tls = {"required": True, "off": False}.get(wish, True if parts.username else None)
        return cls(
            host=parts.hostname or "",
            port=parts.port or (465 if is_tls else 587),
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password or "") if parts.username else None,
            is_tls=is_tls,
            start_tls=False if is_tls else start_tls,
            sender=settings.mail_from,
        )

    async def send(self, message: Message) -> None:
        """Raises Refused when this mail will never be accepted, NotNow when it is worth another attempt."""
        domain = parseaddr(self.sender)[1].rpartition("@")[2]
        mime = self._mime(message, domain)
        try:
            async with aiosmtplib.SMTP(
                hostname=self.host,
                port=self.port,
                username=self.user,
                password=self.password,
                use_tls=self.is_tls,
                start_tls=self.start_tls,
                timeout=SECONDS,
                local_hostname=_own_name(domain),
            ) as server:
                await server.send_message(mime)
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _failure(error.recipients[0]) from error
        except aiosmtplib.SMTPNotSupported as error:
            raise Refused(str(error.message)) from error
        except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError) as error:
            raise _failure(error) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            # Not about this mail but about the server, its certificate or our password: it may well be put right.
            raise NotNow(f"{self.host}:{self.port}: {error}") from error

    def _mime(self, message: Message, domain: str) -> EmailMessage:
        mime = EmailMessage(policy=POLICY)
        mime["From"] = self.sender
        mime["To"] = message.to
        mime["Subject"] = message.subject
        mime["Date"] = format_datetime(message.written_at)
        # Of the mail, not of the attempt: whoever gets it twice can tell.
        mime["Message-ID"] = f"<{message.id}@{domain}>"
        mime["Auto-Submitted"] = "auto-generated"
        mime.set_content(message.text)
        mime.add_alternative(message.html, subtype="html")
        return mime


def _failure(error: aiosmtplib.SMTPResponseException) -> Exception:
    said = f"{error.code} {error.message}"
    return Refused(said) if 500 <= error.code < 600 else NotNow(said)


def _own_name(domain: str) -> str:
    name = socket.gethostname()
    return name if "." in name and name.isascii() else domain.encode("idna").decode("ascii")
