"""The JWTs of users (system-api.md §2): HS256, each kind and workspace with a key of its own."""

import base64
import binascii
import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Literal, NamedTuple, TypeAlias, TypeGuard
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from rapport.accounts.errors import WrongTokenKind
from rapport.base.errors import TokenExpired, Unauthenticated

Kind: TypeAlias = Literal["ACCESS", "REFRESH", "WORKSPACE_AGNOSTIC", "LOGIN"]


@dataclass(frozen=True, kw_only=True)
class AccessClaims:
    """A member of a workspace, or somebody who acts as that member."""

    kind: ClassVar[Kind] = "ACCESS"
    user_id: UUID
    workspace_id: UUID
    user_workspace_id: UUID
    workspace_member_id: UUID | None = None
    auth_provider: str = "password"
    impersonator_user_workspace_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class AgnosticClaims:
    """A user who has not entered a workspace."""

    kind: ClassVar[Kind] = "WORKSPACE_AGNOSTIC"
    user_id: UUID
    auth_provider: str = "password"


@dataclass(frozen=True, kw_only=True)
class RefreshClaims:
    """The right to a new pair of tokens, once. ``id`` names its row in core."appToken"."""

    kind: ClassVar[Kind] = "REFRESH"
    id: UUID
    user_id: UUID
    workspace_id: UUID | None = None
    auth_provider: str = "password"
    impersonator_user_workspace_id: UUID | None = None
    impersonated_user_workspace_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class LoginClaims:
    """Somebody who has proven who they are, and may enter one workspace. The address is in lower case."""

    kind: ClassVar[Kind] = "LOGIN"
    email: str
    workspace_id: UUID
    auth_provider: str = "password"
    impersonator_user_workspace_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class TransientClaims:
    """A member on the way to another site and back. Of the same kind as LoginClaims in the contract, yet no login."""

    kind: ClassVar[Kind] = "LOGIN"
    user_id: UUID
    workspace_id: UUID
    workspace_member_id: UUID


Claims: TypeAlias = AccessClaims | AgnosticClaims | RefreshClaims | LoginClaims | TransientClaims


@dataclass(frozen=True, kw_only=True)
class Token:
    """A signed token and the end of its life."""

    token: str
    expires_at: datetime


class ReadToken(NamedTuple):
    """What a token says. Moments are in seconds since the epoch."""

    claims: Claims
    expires_at: float
    issued_at: float


@dataclass(frozen=True, kw_only=True)
class Lifetimes:
    """How long the tokens of each kind are good for."""

    access: timedelta = timedelta(minutes=30)
    agnostic: timedelta = timedelta(minutes=30)
    refresh: timedelta = timedelta(days=60)
    impersonating_refresh: timedelta = timedelta(days=1)
    login: timedelta = timedelta(minutes=15)
    transient: timedelta = timedelta(minutes=5)

    def of(self, claims: Claims) -> timedelta:
        """The lifetime of a token that says these claims."""
        if isinstance(claims, AccessClaims):
            return self.access
        if isinstance(claims, AgnosticClaims):
            return self.agnostic
        if isinstance(claims, LoginClaims):
            return self.login
        if isinstance(claims, TransientClaims):
            return self.transient
        if claims.impersonator_user_workspace_id is not None:
            return min(self.refresh, self.impersonating_refresh)
        return self.refresh


