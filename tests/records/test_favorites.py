"""Favorites: one of each member and record, whatever way it is made, and gone with the record."""

from typing import Any

import pytest

from tests.records.asking import ask
from tests.records.events import events, forget_events
from tests.records.failure import failure
from tests.records.member import member
from tests.records.roles import admin
from tests.records.test_concurrency import outcomes
from tests.serving import Client

ACME = "20202020-0c28-43d9-b8f7-2b12e84b4d5e"
BETA = "30303030-0c28-43d9-b8f7-2b12e84b4d5e"
FOLDER = "40404040-0c28-43d9-b8f7-2b12e84b4d5e"
CREATE = "mutation($data: [FavoriteCreateInput!]!) { createFavorites(data: $data) { id companyId favoriteFolderId } }"


@pytest.fixture
async def ines(client: Client) -> tuple[Client, str]:
    """A member and her id, in a workspace with two companies and a folder; the log is empty."""
    user, own = await member(client)
    await ask(client, f'createCompanies(data: [{{id: "{ACME}", name: "A"}}, {{id: "{BETA}", name: "B"}}]) {{ id }}')
    await ask(client, f'createFavoriteFolder(data: {{id: "{FOLDER}"}}) {{ id }}')
    await forget_events(client)
    return user, str(own)


async def create(user: Client, *data: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await user.data(CREATE, {"data": list(data)}))["createFavorites"]
    return found


async def favorites(user: Client) -> list[tuple[str, str]]:
    """Member and company of all that are live."""
    found = await user.data("{ favorites { edges { node { forWorkspaceMemberId companyId } } } }")
    return sorted(
        (each["node"]["forWorkspaceMemberId"] or "", each["node"]["companyId"] or "")
        for each in found["favorites"]["edges"]
    )


async def test_what_is_a_favorite_already_is_answered(ines: tuple[Client, str]) -> None:
    user, own = ines
    (first,) = await create(user, {"forWorkspaceMemberId": own, "companyId": ACME})
    (again,) = await create(
        user, {"id": BETA, "forWorkspaceMemberId": own, "companyId": ACME, "favoriteFolderId": FOLDER}
    )

    assert again == first | {"favoriteFolderId": FOLDER}
    single = f'createFavorite(data: {{forWorkspaceMemberId: "{own}", companyId: "{ACME}"}}) {{ id }}'
    assert await ask(user, single) == {"id": first["id"]}
    both = await create(
        user,
        {"forWorkspaceMemberId": own, "companyId": BETA},
        {"forWorkspaceMemberId": own, "companyId": BETA},
        {"forWorkspaceMemberId": own, "companyId": ACME},
    )
    assert both[0] == both[1]
    assert both[2]["id"] == first["id"]
    assert await favorites(user) == [(own, ACME), (own, BETA)]
    assert [each.action for each in await events(user)] == ["created", "updated", "created"]


async def test_a_new_favorite_with_the_id_of_another_one_is_refused(ines: tuple[Client, str]) -> None:
    user, own = ines
    (first,) = await create(user, {"forWorkspaceMemberId": own, "companyId": ACME})
    data = [{"id": first["id"], "forWorkspaceMemberId": own, "companyId": BETA}]

    assert (await failure(user, CREATE, {"data": data})).sub_code == "DUPLICATE_ENTRY_DETECTED"
    assert await favorites(user) == [(own, ACME)]


async def test_a_favorite_that_was_taken_away_can_be_made_anew(ines: tuple[Client, str]) -> None:
    user, own = ines
    (first,) = await create(user, {"forWorkspaceMemberId": own, "companyId": ACME})
    await ask(user, f'deleteFavorite(id: "{first["id"]}") {{ id }}')
    (second,) = await create(user, {"forWorkspaceMemberId": own, "companyId": ACME})

    assert second["id"] != first["id"]
    restored = await failure(user, f'mutation {{ restoreFavorite(id: "{first["id"]}") {{ id }} }}')
    assert restored.sub_code == "DUPLICATE_ENTRY_DETECTED"
    assert await favorites(user) == [(own, ACME)]


