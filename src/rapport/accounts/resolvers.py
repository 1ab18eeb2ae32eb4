"""The system operations about signing in."""

from collections.abc import Mapping

from rapport.access.request import RequestContext, Resolver
from rapport.accounts.service import AccountService, Membership, TokenPair
from rapport.accounts.tokens import Token
from rapport.base.spellings import one_spelling, part, text
from rapport.system.area import Area, read_sdl


def area(accounts: AccountService, *, server_url: str) -> Area:
    return Area(sdl=read_sdl("rapport.accounts"), resolvers=resolvers(accounts, server_url=server_url))


def resolvers(accounts: AccountService, *, server_url: str) -> Mapping[str, Resolver]:
    """The operations of `schema.graphql` by name."""

    async def sign_in(_context: RequestContext, arguments: Mapping[str, object]) -> object:
        form = part(arguments, "input")
        email = one_spelling({"email": text(arguments, "email"), "input.email": text(form, "email")})
        password = one_spelling({"password": text(arguments, "password"), "input.password": text(form, "password")})
        signed_in = await accounts.sign_in(email, password, enter_only_workspace=bool(form))
        user = signed_in.user
        return {
            "availableWorkspaces": {
                "availableWorkspacesForSignIn": [_workspace(item, server_url) for item in signed_in.memberships],
                "availableWorkspacesForSignUp": [],
            },
            "tokens": _pair(signed_in.tokens),
            "user": {
                "id": user.id,
                "email": user.email,
                "firstName": user.first_name,
                "lastName": user.last_name,
            },
        }

    async def renew(context: RequestContext, arguments: Mapping[str, object]) -> object:
        given = {
            "appToken": text(arguments, "appToken"),
            "input.refreshToken": text(part(arguments, "input"), "refreshToken"),
        }
        if not any(value is not None for value in given.values()):
            given["Authorization"] = context.token
        return {"tokens": _pair(await accounts.renew(one_spelling(given)))}

    return {"signIn": sign_in, "renewToken": renew, "refreshToken": renew}


def _pair(tokens: TokenPair) -> Mapping[str, object]:
    access = _token(tokens.access)
    return {"accessOrWorkspaceAgnosticToken": access, "accessToken": access, "refreshToken": _token(tokens.refresh)}


def _token(token: Token) -> Mapping[str, object]:
    return {"token": token.token, "expiresAt": token.expires_at}


def _workspace(membership: Membership, server_url: str) -> Mapping[str, object]:
    return {
        "id": membership.workspace_id,
        "displayName": membership.display_name,
        "sso": [],
        "workspaceUrls": {"subdomainUrl": server_url},
    }
