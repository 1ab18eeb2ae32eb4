"""Exceptions as GraphQL errors."""

import pytest
from graphql import GraphQLSyntaxError, parse

from rapport.base.errors import DuplicateEntry, MissingToken, PermissionDenied, RecordNotFound
from rapport.edge.bearer import bearer
from rapport.edge.errors import graphql_error, variable_error


def test_a_domain_error_shows_its_codes() -> None:
    assert graphql_error(RecordNotFound(), path=["person"], locations=[{"line": 2, "column": 3}]) == {
        "message": "Record not found",
        "locations": [{"line": 2, "column": 3}],
        "path": ["person"],
        "extensions": {
            "code": "NOT_FOUND",
            "subCode": "RECORD_NOT_FOUND",
            "statusCode": 404,
            "userFriendlyMessage": "An error occurred.",
        },
    }


def test_further_extensions_stand_beside_the_codes() -> None:
    error = graphql_error(DuplicateEntry(user_message="In use.", extensions={"conflictingRecordId": "x"}))

    assert error == {
        "message": "A duplicate entry was detected",
        "extensions": {
            "code": "BAD_USER_INPUT",
            "subCode": "DUPLICATE_ENTRY_DETECTED",
            "statusCode": 409,
            "userFriendlyMessage": "In use.",
            "conflictingRecordId": "x",
        },
    }


def test_people_are_told_what_they_may_not_do() -> None:
    error = graphql_error(PermissionDenied())

    assert error["message"] == "Entity performing the request does not have permission"
    assert error["extensions"] == {
        "code": "FORBIDDEN",
        "subCode": "PERMISSION_DENIED",
        "statusCode": 403,
        "userFriendlyMessage": "User does not have permission.",
    }


def test_wrong_values_are_answered_with_their_http_status() -> None:
    assert variable_error("It's \ud800 'x'") == {
        "message": "It's ? 'x'",
        "extensions": {
            "code": "BAD_USER_INPUT",
            "statusCode": 400,
            "userFriendlyMessage": "An error occurred.",
            "http": {"status": 400},
        },
    }


def test_no_token_is_unauthenticated() -> None:
    error = graphql_error(MissingToken())

    assert error["message"] == "Missing authentication token"
    assert isinstance(error["extensions"], dict)
    assert (error["extensions"]["code"], error["extensions"]["statusCode"]) == ("UNAUTHENTICATED", 401)


def test_a_syntax_error_shows_where_it_is() -> None:
    with pytest.raises(GraphQLSyntaxError) as broken:
        parse("{people{id}}}")

    assert graphql_error(broken.value) == {
        "message": 'Syntax Error: Unexpected "}".',
        "locations": [{"line": 1, "column": 13}],
        "extensions": {
            "code": "GRAPHQL_PARSE_FAILED",
            "statusCode": 400,
            "userFriendlyMessage": "An error occurred.",
        },
    }


def test_what_nobody_foresaw_stays_inside() -> None:
    error = graphql_error(ValueError('relation "core.user" does not exist'))

    assert error["message"] == "Internal server error"
    assert "core.user" not in str(error)


@pytest.mark.parametrize(
    ("header", "token"),
    [
        (None, None),
        (b"", None),
        (b"Bearer", None),
        (b"Bearer ", None),
        (b"Basic dXNlcjpwYXNz", None),
        (b"Bearer abc", "abc"),
        (b"bearer   abc\t", "abc"),
        (b"Bearer a b", "a b"),
        (b"Bearer \xff\x00", "ÿ\x00"),
    ],
)
def test_the_bearer_is_found_in_the_header(header: bytes | None, token: str | None) -> None:
    assert bearer(header) == token
