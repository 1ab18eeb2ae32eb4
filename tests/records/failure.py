"""The one error of an answer, as tests compare it."""

from dataclasses import dataclass

from tests.serving import Client


@dataclass(frozen=True, kw_only=True)
class Failure:
    message: str
    code: str
    sub_code: str | None = None


async def failure(client: Client, query: str, variables: dict[str, object] | None = None) -> Failure:
    """The error of a request that must fail with exactly one, and must give no data."""
    answer = await client.ask(query, variables)
    found = answer.get("errors")
    assert isinstance(found, list), answer
    (error,) = found
    data = answer.get("data")
    assert data is None or (isinstance(data, dict) and set(data.values()) == {None}), answer
    extensions = error["extensions"]
    return Failure(message=error["message"], code=extensions["code"], sub_code=extensions.get("subCode"))


def refusal(message: str, sub_code: str = "INVALID_ARGS_DATA") -> Failure:
    """What is answered to data or arguments that cannot be accepted."""
    return Failure(message=message, code="BAD_USER_INPUT", sub_code=sub_code)


NOT_FOUND = Failure(message="Record not found", code="NOT_FOUND", sub_code="RECORD_NOT_FOUND")
