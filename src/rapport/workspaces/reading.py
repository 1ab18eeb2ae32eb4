"""The `Workspace` of the SDL as one caller sees it."""

from collections.abc import Mapping
from dataclasses import replace

from rapport.access.principal import Principal
from rapport.access.request import Fields
from rapport.store.database import Database
from rapport.store.queries import load
from rapport.system.reading import Row, Tables
from rapport.workspaces.errors import NoWorkspaceFound
from rapport.workspaces.logos import FileLink, shown_logo

_SQL = load("rapport.workspaces")


class WorkspaceReader:
    """Reads what is asked for of the workspace that the caller is in."""

    def __init__(self, db: Database, tables: Tables) -> None:
        self._db = db
        self._tables = tables

    async def current(self, principal: Principal, fields: Fields) -> Row:
        """Raises NoWorkspaceFound."""
        row = await self._tables.read_one("Workspace", fields, seen_as(principal), where={"id": principal.workspace_id})
        if row is None:
            raise NoWorkspaceFound
        await self.complete(row, principal, fields)
        return row

    async def complete(self, row: Row, principal: Principal, fields: Fields) -> None:
        """Adds what only some may see of the caller's workspace."""
        if "inviteHash" in fields and principal.may("WORKSPACE_MEMBERS"):
            row["inviteHash"] = str(await self._db.value(_SQL["invite_hash"], principal.workspace_id))


def seen_as(principal: Principal) -> Principal:
    """The principal as reads of the system's tables take them.

    Whoever acts in somebody's name sees this workspace, and not what else the user belongs to.
    """
    return principal if principal.impersonator_user_workspace_id is None else replace(principal, user_id=None)


def public_data(
    workspace: Mapping[str, object], urls: Mapping[str, str | None], providers: frozenset[str], link: FileLink
) -> object:
    """`PublicWorkspaceDataOutput` of a row of the table. ``providers``: those that the server has."""
    return {
        "id": workspace["id"],
        "displayName": workspace["displayName"],
        "logo": shown_logo(link, workspace),
        "workspaceUrls": urls,
        "authProviders": {
            "magicLink": False,
            "sso": [],  # the place of the workspace's identity providers
            **_switches(workspace, "Auth", providers),
        },
        "authBypassProviders": _switches(workspace, "AuthBypass", providers),
    }


def _switches(workspace: Mapping[str, object], kind: str, providers: frozenset[str]) -> Mapping[str, bool]:
    return {
        provider.lower(): provider in providers and workspace[f"is{provider}{kind}Enabled"] is True
        for provider in ("Google", "Microsoft", "Password")
    }
