"""Sends recorded requests to a server and shows where its answers differ from the recorded ones.

    python -m tests.contract.replay DIR [--only 02,03] [--url http://…] [--shapes] [--decided]

DIR has JSON files of examples, each with `name`, `request`, `status` and `response`; one without `response` is sent
only. Without --url a server is started on a fresh database, where nobody has signed up yet.
"""

import argparse
import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

import httpx

from rapport.store.database import Database
from rapport.store.migrate import migrate
from tests.contract.callers import PASSWORD, Callers
from tests.contract.comparing import TOKEN, Difference, Matching
from tests.contract.comparing import UUID as UUIDS
from tests.databases import fresh_name, new_database, running_server
from tests.serving import Tenant, serving

_SECONDS = 60
_CUT = re.compile(r"(request|response)\.?(.*) \((\d+)\)")
_TOKENS = {"loginToken": "login", "t": "refresh", "appToken": "refresh", "refreshToken": "refresh"}
_NAMES = """{ objects(paging: { first: 1000 }) { edges { node { id nameSingular fieldsList { id name } } } } }"""

Example = Mapping[str, object]


@asynccontextmanager
async def _own_server() -> AsyncIterator[str]:
    with running_server() as dsn:
        async with new_database(dsn, fresh_name()) as fresh:
            database = await Database.connect(fresh, size=5)
            try:
                await migrate(database)
                async with serving(database, Tenant(workspace_id=UUID(int=0), schema="", key="")) as client:
                    yield client.url
            finally:
                await database.close()


class Replay:
    """One session: what was learnt of ids and tokens is kept from example to example."""

    def __init__(self, http: httpx.AsyncClient, url: str, known: Mapping[str, tuple[str, ...]]) -> None:
        self._http = http
        self._url = url
        self._known = known
        self._callers = Callers(http=http, url=url)
        self._matching = Matching()

    async def send(self, example: Example) -> list[Difference]:
        """Sends the request; what differs in the answer."""
        request = _object(example["request"])
        auth, text = str(request["auth"]), json.dumps(request)
        token = await self._callers.token(auth, activates="activateWorkspace" in text)
        await self._look_up(text)
        response = await self._exchange(request, token)
        found = _json(response)
        if isinstance(found, dict):
            self._callers.learn(found.get("data"))
        if "response" not in example:
            return []
        differences = []
        if response.status_code != example["status"]:
            differences.append(_of("status", "shape", example["status"], response.status_code))
        headers = {str(name).lower(): value for name, value in _object(example.get("headers", {})).items()}
        kind = headers.get("content-type")
        if kind is not None and kind != response.headers.get("content-type"):
            differences.append(_of("content-type", "shape", kind, response.headers.get("content-type")))
        lengths = _lengths(example.get("shortened", []))
        differences += self._matching.differences(example["response"], found, lengths=lengths)
        return differences

    async def _exchange(self, request: Mapping[str, object], token: str | None) -> httpx.Response:
        headers = {str(name): str(value) for name, value in _object(request.get("headers", {})).items()}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        body = request.get("body")
        content = b""
        if isinstance(body, str):
            content = body.encode()
            is_form = body.startswith("query=")
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded" if is_form else "text/plain")
        elif body is not None:
            content = self._here(body).encode()
            headers.setdefault("Content-Type", "application/json")
        path = quote(self._matching.here(str(request["path"])), safe="/?&=%{}[]:,\"'()")
        return await self._http.request(str(request["method"]), self._url + path, content=content, headers=headers)

    def _here(self, body: object) -> str:
        """The body as it is to be sent to this server."""
        if isinstance(body, dict) and isinstance(body.get("variables"), dict):
            given = dict(body["variables"])
            for name, kind in _TOKENS.items():
                if given.get(name) == TOKEN:
                    given[name] = self._callers.tokens.get(kind, TOKEN)
            if given.get("password") == "<password>":
                given["password"] = PASSWORD
            if "origin" in given:
                given["origin"] = self._url
            body = {**body, "variables": given}
        return self._matching.here(json.dumps(body))

    async def _look_up(self, text: str) -> None:
        """Finds by their names what the request speaks of by ids that no answer has told yet."""
        wanted = [each for each in UUIDS.findall(text) if each in self._known and each not in self._matching.ids]
        if not wanted:
            return
        await self._callers.token("user")
        ours = dict(_named(await self._ask("{ getRoles { id label } }")))
        ours |= dict(_named(await self._ask(_NAMES)))
        by_name = {name: key for key, name in ours.items()}
        for each in wanted:
            if self._known[each] in by_name:
                self._matching.ids[each] = by_name[self._known[each]]

    async def _ask(self, query: str) -> object:
        try:
            return await self._callers.data(query, auth="user")
        except LookupError:
            return None  # an operation that this server does not have