class TokenSigner:
    """Signs claims and reads them back."""

    def __init__(
        self,
        app_secret: str,
        *,
        lifetimes: Lifetimes | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._app_secret = app_secret
        self._lifetimes = lifetimes or Lifetimes()
        self.now = now

    def sign(self, claims: Claims) -> Token:
        """A token that says these claims from now until its kind's lifetime has passed."""
        issued_at = self.now()
        expires_at = issued_at + self._lifetimes.of(claims)
        body = _written(claims) | {
            "type": claims.kind,
            "iat": math.floor(issued_at.timestamp()),
            "issuedAtMs": _milliseconds(issued_at),  # ours: ends a user's sessions to the millisecond
            "exp": math.floor(expires_at.timestamp()),
        }
        token = jwt.encode({"alg": "HS256", "typ": "JWT"}, body, self._key(claims.kind, _owner(claims)))
        return Token(token=token, expires_at=expires_at)

    def read(self, token: str) -> ReadToken:
        """What a token says.

        Raises Unauthenticated (malformed, badly signed), TokenExpired, WrongTokenKind (a kind that is not a user's).
        """
        body = _unverified(token)
        claims = _read(body)
        try:
            jwt.decode(token, self._key(claims.kind, _owner(claims)), algorithms=["HS256"])
        except (JoseError, ValueError, TypeError):
            raise Unauthenticated from None
        end, start = body.get("exp"), body.get("iat")
        if not _is_number(end) or not _is_number(start):
            raise Unauthenticated
        if not end > self.now().timestamp():
            raise TokenExpired
        milliseconds = body.get("issuedAtMs")
        issued_at = milliseconds / 1000 if _is_number(milliseconds) else float(start)
        return ReadToken(claims=claims, expires_at=float(end), issued_at=issued_at)

    def _key(self, kind: Kind, owner: UUID) -> OctKey:
        return OctKey.import_key(hashlib.sha256(f"{self._app_secret}{owner}{kind}".encode()).hexdigest())


def _owner(claims: Claims) -> UUID:
    """The workspace or user in whose name the key is derived."""
    if isinstance(claims, AgnosticClaims):
        return claims.user_id
    if isinstance(claims, RefreshClaims):
        return claims.user_id if claims.workspace_id is None else claims.workspace_id
    return claims.workspace_id


def _written(claims: Claims) -> dict[str, object]:
    if isinstance(claims, LoginClaims):
        body: dict[str, object] = {"sub": claims.email, "authProvider": claims.auth_provider}
    elif isinstance(claims, TransientClaims):
        body = {"sub": str(claims.workspace_member_id), "userId": str(claims.user_id)}
    else:
        body = {"sub": str(claims.user_id), "userId": str(claims.user_id), "authProvider": claims.auth_provider}
    if isinstance(claims, AgnosticClaims):
        return body
    if claims.workspace_id is not None:
        body["workspaceId"] = str(claims.workspace_id)
    if isinstance(claims, TransientClaims):
        return body | {"workspaceMemberId": str(claims.workspace_member_id)}
    impersonator = claims.impersonator_user_workspace_id
    if impersonator is not None:
        body["impersonatorUserWorkspaceId"] = str(impersonator)
    if isinstance(claims, LoginClaims):
        return body
    body["isImpersonating"] = impersonator is not None
    if isinstance(claims, RefreshClaims):
        target: Kind = "WORKSPACE_AGNOSTIC" if claims.workspace_id is None else "ACCESS"
        body |= {"jti": str(claims.id), "targetedTokenType": target}
        if claims.impersonated_user_workspace_id is not None:
            body["impersonatedUserWorkspaceId"] = str(claims.impersonated_user_workspace_id)
        return body
    body["userWorkspaceId"] = str(claims.user_workspace_id)
    if impersonator is not None:
        body["impersonatedUserWorkspaceId"] = str(claims.user_workspace_id)
    if claims.workspace_member_id is not None:
        body["workspaceMemberId"] = str(claims.workspace_member_id)
    return body


def _read(body: Mapping[str, object]) -> Claims:
    """Claims as yet unproven: they choose the key that then proves them."""
    kind = body.get("type")
    if not isinstance(kind, str):
        raise Unauthenticated
    if kind == "LOGIN":
        return _read_login(body)
    if kind not in ("ACCESS", "REFRESH", "WORKSPACE_AGNOSTIC"):
        raise WrongTokenKind
    user_id, provider = _uuid(body, "userId"), _text(body, "authProvider")
    if kind == "WORKSPACE_AGNOSTIC":
        return AgnosticClaims(user_id=user_id, auth_provider=provider)
    impersonator = _optional_uuid(body, "impersonatorUserWorkspaceId")
    if kind == "REFRESH":
        return RefreshClaims(
            id=_uuid(body, "jti"),
            user_id=user_id,
            workspace_id=_optional_uuid(body, "workspaceId"),
            auth_provider=provider,
            impersonator_user_workspace_id=impersonator,
            impersonated_user_workspace_id=_optional_uuid(body, "impersonatedUserWorkspaceId"),
        )
    return AccessClaims(
        user_id=user_id,
        workspace_id=_uuid(body, "workspaceId"),
        user_workspace_id=_uuid(body, "userWorkspaceId"),
        workspace_member_id=_optional_uuid(body, "workspaceMemberId"),
        auth_provider=provider,
        impersonator_user_workspace_id=impersonator,
    )


def _read_login(body: Mapping[str, object]) -> Claims:
    workspace_id = _uuid(body, "workspaceId")
    if body.get("workspaceMemberId") is not None:
        return TransientClaims(
            user_id=_uuid(body, "userId"),
            workspace_id=workspace_id,
            workspace_member_id=_uuid(body, "workspaceMemberId"),
        )
    return LoginClaims(
        email=_text(body, "sub"),
        workspace_id=workspace_id,
        auth_provider=_text(body, "authProvider"),
        impersonator_user_workspace_id=_optional_uuid(body, "impersonatorUserWorkspaceId"),
    )


def _optional_uuid(body: Mapping[str, object], name: str) -> UUID | None:
    return None if body.get(name) is None else _uuid(body, name)


def _text(body: Mapping[str, object], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise Unauthenticated
    return value


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _milliseconds(moment: datetime) -> int:
    return math.floor(moment.timestamp() * 1000)


def _uuid(body: Mapping[str, object], name: str) -> UUID:
    value = body.get(name)
    try:
        if isinstance(value, str) and len(value) == 36:
            return UUID(value)
    except ValueError:
        pass
    raise Unauthenticated


def _unverified(token: str) -> Mapping[str, object]:
    parts = token.split(".")
    if len(parts) != 3 or not token.isascii():
        raise Unauthenticated
    try:
        body = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise Unauthenticated from None
    if not isinstance(body, dict):
        raise Unauthenticated
    return body
