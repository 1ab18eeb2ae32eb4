"""Mails over real SMTP."""

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from rapport.base.errors import ConfigurationError
from rapport.base.settings import Settings
from rapport.mail.message import Message
from rapport.mail.smtp import NotNow, Refused, SmtpServer
from tests.mail.server import PASSWORD, USER, free_port, make_certificate, smtp_server

LOGIN = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}"


def server(url: str, sender: str = "Rapport – Büro <crm@example.com>") -> SmtpServer:
    return SmtpServer.of(Settings.from_environment({"RAPPORT_SMTP_URL": url, "RAPPORT_MAIL_FROM": sender}))


def message(to: str = "ada@example.com", subject: str = "Grüße 👋") -> Message:
    return Message(
        id="0198a7c0-0000-7000-8000-000000000001",
        to=to,
        template="test",
        subject=subject,
        text="Hello Zoë\n\n.\nhttps://crm.example.com/reset?token=" + "a" * 1200 + "\n",
        html="<p>Hello Zoë</p>",
        written_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    )


async def test_a_mail_arrives_whole(tmp_path: Path) -> None:
    async with smtp_server() as mailbox:
        await server(f"smtp://127.0.0.1:{mailbox.port}").send(message())
    (mail,) = mailbox.mails
    assert mailbox.recipients == ["ada@example.com"]
    assert mail["From"] == "Rapport – Büro <crm@example.com>"
    assert mail["To"] == "ada@example.com"
    assert mail["Subject"] == "Grüße 👋"
    assert mail["Date"] == "Fri, 02 Jan 2026 03:04:05 +0000"
    assert mail["Message-ID"] == "<0198a7c0-0000-7000-8000-000000000001@example.com>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "multipart/alternative"
    text, html = mail.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content().replace("\r\n", "\n") == message().text
    assert "Hello Zoë" in html.get_content()


async def test_starttls_and_a_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, trusted = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    async with smtp_server(tls=context, auth=True) as mailbox:
        await server(f"smtp://{LOGIN}@localhost:{mailbox.port}").send(message())
        assert (len(mailbox.mails), mailbox.was_encrypted, mailbox.users) == (1, [True], [USER])
        with pytest.raises(NotNow, match="535"):
            await server(f"smtp://{quote(USER)}:wrong@localhost:{mailbox.port}").send(message())
    assert len(mailbox.mails) == 1


async def test_tls_from_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, trusted = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    async with smtp_server(tls=context, implicit=True, auth=True) as mailbox:
        await server(f"smtps://{LOGIN}@localhost:{mailbox.port}").send(message())
    assert len(mailbox.mails) == 1


async def test_encryption_is_used_where_it_is_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, trusted = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    async with smtp_server(tls=context) as mailbox:
        await server(f"smtp://localhost:{mailbox.port}").send(message())
        await server(f"smtp://localhost:{mailbox.port}?tls=off").send(message())
    assert mailbox.was_encrypted == [True, False]


async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    context, _ = make_certificate(tmp_path)
    async with smtp_server(tls=context) as mailbox:
        with pytest.raises(NotNow, match="certificate"):
            await server(f"smtp://localhost:{mailbox.port}").send(message())
    assert mailbox.mails == []


async def test_a_password_never_travels_in_the_clear() -> None:
    async with smtp_server(auth=True) as mailbox:
        with pytest.raises(NotNow):
            await server(f"smtp://{LOGIN}@127.0.0.1:{mailbox.port}").send(message())
        assert mailbox.users == []
        with pytest.raises(NotNow):
            await server(f"smtp://127.0.0.1:{mailbox.port}?tls=required").send(message())
        await server(f"smtp://{LOGIN}@127.0.0.1:{mailbox.port}?tls=off").send(message())
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("450 greylisted", NotNow),
        ("421 closing", NotNow),
        ("550 spam", Refused),
        ("554 no", Refused),
    ],
)
async def test_the_code_tells_whether_to_try_again(answer: str, kind: type[Exception]) -> None:
    async with smtp_server() as mailbox:
        mailbox.answers = [answer]
        with pytest.raises(kind, match=answer):
            await server(f"smtp://127.0.0.1:{mailbox.port}").send(message())
        mailbox.refused_recipients = {"ada@example.com": answer}
        with pytest.raises(kind, match=answer):
            await server(f"smtp://127.0.0.1:{mailbox.port}").send(message())
    assert mailbox.mails == []


async def test_no_server_is_a_reason_to_try_again() -> None:
    with pytest.raises(NotNow):
        await server(f"smtp://127.0.0.1:{free_port()}").send(message())
    with pytest.raises(NotNow):
        await server("smtp://mail.invalid").send(message())


async def test_addresses_in_other_scripts() -> None:
    async with smtp_server() as mailbox:
        await server(f"smtp://127.0.0.1:{mailbox.port}").send(message(to="пётр@почта.example"))
    assert len(mailbox.mails) == 1


async def test_a_header_cannot_be_smuggled_in() -> None:
    async with smtp_server() as mailbox:
        with pytest.raises(ValueError, match="linefeed"):
            await server(f"smtp://127.0.0.1:{mailbox.port}").send(message(subject="Hi\r\nBcc: eve@example.com"))
        with pytest.raises(ValueError, match="linefeed"):
            await server(f"smtp://127.0.0.1:{mailbox.port}").send(message(to="ada@example.com\nBcc: eve@example.com"))
    assert mailbox.mails == []


@pytest.mark.parametrize(
    "url",
    [
        "mine.example.com",
        "http://mine.example.com",
        "smtp://",
        "smtp://mine.example.com:0",
        "smtp://mine.example.com:99999",
        "smtp://mine.example.com:abc",
        "smtp://mine.example.com/x",
        "smtp://mine.example.com?tls=maybe",
        "smtps://mine.example.com?tls=off",
        "smtp://mine@[::1",
    ],
)
def test_addresses_of_servers_are_checked_and_never_shown(url: str) -> None:
    with pytest.raises(ConfigurationError, match="RAPPORT_SMTP_URL must") as caught:
        Settings.from_environment({"RAPPORT_SMTP_URL": url})
    assert "mine" not in caught.value.message


@pytest.mark.parametrize("sender", ["Rapport", "Rapport <>", "a@", "@b", "a b@c", "a@b\nc"])
def test_senders_are_checked(sender: str) -> None:
    with pytest.raises(ConfigurationError, match="RAPPORT_MAIL_FROM"):
        Settings.from_environment({"RAPPORT_MAIL_FROM": sender})


def test_a_server_without_a_sender_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="RAPPORT_MAIL_FROM"):
        SmtpServer.of(Settings.from_environment({"RAPPORT_SMTP_URL": "smtp://mail.example.com"}))


def test_ports_follow_the_scheme() -> None:
    assert server("smtp://mail.example.com").port == 587
    assert server("smtps://mail.example.com").port == 465
