"""A GraphQL request, and its refusal."""

from collections.abc import Mapping
from dataclasses import dataclass

from rapport.access.principal import Principal
from rapport.edge.caller import Caller


@dataclass(slots=True, kw_only=True)  # as Caller: nobody changes one
class Request:
    """A GraphQL request. Public operations (signing in, renewing tokens) are served even to those without a token."""

    query: str
    variables: Mapping[str, object]
    caller: Caller
    operation_name: str | None = None
    wants_cost: bool = False  # the answer is to say what the document costs
    reads_only: bool = False  # came by GET, which must change nothing
    has_uploads: bool = False  # files may be among the variables

    @property
    def principal(self) -> Principal | None:
        return self.caller.principal


class Refused(Exception):
    """The request is not executed at all."""

    def __init__(self, errors: list[dict[str, object]], status: int = 200) -> None:
        super().__init__(str(errors[0]["message"]))
        self.errors = errors
        self.status = status
