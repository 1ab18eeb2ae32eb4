"""The examples of the guide to the data model, in their order."""

import re

from tests.docs.markdown import ROOT
from tests.serving import Client

TEXT = (ROOT / "docs" / "data-model.md").read_text(encoding="utf-8")


async def test_the_examples_run_as_written(client: Client) -> None:
    make_object, make_field, make_relation, make_index = re.findall(
        r"^```graphql\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL
    )
    rocket = (await client.data(make_object))["createOneObject"]
    names = [each["name"] for each in rocket["fieldsList"]]
    for name in (
        "id",
        "name",
        "createdAt",
        "updatedAt",
        "deletedAt",
        "createdBy",
        "updatedBy",
        "position",
        "searchVector",
    ):
        assert name in names

    status = (await client.data(make_field, {"rocket": rocket["id"]}))["createOneField"]
    assert [each["value"] for each in status["options"]] == ["READY", "FLYING"]

    objects = await client.data("{ objects(paging: {first: 1000}) { edges { node { id nameSingular } } } }")
    ids = {each["node"]["nameSingular"]: each["node"]["id"] for each in objects["objects"]["edges"]}
    owner = (await client.data(make_relation, {"rocket": rocket["id"], "company": ids["company"]}))["createOneField"]
    assert owner["settings"] == {"onDelete": "SET_NULL", "relationType": "MANY_TO_ONE", "joinColumnName": "ownerId"}
    assert owner["relation"]["targetFieldMetadata"] == {"name": "rockets"}

    fields = await client.data("query($id: UUID!) { object(id: $id) { fieldsList { id name } } }", {"id": rocket["id"]})
    by_name = {each["name"]: each["id"] for each in fields["object"]["fieldsList"]}
    given = {"rocket": rocket["id"], "status": by_name["status"], "name": by_name["name"]}
    index = (await client.data(make_index, given))["createOneIndex"]
    assert index["isUnique"] is True
    assert [each["fieldMetadataId"] for each in index["indexFieldMetadataList"]] == [given["status"], given["name"]]

    create = 'mutation { createRocket(data: {name: "Ariane"}) { name status owner { name } } }'
    assert (await client.data(create))["createRocket"] == {"name": "Ariane", "status": "READY", "owner": None}
    again = await client.ask(create)
    assert again["errors"][0]["extensions"]["subCode"] == "DUPLICATE_ENTRY_DETECTED"  # type: ignore[index]
