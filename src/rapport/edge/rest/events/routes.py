"""`GET /rest/events`"""

from collections.abc import Iterable

from rapport.edge.answer import Answer
from rapport.edge.hanging_up import unless_gone
from rapport.edge.rest.events.asked import read_after, read_asked, read_wait
from rapport.edge.rest.events.following import Following
from rapport.edge.rest.events.reading import Page
from rapport.edge.rest.request import RestRequest
from rapport.edge.rest.router import Route

EVENT_STREAM = b"text/event-stream"
_NOT_GATHERED = ((b"x-accel-buffering", b"no"),)  # by proxies in front, some of which wait for more


def event_routes(following: Following) -> Iterable[Route]:
    async def events(request: RestRequest) -> Answer:
        asked = read_asked(request.parameters)
        after = read_after(request.parameters, request.headers)
        if _wants_stream(request.headers.get(b"accept", b"")):
            stream = await unless_gone(request.receive, following.stream(request, asked, after))
            return Answer(stream=stream, media_type=EVENT_STREAM, headers=_NOT_GATHERED)
        wait = read_wait(request.parameters)
        page = await unless_gone(request.receive, following.first(request, asked, after, wait))
        return Answer(body=_page_json(page))

    yield Route(methods=("GET",), path="events", handler=events)


def _wants_stream(accept: bytes) -> bool:
    return any(each.partition(b";")[0].strip().lower() == EVENT_STREAM for each in accept.split(b","))


def _page_json(page: Page) -> bytes:
    events = b",".join([json for _, json in page.events])
    more = b"true" if page.has_more else b"false"
    cursor = str(page.cursor).encode()
    return b'{"data":{"events":[%b]},"pageInfo":{"hasNextPage":%b,"endCursor":"%b"}}' % (events, more, cursor)
