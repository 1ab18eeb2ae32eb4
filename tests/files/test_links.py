"""Signed links: what they open, for how long, and what is no link."""

import base64
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from rapport.base.ids import new_id
from rapport.files.errors import FileLinkExpired, InvalidFileLink
from rapport.files.links import FileLinks, Linked

HERE = "https://crm.example.com"
WORKSPACE = UUID("01890000-0000-7000-8000-000000000001")


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, 0, 7, tzinfo=UTC)

    def __call__(self) -> float:
        return self.now.timestamp()


def links(clock: Clock, app_secret: str = "the secret of this test") -> FileLinks:  # noqa: S107
    return FileLinks(app_secret, server_url=f"{HERE}/", lifetime=timedelta(days=1), now=clock)


def claims(token: str) -> dict[str, object]:
    body = token.split(".")[1]
    found: dict[str, object] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return found


def test_a_link_names_one_file_of_one_workspace_and_lasts_a_day() -> None:
    clock = Clock()
    made = links(clock)
    url = made.url(WORKSPACE, "profile-picture/original/a.png")
    start, token, name = url.rsplit("/", 2)

    assert (start, name) == (f"{HERE}/files/profile-picture/original", "a.png")
    said = claims(token)
    assert said.pop("exp") == said["iat"] + 86_400  # type: ignore[operator]
    assert 0 <= clock.now.timestamp() - said.pop("iat") < 300  # type: ignore[operator]
    assert said == {"sub": str(WORKSPACE), "workspaceId": str(WORKSPACE), "filename": "a.png", "type": "FILE"}
    assert made.read(url.removeprefix(f"{HERE}/files/")) == Linked(
        workspace_id=WORKSPACE, path="profile-picture/original/a.png"
    )
    clock.now += timedelta(seconds=60)
    assert made.url(WORKSPACE, "profile-picture/original/a.png") == url  # so that browsers keep what it leads to


def test_links_end_after_a_day_but_not_those_of_pictures() -> None:
    clock = Clock()
    made = links(clock)
    paths = [made.url(WORKSPACE, f"{folder}/a.png").removeprefix(f"{HERE}/files/") for folder in
             ("attachment", "file", "person-picture", "profile-picture", "workspace-logo")]  # fmt: skip
    clock.now += timedelta(hours=23, minutes=50)
    for path in paths:
        made.read(path)
    clock.now += timedelta(minutes=10)
    for path in paths[:3]:
        with pytest.raises(FileLinkExpired):
            made.read(path)
    for path in paths[3:]:
        made.read(path)


def test_addresses_elsewhere_are_left_as_they_are() -> None:
    made = links(Clock())
    for path in ("", "https://example.com/a.png", "http://example.com/a.png"):
        assert made.url(WORKSPACE, path) == path
        assert made.stored(path) == path


def test_what_is_stored_of_a_link_is_its_path() -> None:
    made = links(Clock())
    for path in ("attachment/a.pdf", "profile-picture/original/a.png"):
        assert made.stored(made.url(WORKSPACE, path)) == path
        assert made.stored(path) == path
    assert made.stored(f"{HERE}/files/x") == f"{HERE}/files/x"


def test_nothing_else_is_a_link() -> None:
    made = links(Clock())
    signed = made.sign(WORKSPACE, "attachment/a.pdf").token
    header, body, signature = signed.split(".")
    other = base64.urlsafe_b64encode(json.dumps({**claims(signed), "workspaceId": str(new_id())}).encode()).decode()
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    strange = links(Clock(), "another secret").sign(WORKSPACE, "attachment/a.pdf").token
    deep = base64.urlsafe_b64encode(b"[" * 700).decode()
    for token in ("", "x", "..", signed[:-1], signed + "x", f"{none}.{body}.", f"{none}.{body}.{signature}",
                  f"{header}.{other}.{signature}", f"{header}.{deep}.{signature}", strange, "é.é.é", f"{header}.e30.x",
                  f"{header}.bnVsbA.x", f"{header}.W10.x", signed.replace(".", "")):  # fmt: skip
        with pytest.raises(InvalidFileLink):
            made.read(f"attachment/{token}/a.pdf")
    for path in ("", "a.pdf", f"{signed}/a.pdf", f"attachment/{signed}/b.pdf", f"attachment/{signed}/", f"/{signed}/b",
                 f"attachment/{signed}", "attachment/" + "x" * 5000 + "/a.pdf", "attachment/a.pdf"):  # fmt: skip
        with pytest.raises(InvalidFileLink):
            made.read(path)
