"""Errors in both forms."""

import orjson
import pytest

from rapport.base.errors import DuplicateEntry, MissingToken, RapportError, RecordNotFound
from rapport.edge.misuse import MethodNotAllowed
from rapport.edge.rest.errors import InvalidId, OperationFailed
from rapport.edge.rest.shapes import ErrorShape

NESTED, FLAT = ErrorShape(is_flat=False), ErrorShape(is_flat=True)


@pytest.mark.parametrize(
    ("error", "status", "nested", "flat"),
    [
        (
            RecordNotFound(),
            404,
            {"code": "NOT_FOUND", "message": "Record not found",
             "details": {"subCode": "RECORD_NOT_FOUND", "userFriendlyMessage": "An error occurred."}},
            ("NotFoundException", "RECORD_NOT_FOUND"),
        ),
        (
            InvalidId("nope"),
            400,
            {"code": "BAD_USER_INPUT", "message": "'nope' is not a valid UUID",
             "details": {"userFriendlyMessage": "'nope' is not a valid UUID"}},
            ("BadRequestException", "BAD_USER_INPUT"),
        ),
        (
            DuplicateEntry(user_message="In use.", extensions={"conflictingRecordId": "x"}),
            409,
            {"code": "CONFLICT", "message": "A duplicate entry was detected",
             "details": {"subCode": "DUPLICATE_ENTRY_DETECTED", "userFriendlyMessage": "In use.",
                         "conflictingRecordId": "x"}},
            ("ConflictException", "DUPLICATE_ENTRY_DETECTED"),
        ),
        (
            MissingToken(),
            401,
            {"code": "UNAUTHENTICATED", "message": "Missing authentication token",
             "details": {"subCode": "UNAUTHENTICATED", "userFriendlyMessage": "An error occurred."}},
            ("UnauthorizedException", "UNAUTHENTICATED"),
        ),
    ],
)  # fmt: skip
def test_an_error_in_both_forms(error: RapportError, status: int, nested: object, flat: tuple[str, str]) -> None:
    shown = NESTED.answer(error)
    assert shown.status == status
    assert orjson.loads(shown.body) == {"error": nested, "statusCode": status, "messages": [error.message]}

    shown = FLAT.answer(error)
    name, code = flat
    assert shown.status == status
    assert list(orjson.loads(shown.body).items()) == [
        ("statusCode", status), ("error", name), ("messages", [error.message]), ("code", code),
    ]  # fmt: skip


def test_what_nobody_foresaw_is_told_without_details() -> None:
    shown = orjson.loads(NESTED.answer(KeyError("secret")).body)

    event_id = shown["error"]["details"]["exceptionEventId"]
    assert shown == {
        "error": {
            "code": "INTERNAL_SERVER_ERROR",
            "message": "Internal server error",
            "details": {"userFriendlyMessage": "An error occurred.", "exceptionEventId": event_id},
        },
        "statusCode": 500,
        "messages": ["Internal server error"],
    }


def test_the_first_of_several_errors_decides() -> None:
    errors = [
        {"message": "one", "extensions": {"code": "BAD_USER_INPUT", "statusCode": 400}},
        {"message": "two", "extensions": {"code": "NOT_FOUND", "statusCode": 404}},
    ]

    shown = orjson.loads(NESTED.answer(OperationFailed(errors)).body)
    assert shown == {
        "error": {"code": "BAD_USER_INPUT", "message": "one", "details": {}},
        "statusCode": 400,
        "messages": ["one", "two"],
    }


def test_answers_have_the_headers_that_http_demands() -> None:
    assert NESTED.answer(MethodNotAllowed(["GET", "HEAD"])).headers == ((b"allow", b"GET, HEAD"),)
    assert NESTED.answer(MissingToken()).headers == ((b"www-authenticate", b"Bearer"),)
    assert NESTED.answer(RecordNotFound()).headers == ()
