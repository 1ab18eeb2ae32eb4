"""The change feed: events per second, by pages of 1,000 and as a stream."""

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.cases import WrongAnswer
from bench.server import Server

EVENTS = 20_000
_PAGE = 1_000
_BATCH = 60
_SECONDS = 300  # for one request
_LOOK_SECONDS = 0.2


class Feed:
    """Reads the same events each time. The first reading makes them, and is much slower for it."""

    def __init__(self) -> None:
        self._begins: str | None = None

    def pages(self, server: Server) -> int:
        with _connection(server) as connection:
            cursor, found = self._beginning(server, connection), 0
            while True:
                page = _ask(server, connection, f"/rest/events?objects=person&limit={_PAGE}&after={cursor}")
                found += len(page["data"]["events"])
                cursor = page["pageInfo"]["endCursor"]
                if not page["pageInfo"]["hasNextPage"]:
                    return _checked(found)

    def stream(self, server: Server) -> int:
        with _connection(server) as connection:
            cursor = self._beginning(server, connection)
            headers = {**_headers(server), "accept": "text/event-stream"}
            connection.request("GET", f"/rest/events?objects=person&limit={_PAGE}&after={cursor}", headers=headers)
            answer, found = connection.getresponse(), 0
            while found < EVENTS:
                line = answer.readline()
                if not line:
                    break
                found += line.startswith(b"data: ")
        return _checked(found)

    def _beginning(self, server: Server, connection: http.client.HTTPConnection) -> str:
        if self._begins is None:
            self._begins = str(_ask(server, connection, "/rest/events?after=now")["pageInfo"]["endCursor"])
            for first in range(0, EVENTS, _BATCH):
                people = [_person(number) for number in range(first, min(first + _BATCH, EVENTS))]
                connection.request("POST", "/rest/batch/people", json.dumps(people), _headers(server))
                answer = connection.getresponse()
                body = answer.read()
                if answer.status != http.client.CREATED:
                    raise WrongAnswer(f"feed: {body[:500]!r}")
            while _ask(server, connection, "/healthz")["info"]["events"]["lagSeconds"]:
                time.sleep(_LOOK_SECONDS)  # the server's own readers take time from those who follow the feed
        return self._begins


def _person(number: int) -> dict[str, object]:
    return {
        "name": {"firstName": f"Ada{number}", "lastName": "King"},
        "phones": {"primaryPhoneNumber": str(612000000 + number), "primaryPhoneCountryCode": "FR"},
        "city": "Oslo",
        "jobTitle": "Engineer",
        "linkedinLink": {"primaryLinkUrl": f"https://www.example.com/in/p{number}"},
    }


def _checked(found: int) -> int:
    if found != EVENTS:
        raise WrongAnswer(f"feed: {found} events instead of {EVENTS}")
    return found


@contextmanager
def _connection(server: Server) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=_SECONDS)
    try:
        yield connection
    finally:
        connection.close()


def _headers(server: Server) -> dict[str, str]:
    return {"authorization": f"Bearer {server.api_key}", "content-type": "application/json"}


def _ask(server: Server, connection: http.client.HTTPConnection, path: str) -> dict:  # type: ignore[type-arg]  # JSON
    connection.request("GET", path, headers=_headers(server))
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != http.client.OK:
        raise WrongAnswer(f"feed: {body[:500]!r}")
    found: dict = json.loads(body)  # type: ignore[type-arg]
    return found
