"""The system operations about signing up and in.

``captchaToken`` is taken and not looked at, since there is no captcha to choose yet. When there is, its check stands
here, before the services, in every operation whose SDL has the argument.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from rapport.access.oneself import require_oneself
from rapport.access.request import RequestContext, Resolver
from rapport.accounts import users
from rapport.accounts.available import Availability, AvailableWorkspaces
from rapport.accounts.entering import Entering
from rapport.accounts.letters import Letters
from rapport.accounts.memberships import Membership
from rapport.accounts.resets import PasswordResets
from rapport.accounts.service import AccountService
from rapport.accounts.sessions import TokenPair
from rapport.accounts.showing import shown_pair, shown_token, shown_urls_and_id
from rapport.accounts.signing_up import Form, SigningUp, Target
from rapport.accounts.tokens import TransientClaims
from rapport.accounts.users import User
from rapport.accounts.verification import Verification
from rapport.base.errors import Forbidden, InvalidValue, MissingToken, Unauthenticated
from rapport.base.ids import new_id
from rapport.base.spellings import one_spelling, part, text
from rapport.invitations.proofs import Proofs
from rapport.mail.outbox import Outbox
from rapport.store.queries import load
from rapport.system.area import Area, read_sdl
from rapport.workspaces.domains import Domains
from rapport.workspaces.logos import FileLink, as_stored

_SQL = load("rapport.accounts", "sql")
_LOCALE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")

Arguments: TypeAlias = Mapping[str, object]
# The `User` of the SDL with those fields that are asked for; of the area of users.
ShowUser: TypeAlias = Callable[[RequestContext, UUID], Awaitable[object]]


def area(
    accounts: AccountService,
    *,
    domains: Domains,
    outbox: Outbox,
    entering: Entering,
    proofs: Proofs,
    link: FileLink = as_stored,
    show_user: ShowUser | None = None,
) -> Area:
    """``link``: under which address a file is found."""
    letters = Letters(outbox, domains)
    verification = Verification(accounts, domains, letters)
    operations = _Operations(
        accounts,
        domains=domains,
        entering=entering,
        verification=verification,
        signing_up=SigningUp(accounts, domains, verification),
        resets=PasswordResets(accounts, domains, letters),
        availability=Availability(accounts.signer, domains, proofs, link),
        show_user=show_user,
    )
    return Area(sdl=read_sdl("rapport.accounts"), resolvers=operations.resolvers)


class _Operations:
    """One method an operation: arguments in, the SDL's shapes out."""

    def __init__(
        self,
        accounts: AccountService,
        *,
        domains: Domains,
        entering: Entering,
        verification: Verification,
        signing_up: SigningUp,
        resets: PasswordResets,
        availability: Availability,
        show_user: ShowUser | None,
    ) -> None:
        self._accounts = accounts
        self._domains = domains
        self._entering = entering
        self._verification = verification
        self._signing_up = signing_up
        self._resets = resets
        self._show_user = show_user
        self._availability = availability

    @property
    def resolvers(self) -> Mapping[str, Resolver]:
        """By the names of `schema.graphql`."""
        return {
            "checkUserExists": self.check_user_exists,
            "validatePasswordResetToken": self.validate_password_reset_token,
            "createOneAppToken": self.create_one_app_token,
            "emailPasswordResetLink": self.email_password_reset_link,
            "generateTransientToken": self.generate_transient_token,
            "getAuthTokensFromLoginToken": self.get_auth_tokens_from_login_token,
            "getLoginTokenFromCredentials": self.get_login_token_from_credentials,
            "refreshToken": self.renew_token,
            "renewToken": self.renew_token,
            "resendEmailVerificationToken": self.resend_email_verification_token,
            "signIn": self.sign_in,
            "signUp": self.sign_up,
            "signUpInNewWorkspace": self.sign_up_in_new_workspace,
            "signUpInWorkspace": self.sign_up_in_workspace,
            "updatePasswordViaResetToken": self.update_password_via_reset_token,
            "updateUserEmail": self.update_user_email,
            "verifyEmailAndGetLoginToken": self.verify_email_and_get_login_token,
            "verifyEmailAndGetWorkspaceAgnosticToken": self.verify_email_and_get_workspace_agnostic_token,
        }

    # -- signing up ---------------------------------------------------------------------------------------------

    async def check_user_exists(self, _context: RequestContext, arguments: Arguments) -> object:
        email = str(arguments["email"])
        user = await users.find_by_email(self._accounts.db, email)
        return {
            "exists": user is not None,
            "availableWorkspacesCount": await self._availability.count(self._accounts.db, email, user),
            "isEmailVerified": user is not None and user.is_email_verified,
        }

    async def sign_up(self, context: RequestContext, arguments: Arguments) -> object:
        user, tokens = await self._signing_up.sign_up(_form(context, arguments))
        return await self._signed_in(context, user, tokens)

    async def sign_up_in_workspace(self, context: RequestContext, arguments: Arguments) -> object:
        form = part(arguments, "input")
        workspace_id = _either(arguments, form, "workspaceId")
        target = Target(
            workspace_id=UUID(workspace_id) if workspace_id else None,
            invite_hash=_either(arguments, form, "workspaceInviteHash") or None,
            invite_token=_either(arguments, form, "workspacePersonalInviteToken") or None,
        )
        return self._signed_up(*await self._signing_up.sign_up_in_workspace(_form(context, arguments), target))

    async def sign_up_in_new_workspace(self, context: RequestContext, arguments: Arguments) -> object:
        form, principal = part(arguments, "input"), context.principal
        name = text(form, "displayName")
        if principal is None and text(form, "email") is not None:
            filled_in = _form(context, arguments)
            made = await self._signing_up.sign_up_with_new_workspace(filled_in, display_name=name)
            return self._signed_up(*made)
        if principal is None:
            raise MissingToken if context.token is None else Unauthenticated
        if principal.user_id is None or principal.impersonator_user_workspace_id is not None:
            raise Forbidden
        made = await self._signing_up.sign_up_in_new_workspace(
            principal.user_id, display_name=name, locale=_locale(text(form, "locale")), address=context.address
        )
        return self._signed_up(*made)

    # -- signing in ---------------------------------------------------------------------------------------------

    async def sign_in(self, context: RequestContext, arguments: Arguments) -> object:
        email, password = _credentials(arguments)
        signed_in = await self._accounts.sign_in(
            email, password, enter_only_workspace=bool(part(arguments, "input")), address=context.address
        )
        return await self._signed_in(context, signed_in.user, signed_in.tokens)

    async def get_login_token_from_credentials(self, context: RequestContext, arguments: Arguments) -> object:
        token = await self._entering.login_token_from_credentials(
            str(arguments["email"]), str(arguments["password"]), _origin(context, arguments), address=context.address
        )
        return {"loginToken": shown_token(token)}

    async def get_auth_tokens_from_login_token(self, context: RequestContext, arguments: Arguments) -> object:
        tokens = await self._entering.tokens_from_login_token(
            str(arguments["loginToken"]), _origin(context, arguments), address=context.address
        )
        return {"tokens": shown_pair(tokens)}

    async def renew_token(self, context: RequestContext, arguments: Arguments) -> object:
        given = {
            "appToken": text(arguments, "appToken"),
            "input.refreshToken": text(part(arguments, "input"), "refreshToken"),
        }
        if not any(value is not None for value in given.values()):
            given["Authorization"] = context.token
        tokens = await self._accounts.sessions.renew(one_spelling(given), address=context.address)
        return {"tokens": shown_pair(tokens)}

    # -- the address --------------------------------------------------------------------------------------------

    async def verify_email_and_get_login_token(self, context: RequestContext, arguments: Arguments) -> object:
        user, membership = await self._verification.verify_and_enter(
            str(arguments["email"]),
            str(arguments["emailVerificationToken"]),
            _origin(context, arguments),
            address=context.address,
        )
        return {
            "loginToken": shown_token(self._entering.login_token(user, membership.workspace_id)),
            "workspaceUrls": self._domains.urls(membership.workspace),
        }

    async def verify_email_and_get_workspace_agnostic_token(
        self, context: RequestContext, arguments: Arguments
    ) -> object:
        user, tokens = await self._verification.verify_and_sign_in(
            str(arguments["email"]), str(arguments["emailVerificationToken"]), address=context.address
        )
        return await self._signed_in(context, user, tokens)

    async def resend_email_verification_token(self, context: RequestContext, arguments: Arguments) -> object:
        await self._verification.resend(str(arguments["email"]), _origin(context, arguments), address=context.address)
        return {"success": True}

    async def update_user_email(self, context: RequestContext, arguments: Arguments) -> object:
        assert context.principal is not None
        await self._verification.change_email(
            context.principal,
            str(arguments["newEmail"]),
            next_path=text(arguments, "verifyEmailRedirectPath"),
            address=context.address,
        )
        return True

    # -- the password -------------------------------------------------------------------------------------------

    async def email_password_reset_link(self, context: RequestContext, arguments: Arguments) -> object:
        workspace_id = text(arguments, "workspaceId")
        await self._resets.mail_link(
            str(arguments["email"]),
            workspace_id=UUID(workspace_id) if workspace_id else None,
            origin=context.origin,
            address=context.address,
        )
        return {"success": True}

    async def validate_password_reset_token(self, _context: RequestContext, arguments: Arguments) -> object:
        user = await self._resets.find(_reset_token(arguments))
        return {"id": user.id, "email": user.email, "hasPassword": user.password_hash is not None}

    async def update_password_via_reset_token(self, context: RequestContext, arguments: Arguments) -> object:
        token = _reset_token(arguments)
        await self._resets.set_password(token, str(arguments["newPassword"]), address=context.address)
        return {"success": True}

    # -- other tokens -------------------------------------------------------------------------------------------

    async def generate_transient_token(self, context: RequestContext, _arguments: Arguments) -> object:
        principal = context.principal
        if principal is None or not (principal.user_id and principal.workspace_id and principal.workspace_member_id):
            raise Forbidden
        require_oneself(principal)  # the token does not say who impersonates
        claims = TransientClaims(
            user_id=principal.user_id,
            workspace_id=principal.workspace_id,
            workspace_member_id=principal.workspace_member_id,
        )
        return {"transientToken": shown_token(self._accounts.signer.sign(claims))}

    async def create_one_app_token(self, context: RequestContext, arguments: Arguments) -> object:
        """A row of one's own that opens nothing: no token is signed that names it, and it is revoked already."""
        principal = context.principal
        if principal is None or principal.user_id is None:
            raise Forbidden
        expires_at = part(part(arguments, "input"), "appToken").get("expiresAt")
        now = datetime.now(UTC)
        if not isinstance(expires_at, datetime) or not now < expires_at < now + timedelta(days=366):
            raise InvalidValue("The token must expire within a year from now.")
        await self._accounts.guard.makes_token(principal.user_id)
        row = await self._accounts.db.row(
            _SQL["add_bare_token"], new_id(), principal.user_id, principal.workspace_id, expires_at
        )
        assert row is not None
        return dict(row)

    async def _signed_in(self, context: RequestContext, user: User, tokens: TokenPair) -> object:
        available = AvailableWorkspaces(for_sign_in=(), for_sign_up=())
        if "availableWorkspaces" in context.fields:
            available = await self._availability.of(self._accounts.db, user)
        shown_user: object = None
        if "user" in context.fields:
            shown_user = await self._show_user(context, user.id) if self._show_user else _shown_user(user)
        return {"availableWorkspaces": available.shown, "tokens": shown_pair(tokens), "user": shown_user}

    def _signed_up(self, user: User, membership: Membership) -> object:
        return {
            "loginToken": shown_token(self._entering.login_token(user, membership.workspace_id)),
            "workspace": shown_urls_and_id(membership.workspace_id, self._domains.urls(membership.workspace)),
        }


