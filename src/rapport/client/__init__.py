"""A client of the server: `from rapport.client import Client, AsyncClient`. Needs httpx, and nothing else of ours."""

from rapport.client.blocking import Client
from rapport.client.call import Record, Values
from rapport.client.errors import (
    Conflict,
    ConnectionFailed,
    Forbidden,
    Gone,
    InvalidInput,
    NotFound,
    RapportError,
    RateLimited,
    ServerError,
    Unauthenticated,
)
from rapport.client.exchange import NO_RETRIES, Retries
from rapport.client.feed import EventPage
from rapport.client.reading import Page, PageInfo
from rapport.client.subscribing import Result
from rapport.client.waiting import AsyncClient

__all__ = [
    "NO_RETRIES",
    "AsyncClient",
    "Client",
    "Conflict",
    "ConnectionFailed",
    "EventPage",
    "Forbidden",
    "Gone",
    "InvalidInput",
    "NotFound",
    "Page",
    "PageInfo",
    "RapportError",
    "RateLimited",
    "Record",
    "Result",
    "Retries",
    "ServerError",
    "Unauthenticated",
    "Values",
]