def _named(value: object, owner: tuple[str, ...] = ()) -> Iterable[tuple[str, tuple[str, ...]]]:
    """The ids in a value with names that are the same on every server: of objects, of their fields, of roles."""
    if isinstance(value, list):
        for each in value:
            yield from _named(each, owner)
    if not isinstance(value, dict):
        return
    name: tuple[str, ...] = ()
    if isinstance(value.get("nameSingular"), str):
        name = owner = ("object", value["nameSingular"])
    elif isinstance(value.get("name"), str) and owner:
        name = (*owner, value["name"])
    elif isinstance(value.get("label"), str):
        name = ("role", value["label"])
    if name and isinstance(value.get("id"), str):
        yield value["id"], name
    for each in value.values():
        yield from _named(each, owner)


def _lengths(shortened: object) -> dict[str, int | None]:
    """The true lengths of cut lists by path; any length where the request was cut, too."""
    assert isinstance(shortened, list)
    found: dict[str, int | None] = {}
    asked_for_less = any(str(each).startswith("request") for each in shortened)
    for each in shortened:
        cut = _CUT.fullmatch(str(each))
        if cut is not None and cut[1] == "response":
            found[f"$.{cut[2]}"] = None if asked_for_less else int(cut[3])
    return found


def _of(path: str, kind: str, recorded: object, found: object) -> Difference:
    return Difference(path=path, kind=kind, recorded=str(recorded), found=str(found))


def _object(value: object) -> Mapping[str, object]:
    assert isinstance(value, dict)
    return value


def _json(response: httpx.Response) -> object:
    try:
        return response.json()
    except ValueError:
        return response.text


def read(folder: Path) -> list[tuple[str, Example]]:
    """All examples, with the numbers of their files."""
    return [
        (path.stem.partition("-")[0], each)
        for path in sorted(folder.glob("*.json"))
        for each in json.loads(path.read_text(encoding="utf-8"))
    ]


async def replay(
    recorded: list[tuple[str, Example]], only: list[str], url: str | None, *, shapes: bool, decided: bool
) -> int:
    """Prints what differs; the number of examples that do. What is not sent tells names of ids all the same."""
    known = dict(_named([each.get("response") for _, each in recorded]))
    examples = [(file, each) for file, each in recorded if not only or file in only]
    count = 0
    async with _server(url) as address, httpx.AsyncClient(timeout=_SECONDS, trust_env=False) as http:
        session = Replay(http, address, known)
        for file, example in examples:
            found = await session.send(example)
            shown = [
                each for each in found if (decided or each.kind != "decided") and (not shapes or each.kind != "value")
            ]
            differs = any(each.kind != "decided" for each in shown)
            count += differs
            _say(f"{'differs' if differs else 'same':<8}{file} {example['name']}")
            for each in shown:
                reason = f"  ({each.reason})" if each.reason else ""
                _say(f"          {each.path}: recorded {each.recorded}, found {each.found}{reason}")
            reasons = example.get("differs")
            for reason in reasons if shown and isinstance(reasons, list) else []:
                _say(f"          decided: {reason}")
    _say(f"{len(examples) - count} of {len(examples)} are the same")
    return count


@asynccontextmanager
async def _server(url: str | None) -> AsyncIterator[str]:
    if url is not None:
        yield url.rstrip("/")
        return
    async with _own_server() as own:
        yield own


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description="Replay recorded requests and show what is answered otherwise.")
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder with the recorded examples")
    parser.add_argument("--only", default="", help="numbers of files, with commas between them")
    parser.add_argument("--url", help="a server where nobody has signed up yet; without it one is started")
    parser.add_argument("--shapes", action="store_true", help="do not show values that differ in content only")
    parser.add_argument("--decided", action="store_true", help="show differences that the contract decides, too")
    given = parser.parse_args()
    only = [each for each in given.only.split(",") if each]
    asyncio.run(replay(read(given.folder), only, given.url, shapes=given.shapes, decided=given.decided))


if __name__ == "__main__":
    main()
