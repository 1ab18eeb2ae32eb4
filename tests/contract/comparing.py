"""Walks a recorded value and ours in parallel: what differs, and which id or cursor here stands for which there."""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
TOKEN = "<token>"
_BY_HAND = re.compile(r"-0000-4000-8000-")  # ids that were given with the requests: they are the same everywhere
_MADE_BY_THE_SERVER = ("createdAt", "updatedAt", "deletedAt", "expiresAt", "CreatedAt", "UpdatedAt")
_ABSENT = object()

# Where an answer has more than the recorded one because the contract's text says so, wherever a recording lacks it.
_DECIDED = (
    (re.compile(r"\$\.errors\[\d+\]\.(path|locations)"), "core-api.md §5.1: path and locations"),
    (re.compile(r"\$\.errors\[\d+\]\.extensions\.statusCode"), "design.md §12: statusCode"),
    (re.compile(r"\$\.errors\[\d+\]\.extensions"), "core-api.md §5.1: a code for what the validation finds"),
)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """``kind``: shape (keys, kinds of values, lengths), value, or decided (with the decision in ``reason``)."""

    path: str
    kind: str
    recorded: str
    found: str
    reason: str = ""


@dataclass(kw_only=True)
class Matching:
    """What was learnt so far of how recorded ids and cursors are called here."""

    ids: dict[str, str] = field(default_factory=dict)
    cursors: dict[str, str] = field(default_factory=dict)

    def here(self, text: str) -> str:
        """A recorded text with our ids and cursors in it."""
        for recorded, ours in self.cursors.items():
            text = text.replace(recorded, ours)
        return UUID.sub(lambda found: self.ids.get(found[0], found[0]), text)

    def learn(self, recorded: object, found: object) -> None:
        """Takes the ids of two values of the same shape as the same things."""
        for _ in self.differences(recorded, found):
            pass

    def differences(
        self, recorded: object, found: object, *, lengths: Mapping[str, int | None] | None = None
    ) -> Iterator[Difference]:
        """What differs. ``lengths``: by path, the true length of a list that was cut (None: any will do)."""
        yield from self._walk(recorded, found, "$", "", lengths or {})

    def _walk(
        self, recorded: object, found: object, path: str, key: str, lengths: Mapping[str, int | None]
    ) -> Iterator[Difference]:
        if isinstance(recorded, dict) and isinstance(found, dict):
            for name in [*recorded, *(name for name in found if name not in recorded)]:
                there, here = recorded.get(name, _ABSENT), found.get(name, _ABSENT)
                yield from self._walk(there, here, f"{path}.{name}", name, lengths)
        elif isinstance(recorded, list) and isinstance(found, list):
            plain = re.sub(r"\[\d+\]", "[]", path)
            length = lengths.get(plain, len(recorded)) if plain in lengths else len(recorded)
            if length is not None and length != len(found):
                yield Difference(path=path, kind="value", recorded=f"{length} elements", found=f"{len(found)} elements")
            for index, (one, other) in enumerate(zip(recorded, found, strict=False)):
                yield from self._walk(one, other, f"{path}[{index}]", key, lengths)
        else:
            yield from self._leaf(recorded, found, path, key)

    def _leaf(self, recorded: object, found: object, path: str, key: str) -> Iterator[Difference]:
        if recorded is _ABSENT:
            reason = next((reason for pattern, reason in _DECIDED if pattern.fullmatch(path)), "")
            yield _difference("decided" if reason else "shape", recorded, found, path, reason)
        elif isinstance(recorded, str) and isinstance(found, str):
            yield from self._text(recorded, found, path, key)
        elif (recorded in ("", None) and found in ("", None)) or _same(recorded, found):
            return
        else:
            yield _difference("value" if _kind(recorded) == _kind(found) else "shape", recorded, found, path)

    def _ours(self, recorded: str, found: str) -> str:
        """What a recorded id is called here; learnt if it was not known."""
        if _BY_HAND.search(recorded):
            return recorded
        return self.ids.setdefault(recorded, found)

    def _text(self, recorded: str, found: str, path: str, key: str) -> Iterator[Difference]:
        if recorded == TOKEN:
            return
        if UUID.fullmatch(recorded):
            if not UUID.fullmatch(found):
                yield _difference("shape", recorded, found, path)
            elif self._ours(recorded, found) != found:
                yield _difference("value", f"{recorded}, here {self._ours(recorded, found)}", found, path)
            return
        if TIME.fullmatch(recorded) and TIME.fullmatch(found) and key.endswith(_MADE_BY_THE_SERVER):
            return
        packed, ours = _unpacked(recorded), _unpacked(found)
        if packed is not None and ours is not None:
            if key.lower().endswith("cursor"):
                self.cursors[recorded] = found
            yield from self._walk(packed, ours, f"{path}<>", "", {})
            return
        if found not in (recorded, self.here(recorded)):
            yield _difference("value", recorded, found, path)


def _unpacked(text: str) -> object:
    """What a cursor or a text of JSON holds, but for ids that are made anew each time; None for other texts."""
    try:
        value = json.loads(text if text.startswith(("[", "{")) else base64.b64decode(text, validate=True))
    except (ValueError, binascii.Error):
        return None
    if isinstance(value, list):
        return [_without_id(item) for item in value]
    return value if isinstance(value, dict) else None


def _without_id(block: object) -> object:
    if not isinstance(block, dict):
        return block
    return {key: value for key, value in block.items() if key != "id"}


def _same(recorded: object, found: object) -> bool:
    return type(recorded) is type(found) and recorded == found


def _kind(value: object) -> str:
    return "nothing" if value is None else type(value).__name__


def _difference(kind: str, recorded: object, found: object, path: str, reason: str = "") -> Difference:
    return Difference(path=path, kind=kind, recorded=_shown(recorded), found=_shown(found), reason=reason)


def _shown(value: object) -> str:
    if value is _ABSENT:
        return "absent"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 160 else f"{text[:157]}..."
