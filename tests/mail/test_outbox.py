"""Mails are written in the transaction of whatever causes them."""

import pytest

from rapport.jobs.queue import Jobs
from rapport.mail.errors import InvalidAddress, TemplateError
from rapport.mail.outbox import Outbox
from rapport.store.database import Database
from tests.mail.reading import mails_of, only_mail

VALUES = {"server": "https://crm.example.com"}


async def test_a_mail_counts_once_the_transaction_is_committed(database: Database) -> None:
    async with database.transaction() as connection:
        await Outbox(Jobs()).send(connection, to="ada@example.com", template="test", locale="en", values=VALUES)
        assert await mails_of(database) == []
    mail = await only_mail(database, to="ada@example.com", template="test")
    assert mail.subject == "Test mail from Rapport"
    assert mail.link == "https://crm.example.com"


async def test_a_change_that_is_rolled_back_mails_nothing(database: Database) -> None:
    async def change_and_fail() -> None:
        async with database.transaction() as connection:
            await Outbox(Jobs()).send(connection, to="ada@example.com", template="test", locale="en", values=VALUES)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await change_and_fail()
    assert await mails_of(database) == []


async def test_mails_are_found_by_address_and_template_oldest_first(database: Database) -> None:
    async with database.transaction() as connection:
        for name in ("ada", "bob", "ada"):
            await Outbox(Jobs()).send(connection, to=f"{name}@example.com", template="test", locale="en", values=VALUES)
    assert [mail.to[:3] for mail in await mails_of(database)] == ["ada", "bob", "ada"]
    assert len(await mails_of(database, to="ada@example.com")) == 2
    assert await mails_of(database, template="password-reset") == []


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "@example.com",
        "ada@",
        "ada@example.com,eve@example.com",
        "ada@example.com\r\nBcc: eve@example.com",
        "ada@example.com\n",
        "Ada <ada@example.com>",
        "ada@exa mple.com",
        "a" * 65 + "@example.com",
        "ada@" + "a" * 300,
        "ada\x00@example.com",
        "a@b@c",
    ],
)
async def test_only_one_plain_address_is_accepted(database: Database, address: str) -> None:
    async with database.transaction() as connection:
        with pytest.raises(InvalidAddress):
            await Outbox(Jobs()).send(connection, to=address, template="test", locale="en", values=VALUES)
    assert await mails_of(database) == []


@pytest.mark.parametrize("address", ["ada.o'neil+crm@example.co.uk", "пётр@почта.example", "a@localhost"])
async def test_unusual_addresses_are_addresses(database: Database, address: str) -> None:
    async with database.transaction() as connection:
        await Outbox(Jobs()).send(connection, to=address, template="test", locale="en", values=VALUES)
    assert (await only_mail(database)).to == address


async def test_a_missing_value_or_template_shows_where_the_mail_is_written(database: Database) -> None:
    async with database.transaction() as connection:
        with pytest.raises(TemplateError, match="server"):
            await Outbox(Jobs()).send(connection, to="ada@example.com", template="test", locale="en", values={})
        with pytest.raises(TemplateError):
            await Outbox(Jobs()).send(connection, to="ada@example.com", template="nope", locale="en", values={})
        with pytest.raises(TemplateError):
            await Outbox(Jobs()).send(connection, to="ada@example.com", template="../x", locale="en", values={})
