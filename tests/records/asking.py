"""Mutations of one field, as tests of records ask for them."""

from typing import Any, TypeAlias

from tests.records.failure import Failure, failure
from tests.serving import Client

Found: TypeAlias = Any  # a record, or a list of records


async def ask(client: Client, field: str) -> Found:
    """The value of the one field of a mutation that must succeed."""
    (found,) = (await client.data(f"mutation {{ {field} }}")).values()
    return found


async def fail(client: Client, field: str) -> Failure:
    """The error of the one field of a mutation that must fail."""
    return await failure(client, f"mutation {{ {field} }}")
