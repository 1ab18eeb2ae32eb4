"""The mails that a server under test has written so far: for tests that must follow a link.

In any test with a database (`client.database`, `database`):

    from tests.mail.reading import mails_of, only_mail

    await client.data('mutation { emailPasswordResetLink(email: "ada@example.com") { success } }')
    mail = await only_mail(client.database, to="ada@example.com")
    assert mail.template == "password-reset"
    link = mail.link                      # the first https:// or http:// address of the text
    token = mail.parameter("token")       # of the link's query; mail.links and mail.text have the rest

`mails_of(database)` gives all, oldest first; `to=` and `template=` narrow it down. No worker has to run: a mail counts
from the moment its transaction is committed, whether it waits in the queue, failed, or was written to the log.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import orjson

from rapport.store.database import Database

_LINK = re.compile(r"https?://[^\s<>\"]+")
WAITING = "select payload from core.job where entrypoint = 'mail.send'"
KEPT = "select id::text, recipient, template, subject, text, html from core.mail"


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail as it was written."""

    id: str
    to: str
    template: str
    subject: str
    text: str
    html: str

    @property
    def links(self) -> list[str]:
        """All addresses in the text, in order."""
        return _LINK.findall(self.text)

    @property
    def link(self) -> str:
        """The first address in the text."""
        assert self.links, f"no link in: {self.text}"
        return self.links[0]

    def parameter(self, name: str) -> str:
        """A parameter in the query of the first address: `token` of `https://crm.example.com/reset?token=abc`."""
        return parse_qs(urlsplit(self.link).query)[name][0]


async def mails_of(database: Database, *, to: str | None = None, template: str | None = None) -> list[Mail]:
    """The mails written so far, oldest first."""
    async with database.transaction(isolation="repeatable read") as connection:
        waiting = await connection.rows(WAITING)
        kept = await connection.rows(KEPT)
    found = {row["id"]: Mail(**{("to" if k == "recipient" else k): v for k, v in row.items()}) for row in kept}
    for row in waiting:
        payload = orjson.loads(row["payload"])
        payload.pop("writtenAt")
        found[payload["id"]] = Mail(**payload)
    mails = [found[key] for key in sorted(found)]  # the ids are ordered by time
    return [mail for mail in mails if to in (None, mail.to) and template in (None, mail.template)]


async def only_mail(database: Database, *, to: str | None = None, template: str | None = None) -> Mail:
    """The one mail written so far (to this address, of this template); there must be exactly one."""
    mails = await mails_of(database, to=to, template=template)
    assert len(mails) == 1, f"{len(mails)} mails: {[(mail.to, mail.template) for mail in mails]}"
    return mails[0]
