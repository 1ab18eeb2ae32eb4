"""Tokens and workspaces as the SDL shows them."""

from collections.abc import Mapping
from uuid import UUID

from rapport.accounts.sessions import TokenPair
from rapport.accounts.tokens import Token


def shown_pair(tokens: TokenPair) -> Mapping[str, object]:
    """`AuthTokenPair`"""
    access = shown_token(tokens.access)
    return {
        "accessOrWorkspaceAgnosticToken": access,
        "accessToken": access,
        "refreshToken": shown_token(tokens.refresh),
    }


def shown_token(token: Token) -> Mapping[str, object]:
    """`AuthToken`"""
    return {"token": token.token, "expiresAt": token.expires_at}


def shown_urls_and_id(workspace_id: UUID, urls: Mapping[str, str | None]) -> Mapping[str, object]:
    """`WorkspaceUrlsAndId`"""
    return {"id": workspace_id, "workspaceUrls": urls}
