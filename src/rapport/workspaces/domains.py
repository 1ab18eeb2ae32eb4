"""Where workspaces are found on the web: at a subdomain of the server's address, or at a domain of their own."""

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

import asyncpg

from rapport.store.database import Connection, Database
from rapport.store.queries import load

_SQL = load("rapport.workspaces")
_LONGEST_ORIGIN = 2_000
_LOCAL_SUFFIX = "localhost"  # browsers lead all names under it to the machine itself


class Domains:
    """Tells which workspace an address means, and under which addresses a workspace is found.

    Where the server's address is an IP address there are no subdomains: one chooses a workspace after signing in.
    """

    def __init__(self, *, server_url: str, multiworkspace: bool = True) -> None:
        self.server_url = server_url.rstrip("/")
        self.multiworkspace = multiworkspace
        self._server = urlsplit(self.server_url)
        self._host = self._server.hostname or ""
        self._has_subdomains = multiworkspace and not _is_ip_address(self._host)

    async def workspace_of_origin(self, connection: Connection | Database, origin: str | None) -> asyncpg.Record | None:
        """The workspace at an address such as `https://acme.crm.example.com`: all columns of its row.

        An address that names no workspace means the only one there is. None for an unknown subdomain, and where there
        are several to choose from.
        """
        if self.multiworkspace:
            host = _host(origin)
            subdomain = self._subdomain(host)
            if subdomain is not None:
                return await connection.row(_SQL["workspace_of_subdomain"], subdomain)
            if host and host != self._host:
                found = await connection.row(_SQL["workspace_of_custom_domain"], host)
                if found is not None:
                    return found
        rows = await connection.rows(_SQL["first_workspaces"])
        return rows[0] if len(rows) == 1 or (rows and not self.multiworkspace) else None

    async def admits(self, connection: Connection | Database, origin: str | None, workspace_id: UUID) -> bool:
        """Whether one may enter the workspace from an address: it is that workspace's, or no particular one's."""
        found = await self.workspace_of_origin(connection, origin)
        if found is not None:
            return bool(found["id"] == workspace_id)
        return not self.multiworkspace or self._subdomain(_host(origin)) is None

    def urls(self, workspace: Mapping[str, object]) -> Mapping[str, str | None]:
        """`{"subdomainUrl": "https://acme.crm.example.com", "customUrl": None}` of a row of `core.workspace`."""
        subdomain, custom = workspace["subdomain"], workspace["customDomain"]
        is_reached = bool(custom) and workspace["isCustomDomainEnabled"] is True
        return {
            "subdomainUrl": self._under(str(subdomain)) if subdomain and self._has_subdomains else self.server_url,
            "customUrl": f"https://{custom}" if is_reached else None,
        }

    def url(self, workspace: Mapping[str, object]) -> str:
        """The address to put into links: the workspace's own domain if it has one."""
        found = self.urls(workspace)
        return found["customUrl"] or found["subdomainUrl"] or self.server_url

    def is_ours(self, domain: str) -> bool:
        """Whether a domain is the server's own, or under it."""
        return domain == self._host or domain.endswith((f".{self._host}", f".{_LOCAL_SUFFIX}"))

    def _under(self, subdomain: str) -> str:
        netloc = f"{subdomain}.{self._host}" + (f":{self._server.port}" if self._server.port else "")
        return self._server._replace(netloc=netloc).geturl()

    def _subdomain(self, host: str) -> str | None:
        """The part of a host before the server's name, if there is one."""
        parent = self._host if self._has_subdomains else _LOCAL_SUFFIX
        return host.removesuffix(f".{parent}") if parent and host.endswith(f".{parent}") else None


def _host(origin: str | None) -> str:
    """`https://Acme.example.com:8443/x` → `acme.example.com`; empty for what is no address."""
    if not origin or len(origin) > _LONGEST_ORIGIN or not origin.isprintable():
        return ""
    try:
        parts: SplitResult = urlsplit(origin if "//" in origin else f"//{origin}")
        return (parts.hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_ip_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
