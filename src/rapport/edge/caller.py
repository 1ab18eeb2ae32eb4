"""Who sent a request: the token and what it stands for, and where the request came from."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias
from urllib.parse import parse_qs

from starlette.types import Scope

from rapport.access.principal import Principal
from rapport.accounts.authenticator import Authenticator
from rapport.base.errors import MissingToken, RapportError
from rapport.base.networks import Networks
from rapport.edge.addresses import check_address, forwarded_address
from rapport.edge.bearer import bearer
from rapport.store.rotation import on_behalf_of

LookUp: TypeAlias = Callable[[str, str | None], Awaitable[Principal]]  # of a token that came from an address


@dataclass(slots=True, kw_only=True)  # nobody changes one; frozen ones take longer to make, and each request makes one
class Caller:
    """``token`` is the bearer as sent; ``failure`` says why it names nobody."""

    principal: Principal | None = None
    token: str | None = None
    failure: RapportError | None = None
    address: str | None = None  # of the caller
    origin: str | None = None  # of the page that asks
    host: str | None = None  # that was asked


class Callers:
    """Finds out who calls. Proxies that are trusted speak for others."""

    def __init__(self, authenticator: Authenticator, proxies: Networks, look_up: LookUp) -> None:
        """``look_up`` is how a token is checked that is not remembered."""
        self._authenticator = authenticator
        self._look_up = look_up
        self._proxies = proxies

    async def of(self, scope: Scope, headers: Mapping[bytes, bytes]) -> Caller:
        """The caller of a request, whoever it is: a token that is no good is a caller with a ``failure``."""
        token, address = _token(scope, headers), self._address(scope)
        principal, failure = None, None
        if token is not None:
            try:
                principal = await self._principal(token, address)
            except RapportError as error:
                failure = error
        return Caller(
            principal=principal,
            token=token,
            failure=failure,
            address=address,
            origin=_latin(headers.get(b"origin")),
            host=_latin(headers.get(b"host")),
        )

    def unchecked(self, scope: Scope, headers: Mapping[bytes, bytes]) -> Caller:
        """The caller as far as the request says: nobody has looked at the token yet."""
        return Caller(
            token=_token(scope, headers),
            address=self._address(scope),
            origin=_latin(headers.get(b"origin")),
            host=_latin(headers.get(b"host")),
        )

    async def checked(self, caller: Caller) -> Caller:
        """Who the token stands for at this moment. The same object when nothing has changed."""
        try:
            return await self.again(caller)
        except RapportError as error:
            return replace(caller, principal=None, failure=error)

    async def again(self, caller: Caller) -> Caller:
        """As ``checked``; raises what is wrong with the token, or why nobody knows."""
        if caller.token is None:
            raise MissingToken
        owner = on_behalf_of.get()
        try:
            principal = await self._principal(caller.token, caller.address)
        finally:
            on_behalf_of.set(owner)  # what the task does goes on for whom it did it before
        if principal is caller.principal or principal == caller.principal:
            return caller
        return replace(caller, principal=principal, failure=None)

    async def _principal(self, token: str, address: str | None) -> Principal:
        principal = self._authenticator.cached(token) or await self._look_up(token, address)
        if principal.allowed_ips is not None:
            check_address(principal, address)
        return principal

    def _address(self, scope: Scope) -> str | None:
        client = scope.get("client")
        address: str | None = client[0] if client else None
        return forwarded_address(address, scope["headers"], self._proxies) if self._proxies else address


def _token(scope: Scope, headers: Mapping[bytes, bytes]) -> str | None:
    token = bearer(headers.get(b"authorization"))
    if token is None and b"token=" in scope["query_string"]:
        token = parse_qs(scope["query_string"].decode("latin-1")).get("token", [None])[0]
    return token


def _latin(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")
