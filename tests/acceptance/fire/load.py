"""Readers and writers that keep all servers busy, and know what each answer has to be."""

import itertools
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.acceptance.fire.script import Script
from tests.acceptance.fire.timeline import Tag, Timeline
from tests.acceptance.fire.wire import Answer, Json, Wire, at, nodes

# What the API says of names, types and values that its model does not have at the moment.
NOT_IN_MODEL = frozenset({"GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"})
FORBIDDEN = frozenset({"FORBIDDEN"})
CREATE_PERSON = "mutation($data: PersonCreateInput!) { createPerson(data: $data) { id company { name } } }"
CREATE_PEOPLE = "mutation($data: [PersonCreateInput!]!) { createPeople(data: $data) { id } }"
UPDATE_PERSON = "mutation($id: UUID!, $data: PersonUpdateInput!) { updatePerson(id: $id, data: $data) { id jobTitle } }"
DELETE_PERSON = "mutation($id: UUID!) { deletePerson(id: $id) { id deletedAt } }"
PEOPLE = """query($city: String!) {
  people(filter: { city: { eq: $city } }, orderBy: [{ createdAt: AscNullsLast }], first: 1000) {
    totalCount edges { node { id city jobTitle name { firstName } company { name } } }
  }
}"""
COMPANY = """query($id: UUID!) {
  company(filter: { id: { eq: $id } }) { name people(first: 1000) { totalCount edges { node { id jobTitle } } } }
}"""
GROUPS = """query($city: String!) {
  peopleGroupBy(groupBy: [{ jobTitle: true }], filter: { city: { eq: $city } }) { groupByDimensionValues totalCount }
}"""
SEARCH = """query($word: String!, $objects: [String!]) {
  search(searchInput: $word, limit: 1000, includedObjectNameSingulars: $objects) {
    edges { node { recordId objectNameSingular } }
  }
}"""
OBJECTS = """{ objects(paging: { first: 1000 }) { edges { node {
  nameSingular namePlural isActive fieldsList { name isActive type } } } } }"""


class WrongAnswer(AssertionError):
    """An answer that cannot be right."""


@dataclass(kw_only=True)
class Timing:
    """How long each request took, by kind: when it was asked, and seconds."""

    of: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    def note(self, kind: str, answer: Answer) -> None:
        self.of.setdefault(kind, []).append((answer.asked, answer.answered - answer.asked))


@dataclass(kw_only=True)
class Memory:
    """What a worker's records must look like. Where two changes crossed, a value may be one of several."""

    values: dict[Tag, list[Json]] = field(default_factory=dict)  # of its person, by field
    unsure: set[Tag] = field(default_factory=set)  # fields whose value may be any
    people: dict[str, str] = field(default_factory=dict)  # job titles by id
    records: dict[Tag, dict[str, Json]] = field(default_factory=dict)  # names of custom records by id, by object
    doubtful: dict[Tag, set[str]] = field(default_factory=dict)  # names that may or may not be there


