"""Errors as clients see them: the one place where exceptions become GraphQL errors."""

import re
from collections.abc import Mapping, Sequence

import structlog
from graphql import GraphQLError, GraphQLSchema, GraphQLSyntaxError

from rapport.base.errors import RapportError
from rapport.base.ids import new_id
from rapport.edge.graphql.wording import standard_words

Path = Sequence[str | int]
Locations = Sequence[Mapping[str, int]]

_FRIENDLY = "An error occurred."
_LONGEST_MESSAGE = 2_000  # characters
_LONGEST_WORD = 200  # of a message that is not short
_LONG_WORD = re.compile(rf"([^\s\"']{{{_LONGEST_WORD}}})[^\s\"']+")
_log = structlog.get_logger(__name__)


def graphql_error(
    error: Exception,
    *,
    path: Path | None = None,
    locations: Locations | None = None,
    schema: GraphQLSchema | None = None,
) -> dict[str, object]:
    """`{"message", "path", "locations", "extensions": {"code", "subCode", "statusCode", "userFriendlyMessage"}}`

    What nobody foresaw is logged under an id and told apart from nothing else: `Internal server error`.
    """
    if isinstance(error, GraphQLError):
        path = path if path is not None else error.path
        locations = locations if locations is not None else _locations(error)
        cause = error.original_error
        if cause is not None and not isinstance(cause, GraphQLError):
            return graphql_error(cause, path=path, locations=locations)
        message = standard_words(_shortened(error.message), schema)
        code, status = _standard(error, path)
        return _shape(message, path, locations, code=code, status=status)
    if isinstance(error, RapportError):
        return _shape(
            error.message,
            path,
            locations,
            code=error.code,
            status=error.status,
            sub_code=error.sub_code,
            friendly=error.user_message,
            more=error.extensions,
        )
    event_id = str(new_id())
    _log.error("unexpected error", event_id=event_id, path=path, exc_info=error)
    return _shape(
        "Internal server error",
        path,
        locations,
        code="INTERNAL_SERVER_ERROR",
        status=500,
        more={"exceptionEventId": event_id},
    )


def validation_error(message: str, locations: Locations | None) -> dict[str, object]:
    """What is wrong with a document; nothing of it is executed."""
    return _shape(message, None, locations, code="GRAPHQL_VALIDATION_FAILED", status=400)


def variable_error(message: str) -> dict[str, object]:
    """What is wrong with values that came beside a document. The answer's HTTP status, which stands in it, is 400."""
    return _shape(message, code="BAD_USER_INPUT", status=400, more={"http": {"status": 400}})


def _standard(error: GraphQLError, path: Path | None) -> tuple[str, int]:
    """The code of an error that graphql-core found: in the document, or in the values that came with it."""
    if isinstance(error, GraphQLSyntaxError):
        return "GRAPHQL_PARSE_FAILED", 400
    if path is not None or (error.message.startswith("Variable '$") and "has invalid value" in error.message):
        return "BAD_USER_INPUT", 400
    return "GRAPHQL_VALIDATION_FAILED", 400


def _locations(error: GraphQLError) -> Locations | None:
    if not error.locations:
        return None
    return [{"line": place.line, "column": place.column} for place in error.locations]


def _shape(
    message: str,
    path: Path | None = None,
    locations: Locations | None = None,
    *,
    code: str,
    status: int,
    sub_code: str | None = None,
    friendly: str = _FRIENDLY,
    more: Mapping[str, object] | None = None,
) -> dict[str, object]:
    extensions: dict[str, object] = {"code": code}
    if sub_code is not None:
        extensions["subCode"] = sub_code
    extensions |= {"statusCode": status, "userFriendlyMessage": _shown(friendly)} | dict(more or {})
    shaped: dict[str, object] = {"message": _shown(message)}
    if locations:
        shaped["locations"] = list(locations)
    if path is not None:
        shaped["path"] = list(path)
    return shaped | {"extensions": extensions}


def _shown(text: str) -> str:
    """Messages quote what clients sent, which may hold lone surrogates; JSON cannot. And it may be long."""
    return _shortened(text).encode("utf-8", "replace").decode()


def _shortened(text: str) -> str:
    """`Cannot query field "xxx…" on type "Query".`"""
    if len(text) <= 2 * _LONGEST_WORD:
        return text
    text = _LONG_WORD.sub(r"\1…", text)
    return text if len(text) <= _LONGEST_MESSAGE else text[:_LONGEST_MESSAGE] + "…"
