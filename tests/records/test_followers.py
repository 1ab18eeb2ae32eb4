"""What a note or a task is about is hidden with it, and shown again with it."""

import pytest

from tests.records.asking import ask
from tests.records.events import events, forget_events
from tests.serving import Client

NOTE = "20202020-0c28-43d9-b8f7-2b12e84b4d5e"
ACME = "30303030-0c28-43d9-b8f7-2b12e84b4d5e"


@pytest.mark.parametrize("kind", ["note", "task"])
async def test_targets_follow_what_they_belong_to(client: Client, kind: str) -> None:
    name = kind.capitalize()
    await ask(client, f'createCompany(data: {{id: "{ACME}"}}) {{ id }}')
    targets = f'{kind}Targets: {{create: [{{targetCompanyId: "{ACME}"}}, {{targetPerson: {{create: {{}}}}}}]}}'
    shown = f"{{ {kind}Targets {{ edges {{ node {{ id }} }} }} }}"
    made = await ask(client, f'create{name}(data: {{id: "{NOTE}", {targets}}}) {shown}')
    first = made[f"{kind}Targets"]["edges"][0]["node"]["id"]
    other = f'create{name}(data: {{{kind}Targets: {{create: [{{targetCompanyId: "{ACME}"}}]}}}}) {{ id }}'
    await ask(client, other)
    await forget_events(client)
    seen = f'{{ company(id: "{ACME}") {{ {kind}Targets {{ totalCount }} }} {kind}Targets {{ totalCount }} }}'

    await ask(client, f'delete{name}(id: "{NOTE}") {{ id }}')
    assert await client.data(seen) == {
        "company": {f"{kind}Targets": {"totalCount": 1}},
        f"{kind}Targets": {"totalCount": 1},
    }
    assert sorted((each.action, each.kind) for each in await events(client)) == [
        ("deleted", kind),
        ("deleted", f"{kind}Target"),
        ("deleted", f"{kind}Target"),
    ]

    await ask(client, f'restore{name}(id: "{NOTE}") {{ id }}')
    assert (await client.data(seen))[f"{kind}Targets"] == {"totalCount": 3}
    await ask(client, f'delete{name}Target(id: "{first}") {{ id }}')
    any_state = "or: [{deletedAt: {is: NULL}}, {deletedAt: {is: NOT_NULL}}]"
    both = f'{name}s(filter: {{id: {{eq: "{NOTE}"}}, {any_state}}})'
    for verb in ("delete", "delete", "restore"):
        await ask(client, f"{verb}{both} {{ id }}")
    assert (await client.data(seen))[f"{kind}Targets"] == {"totalCount": 2}  # what was taken away before stays away


async def test_a_record_that_is_destroyed_takes_its_targets_with_it(client: Client) -> None:
    await ask(client, f'createNote(data: {{id: "{NOTE}", noteTargets: {{create: {{}}}}}}) {{ id }}')
    await ask(client, f'deleteNote(id: "{NOTE}") {{ id }}')
    await ask(client, f'destroyNote(id: "{NOTE}") {{ id }}')

    any_state = "or: [{deletedAt: {is: NULL}}, {deletedAt: {is: NOT_NULL}}]"
    assert await client.data(f"{{ noteTargets(filter: {{ {any_state} }}) {{ totalCount }} }}") == {
        "noteTargets": {"totalCount": 0}
    }


async def test_children_of_other_objects_stay(client: Client) -> None:
    await ask(client, f'createCompany(data: {{id: "{ACME}", people: {{create: {{}}}}}}) {{ id }}')
    await ask(client, f'createNote(data: {{noteTargets: {{create: {{targetCompanyId: "{ACME}"}}}}}}) {{ id }}')
    await ask(client, f'deleteCompany(id: "{ACME}") {{ id }}')

    assert await client.data("{ people { totalCount } noteTargets { totalCount } }") == {
        "people": {"totalCount": 1},
        "noteTargets": {"totalCount": 1},
    }