class Worker:
    """Reads and writes records of its own, one request at a time, each at a server of its choice."""

    def __init__(
        self, number: int, wires: Sequence[Wire], timeline: Timeline, script: Script, timing: Timing, seed: int
    ) -> None:
        self.name = f"w{number:02}rker"
        self.wires = wires
        self.timeline, self.script, self.timing = timeline, script, timing
        self.memory = Memory()
        self.random = random.Random(f"{seed} {number}")
        self.serial = itertools.count(1)
        self.company = self.person = ""
        self.stopped = False
        self.requests = self.refused = 0

    async def begin(self) -> None:
        made = await self._sure("create", CREATE_COMPANY, {"data": {"name": f"Works of {self.name}"}})
        self.company = str(at(made, "createCompany", "id"))
        self.person = await self._create_person()

    async def run(self) -> None:
        operations: Sequence[Callable[[], Awaitable[None]]] = (
            self._read_people, self._read_by_rest, self._read_company, self._group, self._search, self._objects,
            self._create_some, self._update, self._delete,
            self._read_slot, self._read_slot, self._read_slot, self._write_slot, self._write_slot,
            self._create_custom, self._read_custom, self._read_custom, self._read_fleet,
        )  # fmt: skip
        while not self.stopped:
            await self.random.choice(operations)()

    async def _ask(self, kind: str, query: str, variables: Mapping[str, object] | None = None) -> Answer:
        wire = self.random.choice(self.wires)
        answer = await wire.ask(query, variables)
        self.requests += 1
        self.timing.note(kind, answer)
        if answer.status >= 500 or not answer.codes <= NOT_IN_MODEL:
            raise WrongAnswer(f"{kind} {query} {variables} at {wire.port}: {answer}")
        return answer

    async def _sure(self, kind: str, query: str, variables: Mapping[str, object] | None = None) -> dict[str, Json]:
        """The data of a request that no change of the model can make invalid."""
        answer = await self._ask(kind, query, variables)
        if answer.codes:
            raise WrongAnswer(f"{kind} {query} {variables}: {answer}")
        return answer.data

    def _expect(self, seen: object, wanted: object, about: str) -> None:
        if seen != wanted:
            raise WrongAnswer(f"{self.name} {about}: {seen!r} instead of {wanted!r}")

    # -- the standard model, which answers as if nothing happened --------------------------------------------------

    def _fresh_person(self) -> dict[str, Json]:
        title = f"{self.name} title {next(self.serial)}"
        name: dict[str, Json] = {"firstName": self.name, "lastName": title}
        return {"city": self.name, "jobTitle": title, "companyId": self.company, "name": name}

    async def _create_person(self) -> str:
        data = self._fresh_person()
        made = await self._sure("create", CREATE_PERSON, {"data": data})
        self._expect(at(made, "createPerson", "company", "name"), f"Works of {self.name}", "company of a new person")
        own_id = str(at(made, "createPerson", "id"))
        self.memory.people[own_id] = str(data["jobTitle"])
        return own_id

    async def _create_some(self) -> None:
        if len(self.memory.people) > 40:
            await self._delete()
            return
        rows = [self._fresh_person() for _ in range(self.random.randint(1, 4))]
        made = await self._sure("create", CREATE_PEOPLE, {"data": rows})
        records = made["createPeople"]
        assert isinstance(records, list)
        self._expect(len(records), len(rows), "created people")
        for record, row in zip(records, rows, strict=True):
            self.memory.people[str(at(record, "id"))] = str(row["jobTitle"])

    async def _update(self) -> None:
        own_id = self.random.choice(list(self.memory.people))
        title = f"{self.name} title {next(self.serial)}"
        done = await self._sure("update", UPDATE_PERSON, {"id": own_id, "data": {"jobTitle": title}})
        self._expect(at(done, "updatePerson", "jobTitle"), title, "job title in the answer of its update")
        self.memory.people[own_id] = title

    async def _delete(self) -> None:
        others = [own_id for own_id in self.memory.people if own_id != self.person]
        if others:
            own_id = self.random.choice(others)
            done = await self._sure("delete", DELETE_PERSON, {"id": own_id})
            if at(done, "deletePerson", "deletedAt") is None:
                raise WrongAnswer(f"not deleted: {done}")
            del self.memory.people[own_id]

    async def _read_people(self) -> None:
        found = (await self._sure("read", PEOPLE, {"city": self.name}))["people"]
        seen = {str(at(each, "id")): at(each, "jobTitle") for each in nodes(found)}
        self._expect(seen, self.memory.people, "people")
        self._expect(at(found, "totalCount"), len(self.memory.people), "number of people")
        for each in nodes(found):
            self._expect(at(each, "city"), self.name, "city")
            self._expect(at(each, "name", "firstName"), self.name, "first name")
            self._expect(at(each, "company", "name"), f"Works of {self.name}", "company")

    async def _read_company(self) -> None:
        found = (await self._sure("read", COMPANY, {"id": self.company}))["company"]
        seen = {str(at(each, "id")): at(each, "jobTitle") for each in nodes(at(found, "people"))}
        self._expect(seen, self.memory.people, "people of the company")

    async def _read_by_rest(self) -> None:
        """Which shows all fields that there are."""
        path = f"/rest/people?limit=60&depth={self.random.randint(0, 1)}&filter=city%5Beq%5D%3A%22{self.name}%22"
        answer = await self.random.choice(self.wires).send("GET", path)
        self.requests += 1
        self.timing.note("rest", answer)
        people = answer.body.get("data")
        if answer.status != 200 or not isinstance(people, dict):
            raise WrongAnswer(f"{path}: {answer}")
        records = listed(people["people"])
        seen = {str(at(each, "id")): at(each, "jobTitle") for each in records}
        self._expect(seen, self.memory.people, "people by REST")
        for slot in SLOTS:
            name = slot.partition(".")[2]
            shown = f"{name}Id" if name == "rocket" else name
            is_there = isinstance(records[0], dict) and shown in records[0]
            if not any((tag is not None) == is_there for tag in self._possible(slot, answer)):
                raise WrongAnswer(f"REST: {slot} there: {is_there}, possible: {self._possible(slot, answer)}")

    async def _group(self) -> None:
        found = (await self._sure("group", GROUPS, {"city": self.name}))["peopleGroupBy"]
        assert isinstance(found, list)
        seen = {at(each, "groupByDimensionValues", 0): at(each, "totalCount") for each in found}
        self._expect(seen, dict.fromkeys(self.memory.people.values(), 1), "groups")

    async def _search(self) -> None:
        objects: list[str] | None = self.random.choice([["person"], None])
        found = await self._sure("search", SEARCH, {"word": self.name, "objects": objects})
        hits = nodes(found["search"])
        seen = {str(at(each, "recordId")) for each in hits if at(each, "objectNameSingular") == "person"}
        self._expect(seen, set(self.memory.people), "people found")

    async def _objects(self) -> None:
        answer = await self._ask("objects", OBJECTS)
        if answer.codes:
            raise WrongAnswer(f"objects: {answer}")
        shown = {at(each, "namePlural"): each for each in nodes(answer.data["objects"])}
        for slot in ("rockets", "ships", "opportunities", "person.nick", "person.alias", "person.linkedinLink"):
            owner, _, name = slot.partition(".")
            item = shown.get("people" if owner == "person" else owner)
            if item is not None and name:
                fields = at(item, "fieldsList")
                assert isinstance(fields, list)
                named = [each for each in fields if at(each, "name") == name]
                item = named[0] if named else None
            is_there = item is not None and at(item, "isActive") is True
            possible = self._possible(slot, answer)
            if not any((tag is not None) == is_there for tag in possible):
                raise WrongAnswer(f"objects: {slot} there: {is_there}, possible: {possible}")

    # -- fields that come and go -----------------------------------------------------------------------------------

    def _possible(self, slot: str, answer: Answer) -> frozenset[Tag | None]:
        return self.timeline.possible(slot, answer.asked, answer.answered)

    def _may_fail(self, answer: Answer, slots: Mapping[str, Tag | None]) -> bool:
        """Whether at some moment of the request the model was another than the worker thought."""
        return any(self._possible(slot, answer) != {tag} for slot, tag in slots.items())

    def _took(self, answer: Answer, slots: Mapping[str, Tag | None]) -> bool:
        """Whether the request was served; raises when it should have been and was not, or the other way round."""
        if answer.codes:
            self.refused += 1
            if None not in slots.values() and not self._may_fail(answer, slots):
                raise WrongAnswer(f"refused, though all is there: {slots} {answer}")
            return False
        gone = [slot for slot in slots if self._possible(slot, answer) == {None}]
        if gone:
            raise WrongAnswer(f"served, though {gone} are not there: {answer}")
        return True

    async def _read_slot(self) -> None:
        slot = self.random.choice(SLOTS)
        tag, name = self.timeline.now(slot), slot.partition(".")[2]
        kind = self.script.kinds[tag] if tag else "TEXT"
        selection = f"{name} {SELECTION.get(kind, '')}"
        query = f"query($id: UUID!) {{ person(filter: {{ id: {{ eq: $id }} }}) {{ id {selection} }} }}"
        answer = await self._ask("read", query, {"id": self.person})
        kinds = {self.script.kinds[each] for each in self._possible(slot, answer) if each}
        # A composite field has a shorthand, so it can be asked for as if it were the field that was there before.
        if self._took(answer, {slot: tag}) and kinds == {kind}:
            self._check(slot, plain(kind, at(answer.data, "person", name)), answer)

    def _check(self, slot: str, value: Json, answer: Answer) -> None:
        """The value must be the last one that was written to what the slot is, or was while the request ran."""
        wanted: list[Json] = []
        if self._possible(slot, answer) & self.memory.unsure:
            return
        for tag in self._possible(slot, answer):
            wanted += self.memory.values.get(tag, [None]) if tag else []
        if slot == "person.stage":
            self._check_option(value, wanted, answer)
        elif value not in wanted:
            raise WrongAnswer(f"{self.name} {slot}: {value!r} is none of {wanted!r}: {answer}")

    def _check_option(self, value: Json, wanted: list[Json], answer: Answer) -> None:
        """Options are remembered by their tags, because their values change."""
        if value is None:
            # Who had an option that is removed has none.
            if all(isinstance(tag, str) and self.timeline.is_filled_by(tag) for tag in wanted):
                raise WrongAnswer(f"{self.name} person.stage: None is none of {wanted!r}: {answer}")
            return
        tags = self._possible(f"person.stage={value}", answer)
        if not tags & set(map(str, wanted)):
            raise WrongAnswer(f"{self.name} person.stage: {value} ({tags}) is none of {wanted!r}: {answer}")

    async def _write_slot(self) -> None:
        slot = self.random.choice(SLOTS)
        tag, name = self.timeline.now(slot), slot.partition(".")[2]
        kind = self.script.kinds[tag] if tag else "TEXT"
        slots: dict[str, Tag | None] = {slot: tag}
        given: Json
        value: Json
        if kind == "RELATION":
            objects = {self.timeline.now("rockets"), self.timeline.now("ships")} - {None}
            targets = [own_id for each in objects for own_id in self.memory.records.get(str(each), ())]
            given = self.random.choice(targets) if targets else None
            value = given
            name = f"{name}Id"
        elif kind == "SELECT":
            options = self.timeline.filled("person.stage=")
            if not options:
                return
            option = self.random.choice(options)
            slots[option] = value = self.timeline.now(option)
            given = option.partition("=")[2]
        else:
            value, given = self._made(kind, tag)
        selection = name if kind == "RELATION" else f"{name} {SELECTION.get(kind, '')}"
        query = f"""mutation($id: UUID!, $data: PersonUpdateInput!) {{
            updatePerson(id: $id, data: $data) {{ {selection} }} }}"""
        answer = await self._ask("update", query, {"id": self.person, "data": {name: given}})
        if kind == "RELATION" and value is not None:
            # A record of an object that was deleted a moment ago is no record.
            slots |= {"rockets": self.timeline.now("rockets"), "ships": self.timeline.now("ships")}
            if answer.codes and self._may_fail(answer, slots):
                return
        if not self._took(answer, {each: slots[each] for each in slots if each not in ("rockets", "ships")}):
            return
        is_certain = not self._may_fail(answer, slots)
        for each in self._possible(slot, answer):
            if each is not None:
                known = self.memory.values.get(each, [None])
                self.memory.values[each] = [value] if is_certain else [*known, value]
                if is_certain:
                    self.memory.unsure.discard(each)
                elif self.script.kinds[each] != kind:
                    self.memory.unsure.add(each)  # a list is what a text in its place becomes
        if is_certain and kind not in ("SELECT", "RELATION"):
            self._expect(plain(kind, at(answer.data, "updatePerson", name)), value, f"{slot} in the answer")

    def _made(self, kind: str, tag: Tag | None) -> tuple[Json, Json]:
        """A value as it is read, and as it is given. It bears the name of the field that it is made for."""
        number = next(self.serial)
        text = f"{tag} of {self.name} {number}"
        match kind:
            case "NUMBER":
                value = int(str(tag).rpartition(" ")[2]) * 1_000_000 + number
                return value, value
            case "CURRENCY":
                return number * 1_000_000, {"amountMicros": number * 1_000_000, "currencyCode": "EUR"}
            case "ARRAY":
                return [text], [text]
            case "RAW_JSON":
                return {"text": text}, {"text": text}
            case "LINKS":
                link = f"https://{text.replace(' ', '-').lower()}.example.com"
                return link, {"primaryLinkUrl": link}
            case "DATE":
                day = f"{1900 + number // 300 % 200}-{number // 25 % 12 + 1:02}-{number % 25 + 1:02}"
                return day, day
        return text, text

    # -- objects that come and go ----------------------------------------------------------------------------------

    def _custom(self) -> tuple[str, str, Tag | None]:
        """The plural and the singular of the custom object, as they are or as they are not."""
        plural = next((each for each in ("rockets", "ships") if self.timeline.now(each)), "rockets")
        if self.random.random() < 0.05:
            plural = self.random.choice(["rockets", "ships"])
        return plural, plural[:-1], self.timeline.now(plural)

    async def _create_custom(self) -> None:
        plural, singular, tag = self._custom()
        type_name = singular.capitalize()
        name = f"{self.name} record {next(self.serial)}"
        data: dict[str, Json] = {"name": name}
        slots: dict[str, Tag | None] = {plural: tag}
        known: dict[str, Json] = {"code": name, "weight": 7, "makerId": self.company}
        for key, value in known.items():
            slot = f"{plural}.{key.removesuffix('Id')}"
            if self.timeline.now(slot):
                data[key], slots[slot] = value, self.timeline.now(slot)
        query = f"mutation($data: {type_name}CreateInput!) {{ made: create{type_name}(data: $data) {{ id name }} }}"
        if len(self.memory.records.get(tag or "", {})) > 20:
            return
        answer = await self._ask("create", query, {"data": data})
        if self._took(answer, slots):
            self._expect(at(answer.data, "made", "name"), name, "name of a new record")
            for each in self._possible(plural, answer):
                if each is not None:
                    self.memory.records.setdefault(each, {})[str(at(answer.data, "made", "id"))] = name
                    if self._may_fail(answer, slots):
                        self.memory.doubtful.setdefault(each, set()).add(name)

    async def _read_custom(self) -> None:
        plural, _, tag = self._custom()
        slots: dict[str, Tag | None] = {plural: tag}
        selection = "id name"
        for name in ("code", "weight", "maker"):
            slot = f"{plural}.{name}"
            if self.timeline.now(slot) and self.random.random() < 0.7:
                slots[slot] = self.timeline.now(slot)
                selection += " maker { id name }" if name == "maker" else f" {name}"
        own = "filter: { name: { startsWith: $own } }"
        query = f"""query($own: String!) {{
            {plural}({own}, first: 1000) {{ totalCount edges {{ node {{ {selection} }} }} }}
            {plural}GroupBy(groupBy: [{{ name: true }}], {own}) {{ totalCount }}
        }}"""
        answer = await self._ask("read", query, {"own": f"{self.name} record"})
        if not self._took(answer, slots):
            return
        records = nodes(at(answer.data, plural))
        self._same_records(plural, {str(at(each, "name")) for each in records}, answer)
        self._expect(at(answer.data, plural, "totalCount"), len(records), "number of custom records")
        self._expect(len(listed(at(answer.data, f"{plural}GroupBy"))), len(records), "groups of custom records")
        for each in records:
            assert isinstance(each, dict)
            if each.get("code") not in (None, each["name"]):
                raise WrongAnswer(f"code: {each}")
            if each.get("weight") not in (None, 0, 7):
                raise WrongAnswer(f"weight: {each}")
            if each.get("maker") not in (None, {"id": self.company, "name": f"Works of {self.name}"}):
                raise WrongAnswer(f"maker: {each}")

    async def _read_fleet(self) -> None:
        """The custom records by way of a relation of a standard object."""
        slots = {"companies.fleet": self.timeline.now("companies.fleet")}
        query = """query($id: UUID!) { company(filter: { id: { eq: $id } }) {
            name fleet(first: 1000) { totalCount edges { node { name } } } } }"""
        answer = await self._ask("read", query, {"id": self.company})
        if self._took(answer, slots):
            fleet = at(answer.data, "company", "fleet")
            names = {str(at(each, "name")) for each in nodes(fleet)}
            known = {str(name) for records in self.memory.records.values() for name in records.values()}
            if not names <= known or at(fleet, "totalCount") != len(names):
                raise WrongAnswer(f"fleet: {names - known}, {answer}")

    def _same_records(self, plural: str, seen: set[str], answer: Answer) -> None:
        tags = [tag for tag in self._possible(plural, answer) if tag is not None]
        for tag in tags:
            wanted = set(map(str, self.memory.records.get(tag, {}).values()))
            if seen <= wanted and wanted - seen <= self.memory.doubtful.get(tag, set()):
                return
        raise WrongAnswer(f"{self.name} {plural} ({tags}): {sorted(seen)}, {self.memory.records}")