def _shown_user(user: User) -> Mapping[str, object]:
    return {"id": user.id, "email": user.email, "firstName": user.first_name, "lastName": user.last_name}


def _form(context: RequestContext, arguments: Arguments) -> Form:
    email, password = _credentials(arguments)
    form = part(arguments, "input")
    return Form(
        email=email,
        password=password,
        locale=_locale(_either(arguments, form, "locale")),
        next_path=_either(arguments, form, "verifyEmailRedirectPath"),
        address=context.address,
    )


def _credentials(arguments: Arguments) -> tuple[str, str]:
    form = part(arguments, "input")
    email = one_spelling({"email": text(arguments, "email"), "input.email": text(form, "email")})
    password = one_spelling({"password": text(arguments, "password"), "input.password": text(form, "password")})
    return email, password


def _either(arguments: Arguments, form: Arguments, name: str) -> str | None:
    """An optional argument that may stand beside `input` or in it."""
    flat, inside = text(arguments, name), text(form, name)
    if flat is None and inside is None:
        return None
    return one_spelling({name: flat, f"input.{name}": inside})


def _origin(context: RequestContext, arguments: Arguments) -> str:
    """By what the workspace is found. Seed 002 leaves the argument out: then by the page that asks, or by our host."""
    return text(arguments, "origin") or context.origin or context.host or ""


def _reset_token(arguments: Arguments) -> str:
    names = ("passwordResetToken", "token")
    return one_spelling({name: text(arguments, name) for name in names})


def _locale(wanted: str | None) -> str:
    """What nobody could have chosen is English."""
    return wanted if wanted is not None and _LOCALE.fullmatch(wanted) else "en"