async def test_of_many_at_once_there_is_one(ines: tuple[Client, str]) -> None:
    user, own = ines
    for company in (ACME, BETA):
        data = [{"forWorkspaceMemberId": own, "companyId": company}]
        upsert = CREATE.replace("data: $data", "data: $data, upsert: true")
        asked = [user.ask(query, {"data": data}) for query in (CREATE, upsert) * 4]
        assert await outcomes(*asked) == ["done"] * 8
    assert await favorites(user) == [(own, ACME), (own, BETA)]


async def test_others_and_favorites_of_nobody_are_not_in_the_way(ines: tuple[Client, str], client: Client) -> None:
    user, own = ines
    _, other = await member(client, email="other@example.com")
    await create(
        user,
        {"forWorkspaceMemberId": own, "companyId": ACME},
        {"forWorkspaceMemberId": str(other), "companyId": ACME},
        {"companyId": ACME},
        {"companyId": ACME},
        {"forWorkspaceMemberId": own},
        {"forWorkspaceMemberId": own},
    )
    assert len(await favorites(user)) == 6


async def test_no_update_makes_a_second_one(ines: tuple[Client, str]) -> None:
    user, own = ines
    first, second = await create(
        user, {"forWorkspaceMemberId": own, "companyId": ACME}, {"forWorkspaceMemberId": own, "companyId": BETA}
    )
    update = f'mutation {{ updateFavorite(id: "{second["id"]}", data: {{companyId: "{ACME}"}}) {{ id }} }}'
    assert (await failure(user, update)).sub_code == "DUPLICATE_ENTRY_DETECTED"
    moved = f'updateFavorite(id: "{first["id"]}", data: {{position: 3, favoriteFolderId: "{FOLDER}"}}) {{ position }}'
    assert await ask(user, moved) == {"position": 3}
    assert await favorites(user) == [(own, ACME), (own, BETA)]


async def test_created_along_they_are_found_too(ines: tuple[Client, str]) -> None:
    user, own = ines
    link = f'forWorkspaceMember: {{connect: {{where: {{id: "{own}"}}}}}}'
    for _ in range(2):
        along = f"favorites: {{create: [{{{link}}}]}}"
        updated = await ask(user, f'updateCompany(id: "{ACME}", data: {{{along}}}) {{ favorites {{ totalCount }} }}')
        assert updated == {"favorites": {"totalCount": 1}}
    twice = f"createCompany(data: {{favorites: {{create: [{{{link}}}, {{{link}}}]}}}}) {{ favorites {{ totalCount }} }}"
    assert await ask(user, twice) == {"favorites": {"totalCount": 1}}


async def test_what_one_may_not_see_can_be_no_favorite(ines: tuple[Client, str], client: Client) -> None:
    """Members do not see workflows unless their role grants WORKFLOWS."""
    user, own = ines
    workflow = (await ask(client, "createWorkflow(data: {}) { id }"))["id"]
    given = {"data": [{"forWorkspaceMemberId": own, "workflowId": workflow}]}
    assert (await user.ask(CREATE, given))["errors"][0]["extensions"]["subCode"] == "PERMISSION_DENIED"  # type: ignore[index]
    assert await client.data("{ favorites { totalCount } }") == {"favorites": {"totalCount": 0}}


# -- with their records -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "link"),
    [("company", "companyId"), ("person", "personId"), ("opportunity", "opportunityId"), ("note", "noteId"),
     ("task", "taskId"), ("workflow", "workflowId"), ("workflowVersion", "workflowVersionId"),
     ("dashboard", "dashboardId")],
)  # fmt: skip
async def test_the_favorites_of_a_record_go_and_come_back_with_it(
    ines: tuple[Client, str], client: Client, kind: str, link: str
) -> None:
    user, own_id = await member(client, email="admin@example.com", role_id=await admin(client))
    own, (_, other) = str(own_id), await member(client, email="other@example.com")
    name = kind[0].upper() + kind[1:]
    record = (await ask(client, f"create{name}(data: {{}}) {{ id }}"))["id"]
    kept, *_ = await create(
        user,
        {"forWorkspaceMemberId": own, "companyId": ACME, "viewId": BETA},
        {"forWorkspaceMemberId": own, link: record},
        {"forWorkspaceMemberId": str(other), link: record},
    )
    await forget_events(client)

    gone = await ask(client, f'delete{name}(id: "{record}") {{ deletedAt favorites {{ totalCount }} }}')
    assert gone["favorites"] == {"totalCount": 0}
    live = await user.data("{ favorites { edges { node { id } } } }")
    assert live["favorites"]["edges"] == [{"node": {"id": kept["id"]}}]
    log = await events(client)
    told = sorted((each.action, each.kind) for each in log)
    assert told == sorted([("deleted", kind), ("deleted", "favorite"), ("deleted", "favorite")])
    for each in log:
        assert each.before is not None
        assert each.after is not None
        assert each.before["deletedAt"] is None
        assert each.after["deletedAt"] == log[0].after["deletedAt"]  # type: ignore[index]
        assert each.actor["source"] == "API"

    back = await ask(client, f'restore{name}(id: "{record}") {{ favorites {{ totalCount }} }}')
    assert back == {"favorites": {"totalCount": 2}}
    log = (await events(client))[3:]
    assert sorted((each.action, each.kind) for each in log) == sorted(
        [("restored", kind), *[("restored", "favorite")] * 2]
    )


