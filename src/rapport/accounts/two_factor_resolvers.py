"""The system operations about second factors."""

from collections.abc import Mapping
from uuid import UUID

from rapport.access.oneself import require_oneself
from rapport.access.request import RequestContext, Resolver
from rapport.accounts.showing import shown_pair
from rapport.accounts.two_factor import TwoFactor
from rapport.accounts.two_factor_entering import TwoFactorEntering
from rapport.base.errors import PermissionDenied
from rapport.system.area import Area, read_sdl


def area(two_factor: TwoFactor, entering: TwoFactorEntering) -> Area:
    return Area(sdl=read_sdl("rapport.accounts", "two_factor.graphql"), resolvers=resolvers(two_factor, entering))


def resolvers(two_factor: TwoFactor, entering: TwoFactorEntering) -> Mapping[str, Resolver]:
    """The operations of `two_factor.graphql` by name."""

    async def tokens_from_otp(context: RequestContext, arguments: Mapping[str, object]) -> object:
        found = await entering.tokens_from_code(
            str(arguments["loginToken"]),
            str(arguments["origin"]),
            str(arguments["otp"]),
            address=context.address,
        )
        return {"tokens": shown_pair(found)}

    async def provision(_context: RequestContext, arguments: Mapping[str, object]) -> object:
        return {"uri": await entering.provision(str(arguments["loginToken"]), str(arguments["origin"]))}

    async def provision_signed_in(context: RequestContext, _arguments: Mapping[str, object]) -> object:
        return {"uri": await two_factor.provision(_membership(context))}

    async def verify_signed_in(context: RequestContext, arguments: Mapping[str, object]) -> object:
        await two_factor.verify(_membership(context), str(arguments["otp"]), address=context.address)
        return {"success": True}

    async def delete(context: RequestContext, arguments: Mapping[str, object]) -> object:
        method_id = UUID(str(arguments["twoFactorAuthenticationMethodId"]))
        await two_factor.remove(_membership(context), method_id, address=context.address)
        return {"success": True}

    return {
        "getAuthTokensFromOTP": tokens_from_otp,
        "initiateOTPProvisioning": provision,
        "initiateOTPProvisioningForAuthenticatedUser": provision_signed_in,
        "verifyTwoFactorAuthenticationMethodForAuthenticatedUser": verify_signed_in,
        "deleteTwoFactorAuthenticationMethod": delete,
    }


def _membership(context: RequestContext) -> UUID:
    """The caller's, who acts in their own name."""
    principal = context.principal
    if principal is None or principal.user_workspace_id is None:
        raise PermissionDenied
    require_oneself(principal)
    return principal.user_workspace_id
