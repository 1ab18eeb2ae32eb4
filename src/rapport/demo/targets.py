"""What the demo's notes, tasks and activities are about: a company with one of its people and one of its deals."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from rapport.demo.record import Author, Record, demo_id, written


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The person or the deal is missing where the company has none."""

    company: Record
    person: Record | None
    deal: Record | None

    def fill(self, text: str) -> str:
        """The text with the names in place."""
        return text.format(company=self.company.data["name"], person=self._person_name(), deal=self._deal_name())

    def targets(self, random: Random) -> list[Record]:
        """One to three of the records: often the company alone, sometimes all."""
        found = [each for each in (self.person, self.deal) if each is not None and random.random() < 0.6]
        return [self.company, *found] if random.random() < 0.7 or not found else found

    def _person_name(self) -> str:
        if self.person is None:
            return "the contact"
        name = self.person.data["name"]
        assert isinstance(name, dict)
        return f"{name['firstName']} {name['lastName']}".strip()

    def _deal_name(self) -> str:
        return "the deal" if self.deal is None else str(self.deal.data["name"])


class Subjects:
    """Chooses subjects, companies with much going on more often."""

    def __init__(
        self, random: Random, companies: Sequence[Record], people: Sequence[Record], deals: Sequence[Record]
    ) -> None:
        self._random = random
        self._companies = companies
        self._people = _by_company(people)
        self._deals = _by_company(deals)

    def pick(self) -> Subject:
        company = self._companies[int(len(self._companies) * self._random.random() ** 1.5)]
        people, deals = self._people.get(company.id), self._deals.get(company.id)
        return Subject(
            company=company,
            person=self._random.choice(people) if people else None,
            deal=self._random.choice(deals) if deals else None,
        )


def target_records(
    link: str, source: Record, targets: Sequence[Record], *, first_number: int, author: Author, moment: datetime
) -> Iterator[Record]:
    """The noteTarget or taskTarget records between a note or task and what it is about."""
    for number, target in enumerate(targets, first_number):
        column = f"target{target.object[0].upper()}{target.object[1:]}Id"
        data = {
            "id": str(demo_id(link, number)),
            "createdAt": written(moment),
            "updatedAt": written(moment),
            f"{source.object}Id": source.id,
            column: target.id,
        }
        yield Record(object=link, author=author, data=data)


def _by_company(records: Sequence[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for record in records:
        found.setdefault(str(record.data.get("companyId")), []).append(record)
    return found
