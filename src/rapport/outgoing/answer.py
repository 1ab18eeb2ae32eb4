"""What a host answered."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Answer:
    """``body`` is the beginning of what was sent, no more than was asked for; nothing in it is decoded or unpacked.

    ``is_whole``: there was no more, and it came in time. The names of ``headers`` are in lower case.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_whole: bool