class LimitedReader:
    """Reads with a role that hides a field of people, an object, and people without a job title."""

    def __init__(self, wires: Sequence[Wire]) -> None:
        self.wires = wires
        self.stopped = False

    async def run(self) -> None:
        for wire in itertools.cycle(self.wires):
            if self.stopped:
                return
            await self._check(wire, "{ people(first: 3) { totalCount edges { node { id jobTitle } } } }", frozenset())
            await self._check(wire, "{ people(first: 3) { edges { node { avatarUrl } } } }", FORBIDDEN)
            await self._check(wire, "{ notes(first: 3) { totalCount } }", FORBIDDEN)

    async def _check(self, wire: Wire, query: str, codes: frozenset[str]) -> None:
        answer = await wire.ask(query)
        if answer.status != 200 or answer.codes != codes:
            raise WrongAnswer(f"{query} by a limited role: {answer}")


CREATE_COMPANY = "mutation($data: CompanyCreateInput!) { createCompany(data: $data) { id } }"
SLOTS = ("person.nick", "person.alias", "person.stage", "person.linkedinLink", "person.rocket")
SELECTION: Mapping[str, str] = {
    "CURRENCY": "{ amountMicros currencyCode }",
    "LINKS": "{ primaryLinkUrl }",
    "RELATION": "{ id }",
    "LIST": "{ totalCount }",
    "RICH_TEXT_V2": "{ markdown }",
}


def listed(value: Json) -> list[Json]:
    assert isinstance(value, list)
    return value


def plain(kind: str, value: Json) -> Json:
    """A value as one thing, whatever its type; None for an empty one."""
    match kind:
        case "CURRENCY":
            micros = at(value, "amountMicros") if value is not None else None
            return int(str(micros)) if micros is not None else None
        case "LINKS":
            return (at(value, "primaryLinkUrl") or None) if value is not None else None
        case "RELATION":
            return at(value, "id") if value is not None else None
    return None if value in ("", []) else value
