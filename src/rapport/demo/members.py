"""The five people who work in the demo workspace, and the other authors of its records."""

from dataclasses import dataclass
from uuid import UUID

from rapport.demo.record import Author, demo_id

EMAIL = "ada@example.com"
# Known to everybody: the demo is for one's own machine. Whoever offers it to others changes the passwords.
PASSWORD = "rapport-demo"  # noqa: S105


@dataclass(frozen=True, kw_only=True)
class Member:
    id: UUID
    email: str
    first_name: str
    last_name: str
    locale: str

    @property
    def author(self) -> Author:
        return Author(name=f"{self.first_name} {self.last_name}", member_id=self.id)


def _member(number: int, email: str, first_name: str, last_name: str, locale: str) -> Member:
    member_id = demo_id("workspaceMember", number)
    return Member(id=member_id, email=email, first_name=first_name, last_name=last_name, locale=locale)


MEMBERS = (
    _member(1, EMAIL, "Ada", "Lindqvist", "en"),
    _member(2, "mateo@example.com", "Mateo", "Villaseñor", "es-ES"),
    _member(3, "chiamaka@example.com", "Chiamaka", "Nwachukwu", "en"),
    _member(4, "soren@example.com", "Søren", "Bøgh", "da-DK"),
    _member(5, "yuki@example.com", "Yuki", "Tanabe", "ja-JP"),
)

IMPORT = Author(name=MEMBERS[0].author.name, source="IMPORT", member_id=MEMBERS[0].id)
WEB_FORM = Author(name="Web form", source="API")
SYSTEM = Author(name="System", source="SYSTEM")
