"""The steps that a new member still has to take. Each that is pending is a variable of the user."""

from typing import Literal, TypeAlias
from uuid import UUID

from rapport.store.database import Connection, Database
from rapport.store.queries import load

_SQL = load("rapport.users")

Step: TypeAlias = Literal["CREATE_PROFILE", "CONNECT_ACCOUNT", "INVITE_TEAM", "BOOK_ONBOARDING"]


async def finish(connection: Connection | Database, *, user_id: UUID, workspace_id: UUID, step: Step) -> None:
    """Takes a step off the list."""
    await connection.execute(_SQL["finish_step"], user_id, workspace_id, f"ONBOARDING_{step}_PENDING")
