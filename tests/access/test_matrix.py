"""Every role in every way of asking, for every object of the standard data model: who is refused, and who is not."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from rapport.metadata.catalog import Catalog, Object
from rapport.metadata.store import load_catalog
from tests.access.acting import ALL, Role, acting
from tests.serving import Client

NOBODY = "018f0000-0000-7000-8000-000000000000"
WORKFLOW = ("workflow", "workflowVersion", "workflowRun", "workflowAutomatedTrigger")
READ, UPDATE, DELETE, DESTROY = (f"can{verb}AllObjectRecords" for verb in ("Read", "Update", "SoftDelete", "Destroy"))


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A root field, with the rights that it takes. ``text`` has nothing to find and nothing to write."""

    name: str
    text: str
    rights: frozenset[str]


def operations(item: Object, catalog: Catalog) -> Iterator[Operation]:
    one, many = item.name, item.plural
    type_one, type_many = one[0].upper() + one[1:], many[0].upper() + many[1:]
    found = f'id: "{NOBODY}"'
    some = f'filter: {{id: {{eq: "{NOBODY}"}}}}'
    ids = f'ids: ["{NOBODY}", "{NOBODY[:-1]}1"], conflictPriorityIndex: 0'
    yield _query("find many", f"{many} {{ totalCount }}", READ)
    yield _query("find one", f"{one}({some}) {{ id }}", READ)
    yield _query("group", f"{many}GroupBy(groupBy: [{{id: true}}]) {{ totalCount }}", READ)
    yield _query("duplicates", f'{one}Duplicates(ids: ["{NOBODY}"]) {{ totalCount }}', READ)
    for owner in catalog.by_name.values():
        for field in owner.field.values():
            if field.relation is not None and field.relation.target_object == one:
                inner = "totalCount" if field.is_to_many else "id"
                yield _query(
                    f"{owner.name}.{field.name}",
                    f"{owner.plural}(first: 1) {{ edges {{ node {{ {field.name} {{ {inner} }} }} }} }}",
                    READ,
                )
    yield _change("create many", f"create{type_many}(data: []) {{ id }}", UPDATE)
    yield _change("create one", f'create{type_one}(data: {{id: "bad"}}) {{ id }}', UPDATE)
    yield _change("upsert", f"create{type_many}(data: [], upsert: true) {{ id }}", UPDATE)
    yield _change("update one", f"update{type_one}({found}, data: {{}}) {{ id }}", UPDATE)
    yield _change("update many", f"update{type_many}({some}, data: {{}}) {{ id }}", UPDATE)
    for verb, right in (("delete", DELETE), ("restore", DELETE), ("destroy", DESTROY)):
        yield _change(f"{verb} one", f"{verb}{type_one}({found}) {{ id }}", right)
        yield _change(f"{verb} many", f"{verb}{type_many}({some}) {{ id }}", right)
    yield _change("merge", f"merge{type_many}({ids}) {{ id }}", UPDATE, DELETE)


def _query(name: str, text: str, *rights: str) -> Operation:
    return Operation(name=name, text=f"{{ {text} }}", rights=frozenset(rights))


def _change(name: str, text: str, *rights: str) -> Operation:
    return Operation(name=name, text=f"mutation {{ {text} }}", rights=frozenset({*rights, READ}))


ROLES = {
    "nothing": Role(rights=frozenset()),
    "read": Role(rights=frozenset({READ})),
    "read and update": Role(rights=frozenset({READ, UPDATE})),
    "all but destroy": Role(rights=frozenset({READ, UPDATE, DELETE})),
    "all but read": Role(rights=frozenset(ALL - {READ})),
    "all": Role(rights=frozenset(ALL)),
    "read, with workflows": Role(rights=frozenset({READ}), flags=frozenset({"WORKFLOWS"})),
    "all settings": Role(rights=frozenset(), all_settings=True),
}


@pytest.mark.parametrize("name", ROLES)
async def test_who_is_refused(client: Client, name: str) -> None:
    role = ROLES[name]
    key = await acting(client, role)
    catalog = await load_catalog(client.database, client.tenant.workspace_id)
    may_workflows = role.all_settings or "WORKFLOWS" in role.flags
    wrong: list[object] = []
    for item in catalog.by_name.values():
        for each in operations(item, catalog):
            answer = await key.ask(each.text)
            errors = answer.get("errors", [])
            assert isinstance(errors, list)
            found = {error["extensions"].get("subCode") for error in errors}
            assert not any(error["extensions"]["code"] == "INTERNAL_SERVER_ERROR" for error in errors), (each, answer)
            owner = catalog.by_name.get(each.name.split(".")[0])
            asked = [item] if owner is None else [item, owner]
            expected = all(_is_granted(one, each.rights, role, may_workflows) for one in asked)
            if "METHOD_NOT_ALLOWED" in found:
                continue  # nobody may
            if item.name == "workspaceMember" and each.name.startswith(("delete", "destroy")):
                expected = role.all_settings  # WORKSPACE_MEMBERS
            if ("PERMISSION_DENIED" not in found) != expected:
                wrong.append((item.name, each.name, errors))
    assert wrong == []


def _is_granted(item: Object, rights: frozenset[str], role: Role, may_workflows: bool) -> bool:
    if item.name in WORKFLOW:
        return may_workflows and rights <= role.rights
    return item.is_system or rights <= role.rights
