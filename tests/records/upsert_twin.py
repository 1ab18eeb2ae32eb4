"""The slow twin of upsert: people in Python, one row of data after the other."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Json: TypeAlias = Any
Person: TypeAlias = dict[str, Json]

FIELDS = (
    "id email city jobTitle name { firstName lastName } companyId position deletedAt createdBy { source } "
    "createdAt updatedAt"
)
_ATOMIC = ("city", "jobTitle", "companyId")


class Refused(Exception):
    """The batch cannot be written; the message is the sub-code of the error."""


@dataclass(frozen=True)
class Change:
    """What happened to one person: `created`, `updated` or `restored`, and the fields that changed."""

    action: str
    fields: frozenset[str] | None


@dataclass
class UpsertTwin:
    """People by id, as they are selected by `FIELDS`."""

    people: dict[str, Person]
    answer: list[str] = field(default_factory=list)  # ids
    changes: dict[str, list[Change]] = field(default_factory=dict)
    placed: dict[str, str] = field(default_factory=dict)  # ids of people at an end of the list, in the order they came

    def refusal(self, batch: Sequence[Mapping[str, Json]], ids: Sequence[str]) -> str | None:
        """Upserts; the sub-code of the error if that cannot be. ``ids`` are those of the server's answer."""
        try:
            self.upsert(batch, ids)
        except Refused as refused:
            return str(refused)
        return None

    def upsert(self, batch: Sequence[Mapping[str, Json]], ids: Sequence[str]) -> None:
        """Handles the rows in order. Raises Refused."""
        for index, row in enumerate(batch):
            matched = self._matches(row)
            if len(matched) > 1:
                raise Refused("UPSERT_MULTIPLE_MATCHING_RECORDS_CONFLICT")
            if matched:
                (identity,) = matched
                self._update(identity, row)
            else:
                identity = row["id"].lower() if "id" in row else ids[index]
                self.people[identity] = self._created(identity, row)
                self._log(identity, Change("created", None))
            self._keep_apart(self.people[identity])
            self.answer.append(identity)

    def _matches(self, row: Mapping[str, Json]) -> set[str]:
        found = set()
        if "id" in row and row["id"].lower() in self.people:
            found.add(row["id"].lower())
        address = _address(row.get("email"))
        if address:
            same = [each for each in self.people.values() if each["email"] == address]
            live = [each for each in same if each["deletedAt"] is None]
            deleted = sorted(same, key=lambda each: (each["deletedAt"] or "", each["id"]))
            found |= {each["id"] for each in live or deleted[-1:]}
        return found

    def _keep_apart(self, person: Person) -> None:
        """A record that was named by its id comes back to life with an address that has gone to somebody else."""
        others = (each for each in self.people.values() if each["id"] != person["id"] and each["deletedAt"] is None)
        if person["email"] and person["email"] in {each["email"] for each in others}:
            raise Refused("DUPLICATE_ENTRY_DETECTED")

    def _created(self, identity: str, row: Mapping[str, Json]) -> Person:
        blank: Person = {"email": None, "city": None, "jobTitle": None, "companyId": None, "deletedAt": None}
        source = (row.get("createdBy") or {}).get("source", "API")
        person: Person = {**blank, "id": identity, "name": {"firstName": None, "lastName": None}}
        person["createdBy"] = {"source": source}
        person["position"] = self._place(identity, row)
        return {**person, **_given(row, person["name"])}

    def _place(self, identity: str, row: Mapping[str, Json]) -> Json:
        """Where a row asks to stand: at a number, or at an end."""
        place = row.get("position", "first")
        self.placed.pop(identity, None)
        if isinstance(place, str):
            self.placed[identity] = place
        return place

    def _update(self, identity: str, row: Mapping[str, Json]) -> None:
        before = self.people[identity]
        after = {**before, **_given(row, before["name"]), "deletedAt": None}
        changed = {key for key in after if before[key] != after[key]}
        if changed or row.get("position", "first") not in ("first", "last", before["position"]):
            after["position"] = self._place(identity, row)
            if isinstance(after["position"], str) or after["position"] != before["position"]:
                changed.add("position")
        self.people[identity] = after
        if changed:
            names = {"email": "emails", "companyId": "company"}
            fields = frozenset(names.get(key, key) for key in changed)
            self._log(identity, Change("restored" if before["deletedAt"] else "updated", fields))

    def _log(self, identity: str, change: Change) -> None:
        self.changes.setdefault(identity, []).append(change)


def by_id(people: Iterable[Person]) -> dict[str, Person]:
    return {each["id"]: each for each in people}


def _given(row: Mapping[str, Json], name: Mapping[str, Json]) -> Person:
    """The values that a row gives, in the form of the answers."""
    found = {key: row[key] for key in _ATOMIC if key in row}
    if "email" in row:
        found["email"] = _address(row["email"])
    if "name" in row:
        cleared = {"firstName": None, "lastName": None}
        found["name"] = cleared if row["name"] is None else {**name, **row["name"]}
    if "company" in row:
        found["companyId"] = row["company"]["connect"]["where"]["id"]
    return found


def _address(given: str | None) -> str | None:
    return (given or "").strip().lower() or None
