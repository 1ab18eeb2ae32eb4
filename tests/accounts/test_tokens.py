"""The JWTs of users."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.accounts.errors import WrongTokenKind
from rapport.accounts.tokens import (
    AccessClaims,
    AgnosticClaims,
    Claims,
    LoginClaims,
    RefreshClaims,
    TokenSigner,
    TransientClaims,
)
from rapport.base.errors import TokenExpired, Unauthenticated
from rapport.base.ids import new_id

SECRET = "a secret for tests only"
USER, WORKSPACE, OTHER_WORKSPACE = new_id(), new_id(), new_id()
ACCESS = AccessClaims(user_id=USER, workspace_id=WORKSPACE, user_workspace_id=new_id(), workspace_member_id=new_id())


def signed(body: Mapping[str, object], owner: UUID, kind: str, header: Mapping[str, object] | None = None) -> str:
    """A token made by hand, after the description in the contract."""
    key = hashlib.sha256(f"{SECRET}{owner}{kind}".encode()).hexdigest()
    head, content = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in (header or {"alg": "HS256", "typ": "JWT"}, body)
    )
    mac = hmac.new(key.encode(), head + b"." + content, hashlib.sha256).digest()
    return (head + b"." + content + b"." + base64.urlsafe_b64encode(mac).rstrip(b"=")).decode()


def body_of(token: str) -> dict[str, object]:
    part = token.split(".")[1]
    body: dict[str, object] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return body


@pytest.mark.parametrize(
    "claims",
    [
        ACCESS,
        AccessClaims(user_id=USER, workspace_id=WORKSPACE, user_workspace_id=new_id(), auth_provider="google"),
        AgnosticClaims(user_id=USER),
        RefreshClaims(id=new_id(), user_id=USER),
        RefreshClaims(id=new_id(), user_id=USER, workspace_id=WORKSPACE),
        AccessClaims(
            user_id=USER,
            workspace_id=WORKSPACE,
            user_workspace_id=new_id(),
            auth_provider="impersonation",
            impersonator_user_workspace_id=new_id(),
        ),
        RefreshClaims(
            id=new_id(),
            user_id=USER,
            workspace_id=WORKSPACE,
            auth_provider="impersonation",
            impersonator_user_workspace_id=new_id(),
            impersonated_user_workspace_id=new_id(),
        ),
        LoginClaims(email="inès@example.com", workspace_id=WORKSPACE, auth_provider="google"),
        LoginClaims(email="a@example.com", workspace_id=WORKSPACE, impersonator_user_workspace_id=new_id()),
        TransientClaims(user_id=USER, workspace_id=WORKSPACE, workspace_member_id=new_id()),
    ],
)
def test_claims_are_read_back_as_they_were_signed(claims: Claims) -> None:
    signer = TokenSigner(SECRET)
    token = signer.sign(claims)

    read = signer.read(token.token)
    assert (read.claims, read.expires_at) == (claims, float(int(token.expires_at.timestamp())))
    assert timedelta() <= datetime.now(UTC) - datetime.fromtimestamp(read.issued_at, UTC) < timedelta(seconds=5)


def test_an_access_token_has_the_claims_of_the_contract() -> None:
    start = datetime(2026, 5, 1, 12, tzinfo=UTC)
    token = TokenSigner(SECRET, now=lambda: start).sign(ACCESS)

    assert token.expires_at == start + timedelta(minutes=30)
    assert body_of(token.token) == {
        "type": "ACCESS",
        "sub": str(USER),
        "userId": str(USER),
        "workspaceId": str(WORKSPACE),
        "userWorkspaceId": str(ACCESS.user_workspace_id),
        "workspaceMemberId": str(ACCESS.workspace_member_id),
        "authProvider": "password",
        "isImpersonating": False,
        "iat": int(start.timestamp()),
        "issuedAtMs": int(start.timestamp()) * 1000,
        "exp": int(start.timestamp()) + 1800,
    }


def test_the_other_kinds_have_the_claims_and_lifetimes_of_the_contract() -> None:
    start = datetime(2026, 5, 1, 12, tzinfo=UTC)
    impersonator, member = new_id(), new_id()
    times = {"iat": int(start.timestamp()), "issuedAtMs": int(start.timestamp()) * 1000}
    signer = TokenSigner(SECRET, now=lambda: start)

    def said(claims: Claims) -> tuple[timedelta, dict[str, object]]:
        token = signer.sign(claims)
        body = body_of(token.token)
        end = body.pop("exp")
        assert isinstance(end, int)
        return timedelta(seconds=end - int(start.timestamp())), body

    login = LoginClaims(email="a@example.com", workspace_id=WORKSPACE, impersonator_user_workspace_id=impersonator)
    assert said(login) == (
        timedelta(minutes=15),
        {
            "type": "LOGIN",
            "sub": "a@example.com",
            "workspaceId": str(WORKSPACE),
            "authProvider": "password",
            "impersonatorUserWorkspaceId": str(impersonator),
            **times,
        },
    )
    assert said(TransientClaims(user_id=USER, workspace_id=WORKSPACE, workspace_member_id=member)) == (
        timedelta(minutes=5),
        {
            "type": "LOGIN",
            "sub": str(member),
            "userId": str(USER),
            "workspaceId": str(WORKSPACE),
            "workspaceMemberId": str(member),
            **times,
        },
    )
    access = AccessClaims(
        user_id=USER,
        workspace_id=WORKSPACE,
        user_workspace_id=member,
        auth_provider="impersonation",
        impersonator_user_workspace_id=impersonator,
    )
    lifetime, body = said(access)
    assert lifetime == timedelta(minutes=30)
    assert {name: body[name] for name in body if "mperson" in name} == {
        "isImpersonating": True,
        "impersonatorUserWorkspaceId": str(impersonator),
        "impersonatedUserWorkspaceId": str(member),
    }
    refresh = RefreshClaims(
        id=new_id(),
        user_id=USER,
        workspace_id=WORKSPACE,
        impersonator_user_workspace_id=impersonator,
        impersonated_user_workspace_id=member,
    )
    assert said(refresh)[0] == timedelta(days=1)
    assert said(RefreshClaims(id=new_id(), user_id=USER))[0] == timedelta(days=60)
    assert said(AgnosticClaims(user_id=USER))[0] == timedelta(minutes=30)


def test_a_transient_token_is_never_read_as_a_login() -> None:
    signer = TokenSigner(SECRET)
    transient = TransientClaims(user_id=USER, workspace_id=WORKSPACE, workspace_member_id=new_id())
    body = body_of(signer.sign(transient).token)

    assert isinstance(signer.read(signed(body, WORKSPACE, "LOGIN")).claims, TransientClaims)
    with pytest.raises(Unauthenticated):  # without the provider that a login names
        signer.read(signed({**body, "workspaceMemberId": None}, WORKSPACE, "LOGIN"))


@pytest.mark.parametrize(("workspace_id", "target"), [(None, "WORKSPACE_AGNOSTIC"), (WORKSPACE, "ACCESS")])
def test_a_refresh_token_says_what_it_is_good_for(workspace_id: UUID | None, target: str) -> None:
    claims = RefreshClaims(id=new_id(), user_id=USER, workspace_id=workspace_id)
    body = body_of(TokenSigner(SECRET).sign(claims).token)

    assert (body["targetedTokenType"], body["jti"], body.get("workspaceId")) == (
        target,
        str(claims.id),
        workspace_id and str(workspace_id),
    )


def test_a_token_made_after_the_contract_is_accepted() -> None:
    signer = TokenSigner(SECRET)
    body = body_of(signer.sign(ACCESS).token)

    assert signer.read(signed(body, WORKSPACE, "ACCESS"))[0] == ACCESS


def test_an_expired_token_is_told_from_a_bad_one() -> None:
    old = TokenSigner(SECRET, now=lambda: datetime.now(UTC) - timedelta(minutes=31)).sign(ACCESS)

    with pytest.raises(TokenExpired, match=r"^Token has expired\.$"):
        TokenSigner(SECRET).read(old.token)


def test_the_key_of_another_workspace_or_kind_opens_nothing() -> None:
    signer = TokenSigner(SECRET)
    body = body_of(signer.sign(ACCESS).token)

    for owner, kind in ((OTHER_WORKSPACE, "ACCESS"), (USER, "ACCESS"), (WORKSPACE, "REFRESH")):
        with pytest.raises(Unauthenticated):
            signer.read(signed(body, owner, kind))
    with pytest.raises(Unauthenticated):
        signer.read(signed(body | {"workspaceId": str(OTHER_WORKSPACE)}, WORKSPACE, "ACCESS"))
    with pytest.raises(Unauthenticated):
        TokenSigner("another secret, of another server").read(signer.sign(ACCESS).token)


@pytest.mark.parametrize("algorithm", ["none", "None", "HS512", "RS256", "", 5, None])
def test_only_hs256_is_a_signature(algorithm: object) -> None:
    body = body_of(TokenSigner(SECRET).sign(ACCESS).token)
    token = signed(body, WORKSPACE, "ACCESS", {"alg": algorithm, "typ": "JWT"})

    for forged in (token, token.rsplit(".", 1)[0] + "."):
        with pytest.raises(Unauthenticated):
            TokenSigner(SECRET).read(forged)


@pytest.mark.parametrize("kind", ["API_KEY", "FILE", "anything"])
def test_other_kinds_are_refused_as_such(kind: str) -> None:
    body = body_of(TokenSigner(SECRET).sign(ACCESS).token) | {"type": kind}

    with pytest.raises(WrongTokenKind):
        TokenSigner(SECRET).read(signed(body, WORKSPACE, kind))


@pytest.mark.parametrize(
    "change",
    [
        {"exp": None},
        {"exp": True},
        {"exp": "4102444800"},
        {"exp": float("nan")},
        {"iat": None},
        {"iat": "soon"},
        {"impersonatorUserWorkspaceId": 7},
        {"userId": 7},
        {"userId": "no-uuid"},
        {"workspaceId": None},
        {"userWorkspaceId": ["x"]},
        {"authProvider": None},
        {"type": None},
        {"type": {"ACCESS": 1}},
    ],
)
def test_claims_of_the_wrong_shape_are_refused_even_when_signed(change: dict[str, object]) -> None:
    body = body_of(TokenSigner(SECRET).sign(ACCESS).token) | change

    with pytest.raises(Unauthenticated):
        TokenSigner(SECRET).read(signed(body, WORKSPACE, "ACCESS"))


def _deep() -> str:
    return base64.urlsafe_b64encode(b"[" * 5000).decode()


@given(
    st.one_of(
        st.text(max_size=80),
        st.from_regex(r"[A-Za-z0-9_=-]{0,30}\.[A-Za-z0-9_=-]{0,30}\.[A-Za-z0-9_=-]{0,30}", fullmatch=True),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(max_size=8),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        ).map(lambda body: "e30." + base64.urlsafe_b64encode(json.dumps(body).encode()).decode() + ".x"),
        st.just(f"a.{_deep()}.b"),
    )
)
def test_no_text_is_anything_worse_than_a_bad_token(text: str) -> None:
    with pytest.raises((Unauthenticated, WrongTokenKind)):
        TokenSigner(SECRET).read(text)


@given(st.integers(min_value=0), st.characters(codec="ascii"))
def test_a_token_with_one_other_character_is_bad(position: int, character: str) -> None:
    signer = TokenSigner(SECRET)
    token = signer.sign(ACCESS).token
    at = position % (len(token) - 1)  # the last character has bits that mean nothing
    changed = token[:at] + character + token[at + 1 :]

    if changed != token:
        with pytest.raises((Unauthenticated, WrongTokenKind)):
            signer.read(changed)