async def test_favorites_taken_away_before_stay_away(ines: tuple[Client, str]) -> None:
    user, own = ines
    (first,) = await create(user, {"forWorkspaceMemberId": own, "companyId": ACME})
    await ask(user, f'deleteFavorite(id: "{first["id"]}") {{ id }}')
    await ask(user, f'deleteCompany(id: "{ACME}") {{ id }}')
    await ask(user, f'restoreCompany(id: "{ACME}") {{ id }}')

    assert await favorites(user) == []


async def test_a_favorite_made_of_a_deleted_record_is_not_there_twice_afterwards(ines: tuple[Client, str]) -> None:
    user, own = ines
    await create(user, {"forWorkspaceMemberId": own, "companyId": ACME})
    await ask(user, f'deleteCompany(id: "{ACME}") {{ id }}')
    await create(user, {"forWorkspaceMemberId": own, "companyId": ACME})
    await ask(user, f'restoreCompany(id: "{ACME}") {{ id }}')

    assert await favorites(user) == [(own, ACME)]


async def test_many_records_take_their_favorites_along(ines: tuple[Client, str]) -> None:
    user, own = ines
    await create(user, *({"forWorkspaceMemberId": own, "companyId": company} for company in (ACME, BETA)))
    by_name = 'Companies(filter: {name: {in: ["A", "B"]}}) { favorites { totalCount } }'

    assert await ask(user, f"delete{by_name}") == [{"favorites": {"totalCount": 0}}] * 2
    assert await favorites(user) == []
    assert (
        await ask(user, f"restore{by_name.replace('{name', '{deletedAt: {is: NOT_NULL}, name')}")
        == [{"favorites": {"totalCount": 1}}] * 2
    )


async def test_an_upsert_that_revives_a_record_brings_them_back(ines: tuple[Client, str]) -> None:
    user, own = ines
    await create(user, {"forWorkspaceMemberId": own, "companyId": ACME})
    await ask(user, f'deleteCompany(id: "{ACME}") {{ id }}')
    await forget_events(user)

    revived = f'createCompanies(data: [{{id: "{ACME}"}}, {{name: "C"}}], upsert: true) {{ favorites {{ totalCount }} }}'
    assert await ask(user, revived) == [{"favorites": {"totalCount": 1}}, {"favorites": {"totalCount": 0}}]
    found = {(each.action, each.kind) for each in await events(user)}
    assert found == {("restored", "company"), ("restored", "favorite"), ("created", "company")}


async def test_merged_records_are_a_favorite_once(ines: tuple[Client, str], client: Client) -> None:
    user, own = ines
    _, other = await member(client, email="other@example.com")
    await create(
        user,
        {"forWorkspaceMemberId": own, "companyId": ACME},
        {"forWorkspaceMemberId": own, "companyId": BETA},
        {"forWorkspaceMemberId": str(other), "companyId": BETA},
    )
    merge = f'mergeCompanies(ids: ["{ACME}", "{BETA}"], conflictPriorityIndex: 0) {{ favorites {{ totalCount }} }}'

    assert await ask(user, merge) == {"favorites": {"totalCount": 2}}
    assert await favorites(user) == sorted([(own, ACME), (str(other), ACME)])
    dropped = [each for each in await events(client, object_name="favorite") if each.action == "deleted"]
    assert len(dropped) == 1
