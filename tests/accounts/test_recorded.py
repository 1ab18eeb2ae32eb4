"""The requests of a recorded session, and answers of the same shapes: names, order, kinds of values, errors."""

import json
import re
from pathlib import Path

import pytest

from tests.accounts.guest import Guest
from tests.serving import Client

RECORDED = json.loads((Path(__file__).parent / "recorded.json").read_text(encoding="utf-8"))
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def same(found: object, recorded: object, place: str = "data") -> None:
    """Fails where an answer is not like the recorded one."""
    if isinstance(recorded, dict):
        assert isinstance(found, dict), place
        assert list(found) == list(recorded), place
        for name, value in recorded.items():
            same(found[name], value, f"{place}.{name}")
    elif isinstance(recorded, list):
        assert isinstance(found, list), place
        assert bool(found) == bool(recorded), place
        for each in found:
            same(each, recorded[0], f"{place}[]")
    elif recorded == "<token>":
        assert isinstance(found, str), place
        assert found.count(".") == 2, place
    elif isinstance(recorded, str) and (TIME.fullmatch(recorded) or UUID.fullmatch(recorded)):
        assert isinstance(found, str), place
        assert (TIME if TIME.fullmatch(recorded) else UUID).fullmatch(found), place
    elif place.endswith(".subdomain"):
        assert isinstance(found, str), place
    else:
        assert found == recorded, place


@pytest.fixture
async def guest(client: Client) -> Guest:
    """Somebody at a server without workspaces."""
    await client.database.execute('update core.workspace set "deletedAt" = now()')
    return Guest(client=client)


async def test_the_recorded_session_goes_the_same_way(guest: Guest) -> None:
    """Where the recording has a token in a request, it is the one that the answers before it gave."""
    password, origin = "a right password", guest.origin
    tokens: dict[str, str] = {}
    for step in RECORDED:
        query, values, name = step["query"], dict(step.get("variables", {})), step["name"]
        if "password" in values and values["password"] == "<password>":
            values["password"] = password
        if "origin" in values:
            values["origin"] = origin
        values |= {
            key: tokens[kind]
            for key, kind in (("loginToken", "login"), ("t", "refresh"))
            if values.get(key) == "<token>"
        }
        answer = await guest.ask(query, values, token=tokens.get(step["auth"]), path="metadata")
        if "errors" in step["response"]:
            (expected,), (error,) = step["response"]["errors"], answer["errors"]
            assert answer["data"] is None, name
            assert error["message"] == expected["message"], name
            for key, value in expected["extensions"].items():
                assert error["extensions"][key] == value, (name, key)
            continue
        assert "errors" not in answer, (name, answer)
        same(answer["data"], step["response"]["data"], name)
        (given,) = answer["data"].values()
        if name == "signUp":
            tokens["agnostic"] = given["tokens"]["accessOrWorkspaceAgnosticToken"]["token"]
            made = await guest.data("mutation { signUpInNewWorkspace { loginToken } }", token=tokens["agnostic"])
            tokens["login"] = made["loginToken"]
            tokens["user"], _ = await guest.enter(tokens["login"])
        elif name in ("getAuthTokensFromLoginToken-again", "renewToken"):
            tokens["user"] = given["tokens"]["accessOrWorkspaceAgnosticToken"]["token"]
            tokens["refresh"] = given["tokens"]["refreshToken"]["token"]
