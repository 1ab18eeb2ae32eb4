"""The demo's people, most of them at a company of the demo."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from random import Random

from rapport.demo.companies import COMPANIES, web_domain
from rapport.demo.members import IMPORT, MEMBERS, WEB_FORM
from rapport.demo.names import UNUSUAL, Name, pick_name
from rapport.demo.places import PLACES, Place
from rapport.demo.record import Calendar, Record, demo_id, filled, written
from rapport.metadata.fieldtypes.base import Json

PEOPLE = 240

JOB_TITLES = (
    "CEO", "Founder & CEO", "Chief Technology Officer", "CFO", "Head of Operations", "VP of Sales", "Buyer",
    "Procurement Manager", "IT Manager", "Software Engineer", "Data Analyst", "Office Manager", "Marketing Manager",
    "Product Owner", "Store Manager", "Legal Counsel", "Head of People", "Plant Manager", "Research Lead", "Intern",
    "Geschäftsführerin", "Directeur général adjoint", "Jefa de compras", "Diretora de operações", "Inköpschef",
    "Kierownik działu IT", "代表取締役",
)  # fmt: skip

_FIRST = Name(first="Harriet", last="Penhallow")


def people(random: Random, calendar: Calendar, companies: Sequence[Record]) -> Iterator[Record]:
    """All of them. The first is the newest, and complete; the unusual names are spread among the others."""
    unusual = list(UNUSUAL)
    names, mailboxes = {_FIRST}, {_FIRST.mailbox}
    for number in range(1, PEOPLE + 1):
        is_first = number == 1
        index = 0 if is_first else _company(random, number)
        place = random.choice(PLACES) if index is None else COMPANIES[index][1]
        if is_first:
            name = _FIRST
        elif number % 24 == 0:
            name = unusual.pop(0)
        else:
            name = _new_name(random, place, names)
        names.add(name)
        mailbox = name.mailbox
        while mailbox in mailboxes and not is_first:
            mailbox = f"{name.mailbox}{len(mailboxes)}"
        mailboxes.add(mailbox)
        yield _person(random, calendar, number, name, mailbox, place, None if index is None else companies[index])


def _company(random: Random, number: int) -> int | None:
    """The index of a person's company. Sizes differ much: the first few have many people, the last few nobody."""
    if number <= 40:
        return (number - 1) % 8
    if random.random() < 0.14:
        return None
    return int((len(COMPANIES) - 4) * random.random() ** 1.4)


def _new_name(random: Random, place: Place, taken: set[Name]) -> Name:
    while (name := pick_name(random, place.culture)) in taken:
        pass
    return name


def _person(
    random: Random, calendar: Calendar, number: int, name: Name, mailbox: str, place: Place, company: Record | None
) -> Record:
    is_first = number == 1
    created = _created(random, calendar, number, company)
    data: dict[str, Json] = {
        "id": str(demo_id("person", number)),
        "name": {"firstName": name.first, "lastName": name.last},
        "position": number,
        "createdAt": written(created),
        "updatedAt": written(calendar.after(created, 120)),
    }
    if is_first or random.random() < 0.94:
        data["emails"] = _emails(random, mailbox, company, is_private=is_first)
    if place.phone and (is_first or random.random() < 0.75):
        data["phones"] = _phones(random, place, place.phone)
    if is_first or random.random() < 0.92:
        data["city"] = place.city if random.random() < 0.85 else random.choice(PLACES).city
    if is_first:
        data |= {"city": place.city, "jobTitle": "Head of Operations"}
    elif random.random() < 0.88:
        data["jobTitle"] = random.choice(JOB_TITLES)
    if random.random() < 0.5:
        data["linkedinLink"] = {"primaryLinkUrl": f"https://social.example.com/in/{mailbox.replace('.', '-')}"}
    if random.random() < 0.15:
        data["xLink"] = {"primaryLinkUrl": f"https://x.example.com/{mailbox.replace('.', '_')}"}
    if company is not None:
        data["companyId"] = company.id
    author = random.choice([*(member.author for member in MEMBERS), IMPORT, IMPORT, IMPORT, WEB_FORM])
    return Record(object="person", author=author, data=data)


def _created(random: Random, calendar: Calendar, number: int, company: Record | None) -> datetime:
    """After the company; whatever the day, some have come in the last weeks, and the first came last."""
    if number == 1:
        return calendar.moment(-1)
    if number % 12 == 0:
        return calendar.moment(-random.randrange(2, 28))
    return calendar.after(company.created_at if company else calendar.moment(-700), 690)


def _emails(random: Random, mailbox: str, company: Record | None, *, is_private: bool) -> Json:
    private = f"{mailbox}@{random.choice(('example.com', 'example.com', 'example.org', 'example.net'))}"
    if is_private:
        return {"primaryEmail": f"{mailbox}@example.com"}
    if company is None or random.random() < 0.12:
        return {"primaryEmail": private}
    work = f"{mailbox}@{web_domain(str(company.data['name']))}"
    further: list[Json] = [private] if random.random() < 0.15 else []
    return {"primaryEmail": work, "additionalEmails": further} if further else {"primaryEmail": work}


def _phones(random: Random, place: Place, pattern: str) -> Json:
    phones: dict[str, Json] = {
        "primaryPhoneNumber": filled(random, pattern).replace(" ", ""),
        "primaryPhoneCountryCode": place.region,
    }
    if random.random() < 0.1:
        phones["additionalPhones"] = [
            {"number": filled(random, pattern).replace(" ", ""), "countryCode": place.region, "callingCode": ""}
        ]
    return phones
