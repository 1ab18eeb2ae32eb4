"""Requests that were answered, as plain numbers."""

from collections.abc import Iterator

from rapport.edge.metrics.known import Sample


class Tally:
    """Of one API. ``counts``: by the hundreds of the status."""

    __slots__ = ("api", "counts")

    def __init__(self, api: str) -> None:
        self.api = api
        self.counts = [0] * 10

    def note(self, status: int) -> None:
        self.counts[status // 100] += 1

    def samples(self) -> Iterator[Sample]:
        for hundreds in range(2, 6):
            yield "rapport_requests_total", (self.api, f"{hundreds}xx"), self.counts[hundreds]
