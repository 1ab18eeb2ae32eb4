"""Which page of a list is asked for."""

from rapport.edge.misuse import BadRequest
from rapport.edge.rest.parameters import Parameters


def read_paging(parameters: Parameters, *, default: int, most: int) -> dict[str, object]:
    """The page as GraphQL asks for it: `?limit=10&starting_after=x` → `{"first": 10, "after": "x"}`.

    ``default`` is the size of a page when none is given, ``most`` that of the largest. Raises BadRequest.
    """
    limit = parameters.limit(default=default, most=most)
    after = parameters.text("starting_after", "startingAfter", "after")
    before = parameters.text("ending_before", "endingBefore", "before")
    if after is not None and before is not None:
        raise BadRequest("Cannot provide both starting_after and ending_before")
    if before is not None:
        return {"last": limit, "before": before}
    return {"first": limit} if after is None else {"first": limit, "after": after}
