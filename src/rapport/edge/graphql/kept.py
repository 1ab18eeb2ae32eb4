"""Answers that follow from the data model alone, whoever asks: made once for each version of it."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import TypeAlias
from uuid import UUID

from rapport.edge.graphql.model import Model

MOST_BYTES = 64_000_000  # of a process; what was used longest ago goes first, and no answer has more than half

_BYTES_OF_ENTRY = 500

Key: TypeAlias = tuple[UUID, str, str | None, str]


class KeptAnswers:
    """A model that is no longer current is forgotten with all its answers; a later one has another key."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._answers: OrderedDict[Key, bytes] = OrderedDict()

    @staticmethod
    def key(model: Model, text: str, operation: str | None, values: Mapping[str, object]) -> Key:
        return (model.unrestricted.key, text, operation, repr(values))

    def get(self, key: Key) -> bytes | None:
        answer = self._answers.get(key)
        if answer is not None:
            self._answers.move_to_end(key)
        return answer

    def put(self, key: Key, answer: bytes) -> None:
        if _size(key, answer) > self._most_bytes // 2:
            return
        self._drop(key)
        self._answers[key] = answer
        self._bytes += _size(key, answer)
        while self._bytes > self._most_bytes:
            self._drop(next(iter(self._answers)))

    def forget(self, model: Model) -> None:
        for key in [key for key in self._answers if key[0] == model.key]:
            self._drop(key)

    def _drop(self, key: Key) -> None:
        answer = self._answers.pop(key, None)
        if answer is not None:
            self._bytes -= _size(key, answer)


def _size(key: Key, answer: bytes) -> int:
    return _BYTES_OF_ENTRY + len(answer) + len(key[1]) + len(key[3])
