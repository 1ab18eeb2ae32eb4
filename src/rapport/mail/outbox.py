"""The mails that the server writes: made from a template now, sent by a job once the transaction is committed."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from rapport.base.ids import new_id
from rapport.jobs.queue import Jobs
from rapport.mail.errors import InvalidAddress
from rapport.mail.message import Message
from rapport.mail.rendering import render
from rapport.store.database import Connection

SEND = "mail.send"

# Less than RFC 5322 allows: no quoting, no comments, no domain in brackets. Nothing in it can end a header.
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"\x00-\x20\x7f-\x9f]{1,64}@[^\s@<>()\[\],;:\\\"\x00-\x20\x7f-\x9f]{1,189}")


class Outbox:
    """Where everything that writes mails puts them."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    async def send(
        self, connection: Connection, to: str, template: str, locale: str, values: Mapping[str, object]
    ) -> None:
        """Mails the template, with these values, once the transaction of the connection is committed.

        ``template`` is the name of the files in `mail/templates/`. Raises InvalidAddress, and TemplateError when the
        template lacks a value.
        """
        check_address(to)
        mail = render(template, locale, values)
        message = Message(
            id=new_id.text(),
            to=to,
            template=template,
            subject=mail.subject,
            text=mail.text,
            html=mail.html,
            written_at=datetime.now(UTC),
        )
        await self._jobs.enqueue(connection, SEND, message.payload())


def check_address(address: str) -> None:
    """Raises InvalidAddress unless a mail can be sent there."""
    if not _ADDRESS.fullmatch(address):
        raise InvalidAddress
