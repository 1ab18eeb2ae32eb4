"""Answers to requests that failed, in the shape that the installation has chosen (docs/rest.md)."""

from collections.abc import Mapping

from rapport.edge.openapi.parts import INTEGER, STRING, Part, answer, array, header, schema, whole

ERROR = "Error"

_WHEN = {
    "400": "The request cannot be understood, or a value does not fit",
    "401": "There is no token, or it is no good",
    "403": "The role of the caller does not allow it",
    "404": "There is no such record",
    "409": "A value that must be unique is in use",
    "410": "The events behind the cursor are kept no more: a new snapshot is needed",
    "412": "The record is not in the state that If-Match names",
    "413": "The body is too large",
    "415": "The body is of a kind that is not accepted here",
    "422": "The Idempotency-Key was sent with another request before",
    "429": "The caller asks too much, or too much at once",
}
_MESSAGE = "Record not found"

ALWAYS = ("400", "401", "403", "429")
WITH_BODY = ("413", "415")
WITH_KEY = ("409", "422")  # an Idempotency-Key

HEADERS: Mapping[str, Part] = {
    "ETag": {"description": "Changes whenever the answer does", "schema": STRING},
    "X-RateLimit-Limit": {"description": "How many requests a minute may have", "schema": INTEGER},
    "X-RateLimit-Remaining": {"description": "How many of them are left", "schema": INTEGER},
    "X-RateLimit-Reset": {"description": "When they are there again, in seconds since 1970", "schema": INTEGER},
    "Retry-After": {"description": "In how many seconds to try again", "schema": INTEGER},
}
_OF_LIMITS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After")


def error_schema(*, is_flat: bool) -> Part:
    if is_flat:
        flat = {"statusCode": 404, "error": "NotFoundException", "messages": [_MESSAGE], "code": "RECORD_NOT_FOUND"}
        return {**whole(statusCode=INTEGER, error=STRING, messages=array(STRING), code=STRING), "example": flat}
    details = {"subCode": "RECORD_NOT_FOUND", "userFriendlyMessage": "An error occurred."}
    example = {
        "error": {"code": "NOT_FOUND", "message": _MESSAGE, "details": details},
        "statusCode": 404,
        "messages": [_MESSAGE],
    }
    inner = whole(code=STRING, message=STRING, details={"type": "object"})
    return {**whole(error=inner, statusCode=INTEGER, messages=array(STRING)), "example": example}


def failures(error: str) -> Mapping[str, Part]:
    """The responses by status; ``error`` is the name of the schema."""
    found = {status: answer(schema(error), description) for status, description in _WHEN.items()}
    return {**found, "429": {**found["429"], "headers": {name: header(name) for name in _OF_LIMITS}}}
