"""The demo workspace in the database: made once, found again at every later start."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from uuid import UUID

from rapport.access.principal import Principal
from rapport.accounts.errors import UserAlreadyExists
from rapport.accounts.service import AccountService
from rapport.base.errors import ConfigurationError
from rapport.demo.data import demo_records
from rapport.demo.key import ensure_key
from rapport.demo.members import EMAIL, MEMBERS, PASSWORD
from rapport.demo.record import Author, Record
from rapport.events.readers import Log, begin_at_present
from rapport.metadata.catalog import Catalog
from rapport.metadata.store import load_catalog
from rapport.records.create import create_records
from rapport.roles.assigning import admin_role
from rapport.store.database import Connection, Database
from rapport.store.queries import load
from rapport.timeline.reader import TIMELINE
from rapport.workspaces.create import create_workspace
from rapport.workspaces.errors import SubdomainTaken
from rapport.workspaces.members import add_member

NAME = "Rapport Demo"
SUBDOMAIN = "demo"

_SQL = load("rapport.demo")


@dataclass(frozen=True, kw_only=True)
class Demo:
    """What a newcomer needs to look around."""

    workspace_id: UUID
    schema: str
    email: str
    password: str = field(repr=False)
    api_key: str = field(repr=False)


async def ensure_demo(
    database: Database, accounts: AccountService, *, data_dir: Path, today: date | None = None
) -> Demo:
    """The demo workspace, which is made if it is not there, wholly or not at all.

    ``today`` is the day around which its dates lie, by default the present one. Raises ConfigurationError when
    something else in the database bears the demo's names.
    """
    found = await _find(database)
    if found is None:
        found = await _make(database, accounts, today or datetime.now(UTC).date())
    workspace_id, schema = found
    key = await ensure_key(database, workspace_id=workspace_id, data_dir=data_dir)
    return Demo(workspace_id=workspace_id, schema=schema, email=EMAIL, password=PASSWORD, api_key=key)


async def _find(database: Database) -> tuple[UUID, str] | None:
    row = await database.row(_SQL["find_demo"], SUBDOMAIN, EMAIL)
    return None if row is None else (row["id"], row["schema"])


async def _make(database: Database, accounts: AccountService, today: date) -> tuple[UUID, str]:
    try:
        async with database.transaction() as connection:
            workspace_id, schema = await create_workspace(connection, name=NAME, subdomain=SUBDOMAIN)
            users = await _add_members(connection, accounts, workspace_id, schema)
            await _fill(connection, await load_catalog(connection, workspace_id), users, today)
            # Its timeline is made with it. Events tell of the day on which the demo was made.
            await begin_at_present(connection, Log(workspace_id=workspace_id, schema=schema), TIMELINE)
            return workspace_id, schema
    except SubdomainTaken:
        found = await _find(database)  # another process made it at the same moment
        if found is None:
            raise ConfigurationError(
                f'The demo cannot be made: there is another workspace with the subdomain "{SUBDOMAIN}".'
            ) from None
        return found
    except UserAlreadyExists:
        addresses = ", ".join(member.email for member in MEMBERS)
        raise ConfigurationError(
            f"The demo cannot be made: there is already a user with one of the addresses {addresses}."
        ) from None


async def _add_members(
    connection: Connection, accounts: AccountService, workspace_id: UUID, schema: str
) -> Mapping[UUID, UUID]:
    """The users by the id of their member."""
    users: dict[UUID, UUID] = {}
    admin = await admin_role(connection, workspace_id)
    for member in MEMBERS:
        user_id = await accounts.create_user(
            connection,
            email=member.email,
            password=PASSWORD,
            first_name=member.first_name,
            last_name=member.last_name,
        )
        users[member.id] = user_id
        await add_member(
            connection,
            workspace_id=workspace_id,
            schema=schema,
            user_id=user_id,
            email=member.email,
            first_name=member.first_name,
            last_name=member.last_name,
            locale=member.locale,
            member_id=member.id,
            role_id=admin if member.email == EMAIL else None,
        )
    return users


async def _fill(connection: Connection, catalog: Catalog, users: Mapping[UUID, UUID], today: date) -> None:
    object_ids = {name: item.id for name, item in catalog.by_name.items()}
    for object_name, author, records in _batches(demo_records(today, object_ids)):
        principal = Principal(
            workspace_id=catalog.workspace_id,
            schema=catalog.schema,
            user_id=users[author.member_id] if author.member_id else None,
            workspace_member_id=author.member_id,
            name=author.name,
            source=author.source,
        )
        await create_records(connection, catalog, object_name, [dict(record.data) for record in records], principal)


def _batches(records: Iterable[Record]) -> Iterator[tuple[str, Author, list[Record]]]:
    """Records of one object by one author. Objects come in the order of their first records."""
    by_object: dict[str, list[Record]] = {}
    for record in records:
        by_object.setdefault(record.object, []).append(record)
    for object_name, items in by_object.items():
        ordered = sorted(items, key=_author_key)
        for _, batch in groupby(ordered, key=_author_key):
            same = list(batch)
            yield object_name, same[0].author, same


def _author_key(record: Record) -> tuple[str, str]:
    return record.author.name, record.author.source
