"""The logo of a workspace: stored as the path of a file or as an address on the web, shown as an address."""

from collections.abc import Callable, Mapping
from typing import TypeAlias
from uuid import UUID

FileLink: TypeAlias = Callable[[UUID, str], str]  # of a workspace and a path


def as_stored(_workspace_id: UUID, path: str) -> str:
    return path


def shown_logo(link: FileLink, workspace: Mapping[str, object]) -> str | None:
    """What is shown of a row of the table, of which `id` and `logo` are there."""
    logo = workspace["logo"]
    return link(UUID(str(workspace["id"])), str(logo)) if logo else None
