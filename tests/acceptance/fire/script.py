"""The changes of the model, one after the other: each knows what it asks for and which slots it fills or empties."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rapport.base.ids import new_id
from tests.acceptance.fire.timeline import Tag, Timeline
from tests.acceptance.fire.wire import Json

CREATE_OBJECT = "mutation($input: CreateOneObjectInput!) { done: createOneObject(input: $input) { id } }"
UPDATE_OBJECT = "mutation($input: UpdateOneObjectInput!) { done: updateOneObject(input: $input) { id } }"
DELETE_OBJECT = "mutation($input: DeleteOneObjectInput!) { done: deleteOneObject(input: $input) { id } }"
CREATE_FIELD = "mutation($input: CreateOneFieldMetadataInput!) { done: createOneField(input: $input) { id } }"
UPDATE_FIELD = "mutation($input: UpdateOneFieldMetadataInput!) { done: updateOneField(input: $input) { id } }"
DELETE_FIELD = "mutation($input: DeleteOneFieldInput!) { done: deleteOneField(input: $input) { id } }"
CREATE_INDEX = "mutation($input: CreateOneIndexInput!) { done: createOneIndex(input: $input) { id } }"
DELETE_INDEX = "mutation($input: DeleteOneIndexInput!) { done: deleteOneIndex(input: $input) { id } }"

KINDS = ("TEXT", "NUMBER", "CURRENCY", "ARRAY", "RAW_JSON", "LINKS", "DATE")
STANDARD = {"person.linkedinLink": ("linkedinLink", "LINKS"), "opportunities": ("opportunities", "OBJECT")}


@dataclass(frozen=True, kw_only=True)
class Change:
    """``makes``: the key under which the id of what is made is kept. ``kinds``: what the new tags are."""

    label: str
    query: str
    input: Mapping[str, Json]
    effects: Mapping[str, Tag | None] = field(default_factory=dict)
    makes: str | None = None


class Script:
    """``ids`` are those of the workspace's objects and fields, by `person` and `person.linkedinLink`."""

    def __init__(self, timeline: Timeline, ids: dict[str, str]) -> None:
        self._timeline = timeline
        self.ids = ids
        self.kinds: dict[Tag, str] = {}
        self._serial = itertools.count(1)
        for slot, (tag, kind) in STANDARD.items():
            self.kinds[tag] = kind
            with timeline.changing("standard", {slot: tag}):
                pass

    def changes(self) -> Iterator[Change]:
        """Without end. The same names come again and again, and mean something else each time."""
        for turn in itertools.count():
            yield from self._cycle(KINDS[turn % len(KINDS)], KINDS[(turn + 3) % len(KINDS)])

    def _cycle(self, first: str, second: str) -> Iterator[Change]:
        yield self._object("rocket", "rockets")
        yield self._field("rockets", "code", "TEXT")
        yield self._field("rockets", "weight", "NUMBER", isNullable=False, defaultValue=0)
        yield self._relation("rockets", "maker", "company", ("companies", "fleet"))
        yield self._field("person", "nick", first)
        yield self._stage()
        yield self._relation("person", "rocket", "rockets", ("rockets", "crew"))
        yield self._renamed_field("person", "nick", "alias")
        yield self._field("person", "nick", second)
        yield self._other_options()
        yield self._update("rockets.code", "make unique", isUnique=True)
        yield self._renamed_object(("rocket", "rockets"), ("ship", "ships"))
        yield from self._off_and_on("person.alias")
        yield from self._off_and_on("person.linkedinLink")
        yield from self._off_and_on("ships", also=("person.rocket", "companies.fleet"))
        yield from self._off_and_on("opportunities")
        index: dict[str, Json] = {
            "objectMetadataId": self.ids["person"],
            "fields": [{"fieldMetadataId": self.ids["person.city"]}],
        }
        yield Change(label="create index", query=CREATE_INDEX, input={"index": index}, makes="index")
        yield Change(label="delete index", query=DELETE_INDEX, input={"id": self.ids["index"]})
        yield self._update("person.jobTitle", "relabel", label="Profession")
        yield self._field("ships", "note", "RICH_TEXT_V2")
        yield self._update("ships.code", "make not unique", isUnique=False)
        yield self._deleted("person.alias")
        yield self._deleted("person.rocket", also=("ships.crew",))
        yield self._deleted("person.nick")
        yield self._deleted("person.stage", also=self._below("person.stage"))
        yield Change(
            label="delete object",
            query=DELETE_OBJECT,
            input={"id": self.ids["ships"]},
            effects=dict.fromkeys(("ships", "companies.fleet", *self._below("ships"))),
        )

    # -- objects --------------------------------------------------------------------------------------------------

    def _object(self, name: str, plural: str) -> Change:
        names = {"nameSingular": name, "namePlural": plural}
        labels = {"labelSingular": name.capitalize(), "labelPlural": plural.capitalize()}
        return Change(
            label="create object",
            query=CREATE_OBJECT,
            input={"object": {**names, **labels}},
            effects={plural: self._tag("OBJECT")},
            makes=plural,
        )

    def _renamed_object(self, old: tuple[str, str], new: tuple[str, str]) -> Change:
        moved = {slot: self._timeline.now(slot) for slot in (old[1], *self._below(old[1]))}
        for slot in list(self.ids):
            if slot == old[1] or slot.startswith(f"{old[1]}."):
                self.ids[slot.replace(old[1], new[1], 1)] = self.ids[slot]
        return Change(
            label="rename object",
            query=UPDATE_OBJECT,
            input={
                "id": self.ids[old[1]],
                "update": {
                    "nameSingular": new[0],
                    "namePlural": new[1],
                    "labelSingular": new[0].capitalize(),
                    "labelPlural": new[1].capitalize(),
                },
            },
            effects={
                **dict.fromkeys(moved),
                **{slot.replace(old[1], new[1], 1): tag for slot, tag in moved.items()},
            },
        )

    def _off_and_on(self, slot: str, also: tuple[str, ...] = ()) -> Iterator[Change]:
        affected = {each: self._timeline.now(each) for each in (slot, *also, *self._below(slot))}
        query = UPDATE_FIELD if "." in slot else UPDATE_OBJECT
        for word, is_active in (("deactivate", False), ("activate", True)):
            yield Change(
                label=f"{word} {'field' if '.' in slot else 'object'}",
                query=query,
                input={"id": self.ids[slot], "update": {"isActive": is_active}},
                effects=affected if is_active else dict.fromkeys(affected),
            )

    # -- fields ---------------------------------------------------------------------------------------------------

    def _field(self, owner: str, name: str, kind: str, **more: Json) -> Change:
        given = {"objectMetadataId": self.ids[owner], "name": name, "label": name.capitalize(), "type": kind, **more}
        return Change(
            label=f"create field {kind}",
            query=CREATE_FIELD,
            input={"field": given},
            effects={f"{owner}.{name}": self._tag(kind)},
            makes=f"{owner}.{name}",
        )

    def _relation(self, owner: str, name: str, target: str, inverse: tuple[str, str]) -> Change:
        payload: dict[str, Json] = {
            "type": "MANY_TO_ONE",
            "targetObjectMetadataId": self.ids[target],
            "targetFieldLabel": inverse[1].capitalize(),
            "targetFieldIcon": "IconRocket",
        }
        change = self._field(owner, name, "RELATION", relationCreationPayload=payload)
        effects = {**change.effects, ".".join(inverse): self._tag("LIST")}
        return Change(
            label="create relation", query=change.query, input=change.input, effects=effects, makes=change.makes
        )

    def _stage(self) -> Change:
        """Its options are slots, too: `person.stage=SHINY_7`. Their tags end with their ids."""
        number = next(self._serial)
        options = [self._option(f"{word}_{number}", place) for place, word in enumerate(("RUSTY", "SHINY", "GONE"))]
        change = self._field("person", "stage", "SELECT", options=list[Json](options))
        effects = {**change.effects, **{f"person.stage={each['value']}": f"option {each['id']}" for each in options}}
        return Change(label=change.label, query=change.query, input=change.input, effects=effects, makes=change.makes)

    def _other_options(self) -> Change:
        """The first gets another value, the last goes, a new one comes."""
        first, second, third = self._below("person.stage")
        number = next(self._serial)
        new = self._option(f"NEW_{number}", 2)
        kept = [
            self._option(f"POLISHED_{number}", 0, own_id=self._option_id(first)),
            self._option(second.partition("=")[2], 1, own_id=self._option_id(second)),
            new,
        ]
        return Change(
            label="change options",
            query=UPDATE_FIELD,
            input={"id": self.ids["person.stage"], "update": {"options": list[Json](kept)}},
            effects={
                first: None,
                third: None,
                f"person.stage=POLISHED_{number}": self._timeline.now(first),
                f"person.stage={new['value']}": f"option {new['id']}",
            },
        )

    def _option(self, value: str, position: int, *, own_id: str | None = None) -> dict[str, Json]:
        label = f"{value.lower()} label"
        return {"id": own_id or str(new_id()), "value": value, "label": label, "color": "red", "position": position}

    def _option_id(self, slot: str) -> str:
        return str(self._timeline.now(slot)).partition(" ")[2]

    def _renamed_field(self, owner: str, old: str, new: str) -> Change:
        tag = self._timeline.now(f"{owner}.{old}")
        self.ids[f"{owner}.{new}"] = self.ids[f"{owner}.{old}"]
        return Change(
            label="rename field",
            query=UPDATE_FIELD,
            input={"id": self.ids[f"{owner}.{old}"], "update": {"name": new, "label": new.capitalize()}},
            effects={f"{owner}.{old}": None, f"{owner}.{new}": tag},
        )

    def _update(self, slot: str, label: str, /, **update: Json) -> Change:
        return Change(label=label, query=UPDATE_FIELD, input={"id": self.ids[slot], "update": update})

    def _deleted(self, slot: str, also: tuple[str, ...] = ()) -> Change:
        effects: dict[str, Tag | None] = dict.fromkeys((slot, *also))
        return Change(label="delete field", query=DELETE_FIELD, input={"id": self.ids[slot]}, effects=effects)

    # -- tags -----------------------------------------------------------------------------------------------------

    def _tag(self, kind: str) -> Tag:
        tag = f"{kind} {next(self._serial)}"
        self.kinds[tag] = kind
        return tag

    def _below(self, slot: str) -> tuple[str, ...]:
        """The filled slots of an object or of a field's options."""
        return self._timeline.filled(f"{slot}.", f"{slot}=")
