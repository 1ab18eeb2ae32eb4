"""What tests of the data model ask and compare."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from rapport.metadata.changes import announce_model
from tests.serving import Client

Node = Mapping[str, Any]

EVERYTHING = "paging: { first: 1000 }"

FIELD = """
  id name label type description icon isCustom isActive isSystem isNullable isUnique isUIReadOnly isLabelSyncedWithName
  defaultValue options settings morphId applicationId objectMetadataId createdAt updatedAt
  standardOverrides { label description icon translations }
"""
OBJECT = """
  id nameSingular namePlural labelSingular labelPlural description icon shortcut isCustom isActive isSystem isRemote
  isSearchable isUIReadOnly isLabelSyncedWithName duplicateCriteria labelIdentifierFieldMetadataId
  imageIdentifierFieldMetadataId applicationId createdAt updatedAt
  standardOverrides { labelSingular labelPlural description icon translations }
"""


def nodes(connection: Mapping[str, Any]) -> list[Node]:
    return [edge["node"] for edge in connection["edges"]]


async def objects(client: Client, fields: str = "id nameSingular", arguments: str = EVERYTHING) -> list[Node]:
    found = await client.data(f"{{ objects({arguments}) {{ edges {{ node {{ {fields} }} }} }} }}")
    return nodes(found["objects"])


async def object_named(client: Client, name: str, fields: str = "id") -> Node:
    (found,) = [each for each in await objects(client, f"nameSingular {fields}") if each["nameSingular"] == name]
    return found


async def error(client: Client, query: str, variables: Mapping[str, object] | None = None) -> tuple[str, str, str]:
    """Message, code and sub code of the only error of an answer that has nothing else."""
    answer = await client.ask(query, variables)
    assert answer.get("data") is None, query
    errors = answer["errors"]
    assert isinstance(errors, list)
    (found,) = errors
    return found["message"], found["extensions"]["code"], found["extensions"].get("subCode")


async def announce(client: Client) -> None:
    """Says that the model has changed, as whatever changes it does."""
    async with client.database.transaction() as connection:
        version = await connection.value(
            'update core.workspace set "metadataVersion" = "metadataVersion" + 1 where id = $1'
            ' returning "metadataVersion"',
            client.tenant.workspace_id,
        )
        assert isinstance(version, int)
        await announce_model(connection, client.tenant.workspace_id, version)


async def until(client: Client, query: str, is_so: Callable[[list[Node]], bool]) -> list[Node]:
    """The objects that a query gives as soon as they are as expected, which they are when the news has come."""
    async with asyncio.timeout(5):
        while True:
            found = nodes((await client.data(query))["objects"])
            if is_so(found):
                return found
            await asyncio.sleep(0.01)
