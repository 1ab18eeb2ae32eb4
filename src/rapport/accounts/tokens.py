"""The JWTs of users (system-api.md §2): HS256, each kind and workspace with a key of its own."""

import base64
import binascii
import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Literal, TypeAlias
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from rapport.accounts.errors import WrongTokenKind
from rapport.base.errors import TokenExpired, Unauthenticated

Kind: TypeAlias = Literal["ACCESS", "REFRESH", "WORKSPACE_AGNOSTIC"]


@dataclass(frozen=True, kw_only=True)
class AccessClaims:
    """A member of a workspace."""

    kind: ClassVar[Kind] = "ACCESS"
    user_id: UUID
    workspace_id: UUID
    user_workspace_id: UUID
    workspace_member_id: UUID | None = None
    auth_provider: str = "password"


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


Claims: TypeAlias = AccessClaims | AgnosticClaims | RefreshClaims


@dataclass(frozen=True, kw_only=True)
class Token:
    """A signed token and the end of its life."""

    token: str
    expires_at: datetime


class TokenSigner:
    """Signs claims and reads them back."""

    def __init__(
        self,
        app_secret: str,
        *,
        access_expires_in: timedelta = timedelta(minutes=30),
        refresh_expires_in: timedelta = timedelta(days=60),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._app_secret = app_secret
        self._lifetime: Mapping[Kind, timedelta] = {
            "ACCESS": access_expires_in,
            "WORKSPACE_AGNOSTIC": access_expires_in,
            "REFRESH": refresh_expires_in,
        }
        self._now = now

    def sign(self, claims: Claims) -> Token:
        """A token that says these claims from now until its kind's lifetime has passed."""
        issued_at = self._now()
        expires_at = issued_at + self._lifetime[claims.kind]
        body = _written(claims) | {
            "type": claims.kind,
            "iat": math.floor(issued_at.timestamp()),
            "exp": math.floor(expires_at.timestamp()),
        }
        token = jwt.encode({"alg": "HS256", "typ": "JWT"}, body, self._key(claims.kind, _owner(claims)))
        return Token(token=token, expires_at=expires_at)

    def read(self, token: str) -> tuple[Claims, float]:
        """The claims of a token and its end in seconds since the epoch.

        Raises Unauthenticated (malformed, badly signed), TokenExpired, WrongTokenKind (a kind that is not a user's).
        """
        body = _unverified(token)
        claims = _read(body)
        try:
            jwt.decode(token, self._key(claims.kind, _owner(claims)), algorithms=["HS256"])
        except (JoseError, ValueError, TypeError):
            raise Unauthenticated from None
        end = body.get("exp")
        if isinstance(end, bool) or not isinstance(end, int | float):
            raise Unauthenticated
        if not end > self._now().timestamp():
            raise TokenExpired
        return claims, float(end)

    def _key(self, kind: Kind, owner: UUID) -> OctKey:
        return OctKey.import_key(hashlib.sha256(f"{self._app_secret}{owner}{kind}".encode()).hexdigest())


def _owner(claims: Claims) -> UUID:
    """The workspace or user in whose name the key is derived."""
    if isinstance(claims, AgnosticClaims) or claims.workspace_id is None:
        return claims.user_id
    return claims.workspace_id


def _written(claims: Claims) -> dict[str, object]:
    body: dict[str, object] = {
        "sub": str(claims.user_id),
        "userId": str(claims.user_id),
        "authProvider": claims.auth_provider,
    }
    if isinstance(claims, AgnosticClaims):
        return body
    if claims.workspace_id is not None:
        body["workspaceId"] = str(claims.workspace_id)
    if isinstance(claims, RefreshClaims):
        target: Kind = "WORKSPACE_AGNOSTIC" if claims.workspace_id is None else "ACCESS"
        return body | {"jti": str(claims.id), "targetedTokenType": target}
    body |= {"userWorkspaceId": str(claims.user_workspace_id), "isImpersonating": False}
    if claims.workspace_member_id is not None:
        body["workspaceMemberId"] = str(claims.workspace_member_id)
    return body


def _read(body: Mapping[str, object]) -> Claims:
    """Claims as yet unproven: they choose the key that then proves them."""
    kind, provider = body.get("type"), body.get("authProvider")
    if not isinstance(kind, str):
        raise Unauthenticated
    if kind not in ("ACCESS", "REFRESH", "WORKSPACE_AGNOSTIC"):
        raise WrongTokenKind
    user_id = _uuid(body, "userId")
    if not isinstance(provider, str):
        raise Unauthenticated
    if kind == "WORKSPACE_AGNOSTIC":
        return AgnosticClaims(user_id=user_id, auth_provider=provider)
    if kind == "REFRESH":
        workspace_id = _uuid(body, "workspaceId") if body.get("workspaceId") is not None else None
        return RefreshClaims(id=_uuid(body, "jti"), user_id=user_id, workspace_id=workspace_id, auth_provider=provider)
    member_id = _uuid(body, "workspaceMemberId") if body.get("workspaceMemberId") is not None else None
    return AccessClaims(
        user_id=user_id,
        workspace_id=_uuid(body, "workspaceId"),
        user_workspace_id=_uuid(body, "userWorkspaceId"),
        workspace_member_id=member_id,
        auth_provider=provider,
    )


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
