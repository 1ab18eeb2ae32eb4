"""System operations for REST: fixed GraphQL documents, run in process with the caller's own rights."""

from collections.abc import Mapping
from typing import Any

import orjson

from rapport.edge.answer import Answer
from rapport.edge.caller import Caller
from rapport.edge.graphql.service import GraphQLService, Request
from rapport.edge.rest.errors import OperationFailed


class Operations:
    def __init__(self, service: GraphQLService) -> None:
        self._service = service

    async def run(self, document: str, variables: Mapping[str, object], caller: Caller) -> bytes:
        """The answer to a document, `{"data": …}`. Raises OperationFailed with whatever errors there are."""
        answer = await self._service.answer(Request(query=document, variables=variables, caller=caller))
        if answer.body.startswith(b'{"errors":'):
            raise OperationFailed([_plain(each, answer) for each in orjson.loads(answer.body)["errors"]])
        return answer.body


def _plain(error: Mapping[str, Any], answer: Answer) -> Mapping[str, Any]:
    """An error in the words of REST, whose messages about values of the wrong type have single quotes."""
    if answer.status != 400:  # the variables do fit
        return error
    extensions = {name: value for name, value in error["extensions"].items() if name != "http"}
    return {**error, "message": error["message"].replace('"', "'"), "extensions": extensions}
