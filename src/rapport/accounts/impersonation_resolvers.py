"""The system operation that begins an impersonation."""

from collections.abc import Mapping
from uuid import UUID

from rapport.access.request import RequestContext, Resolver
from rapport.accounts.impersonation import Impersonation
from rapport.accounts.showing import shown_token, shown_urls_and_id
from rapport.base.errors import PermissionDenied
from rapport.system.area import Area, read_sdl
from rapport.workspaces.domains import Domains


def area(impersonation: Impersonation, domains: Domains) -> Area:
    return Area(sdl=read_sdl("rapport.accounts", "impersonation.graphql"), resolvers=resolvers(impersonation, domains))


def resolvers(impersonation: Impersonation, domains: Domains) -> Mapping[str, Resolver]:
    """The operations of `impersonation.graphql` by name."""

    async def impersonate(context: RequestContext, arguments: Mapping[str, object]) -> object:
        if context.principal is None:
            raise PermissionDenied
        begun = await impersonation.begin(
            context.principal,
            user_id=UUID(str(arguments["userId"])),
            workspace_id=UUID(str(arguments["workspaceId"])),
            address=context.address,
        )
        return {
            "loginToken": shown_token(begun.login_token),
            "workspace": shown_urls_and_id(begun.workspace_id, domains.urls(begun.workspace)),
        }

    return {"impersonate": impersonate}
