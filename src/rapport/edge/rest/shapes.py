"""Errors as REST clients see them, in the shape that the installation has chosen: the one place for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from rapport.edge.answer import Answer
from rapport.edge.errors import graphql_error
from rapport.edge.misuse import refusal_headers
from rapport.edge.rest.errors import OperationFailed

_NAMES = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    409: "Conflict",
    412: "PreconditionFailed",
    413: "PayloadTooLarge",
    415: "UnsupportedMediaType",
    422: "UnprocessableEntity",
    429: "TooManyRequests",
    500: "InternalServerError",
    503: "ServiceUnavailable",
    504: "GatewayTimeout",
}


@dataclass(frozen=True, kw_only=True)
class ErrorShape:
    """``is_flat``: the older form, with the name of an exception and a list of messages at the top."""

    is_flat: bool

    def answer(self, error: Exception) -> Answer:
        """The response to a request that failed."""
        errors = error.errors if isinstance(error, OperationFailed) else (graphql_error(error),)
        status, body = self.body(errors)
        return Answer(body=orjson.dumps(body), status=status, headers=refusal_headers(error))

    def body(self, errors: Sequence[Mapping[str, Any]]) -> tuple[int, Mapping[str, object]]:
        """The status and body for errors of GraphQL. The first of them decides, the messages are those of all.

        `{"error": {"code", "message", "details"}, "statusCode", "messages"}`, or flat
        `{"statusCode", "error": "NotFoundException", "messages", "code"}`.
        """
        messages = [each["message"] for each in errors]
        details = dict(errors[0]["extensions"])
        status: int = details.pop("statusCode")
        code = details.pop("code")
        details.pop("http", None)  # the status once more, for GraphQL
        wait = {"retryAfter": details["retryAfter"]} if status == 429 and "retryAfter" in details else {}
        if self.is_flat:
            name = f"{_NAMES.get(status, 'InternalServerError')}Exception"
            return status, {
                "statusCode": status,
                "error": name,
                "messages": messages,
                "code": details.get("subCode", code),
                **wait,
            }
        shown = {"code": "CONFLICT" if status == 409 else code, "message": messages[0], "details": details, **wait}
        return status, {"error": shown, "statusCode": status, "messages": messages}
