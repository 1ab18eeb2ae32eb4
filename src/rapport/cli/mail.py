"""`rapport mail`."""

from datetime import UTC, datetime
from typing import Annotated

import asyncpg
import typer

from rapport.base.errors import NotFound, RapportError
from rapport.base.ids import new_id
from rapport.base.settings import Settings
from rapport.cli.options import DataDir, run, settings_from
from rapport.store.opening import open_database
from rapport.store.queries import load

Limit = Annotated[int, typer.Option("--limit", help="How many to show.", min=1, max=200)]
Number = Annotated[int, typer.Argument(help="As `rapport mail list` shows it.", metavar="NUMBER", min=1, max=2**62)]
Address = Annotated[str, typer.Argument(help="Whom to send it to.", metavar="ADDRESS")]


def install(app: typer.Typer) -> None:
    group = typer.Typer(help="Mails that the server writes.", no_args_is_help=True)
    group.command("list")(list_command)
    group.command("show")(show)
    group.command("test")(try_out)
    app.add_typer(group, name="mail")


def list_command(limit: Limit = 50, data_dir: DataDir = None) -> None:
    """List the last mails of a server without SMTP, the newest first.

    Mails that went out over SMTP are not kept. Those that could not be sent are in `rapport jobs list`.
    """
    settings = settings_from({"RAPPORT_DATA_DIR": data_dir})
    rows = run(_list(settings, limit))
    for row in rows:
        print(f"{row['number']:>6}  {row['createdAt']:%Y-%m-%d %H:%M:%S}Z  {row['recipient']}  {row['subject']}")
    if not rows:
        print("No mails are kept." + (" They go out over SMTP." if settings.smtp_url else ""))


def show(number: Number, data_dir: DataDir = None) -> None:
    """Show a mail of a server without SMTP, with its links."""
    row = run(_show(settings_from({"RAPPORT_DATA_DIR": data_dir}), number))
    print(f"To: {row['recipient']}\nDate: {row['createdAt']:%Y-%m-%d %H:%M:%S}Z\nSubject: {row['subject']}\n")
    print(row["text"], end="")


def try_out(address: Address, data_dir: DataDir = None) -> None:
    """Send a test mail over SMTP, at once, and say what the server answers."""
    settings = settings_from({"RAPPORT_DATA_DIR": data_dir})
    run(_test(settings, address))
    print(f"The SMTP server has accepted a mail to {address}.")


async def _list(settings: Settings, limit: int) -> list[asyncpg.Record]:
    async with open_database(settings) as db:
        return await db.rows(load("rapport.mail")["list_mails"], limit)


async def _show(settings: Settings, number: int) -> asyncpg.Record:
    async with open_database(settings) as db:
        row = await db.row(load("rapport.mail")["find_mail"], number)
    if row is None:
        raise NotFound(f"There is no mail {number}. See: rapport mail list")
    return row


async def _test(settings: Settings, address: str) -> None:
    from rapport.mail.message import Message
    from rapport.mail.outbox import check_address
    from rapport.mail.rendering import render
    from rapport.mail.smtp import NotNow, Refused, SmtpServer

    server = SmtpServer.of(settings)
    check_address(address)
    mail = render("test", "en", {"server": settings.server_url or f"http://{settings.host}:{settings.port}"})
    message = Message(
        id=new_id.text(),
        to=address,
        template="test",
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        written_at=datetime.now(UTC),
    )
    try:
        await server.send(message)
    except (Refused, NotNow) as error:
        raise MailNotSent(f"The mail was not sent. {error}") from error


class MailNotSent(RapportError):
    """The mail was not sent."""
