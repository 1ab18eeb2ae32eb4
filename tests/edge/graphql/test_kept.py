"""Answers that follow from the data model are made once, and for nothing but them."""

from uuid import UUID

import pytest

from rapport.edge.graphql.kept import KeptAnswers
from rapport.edge.graphql.model import Model
from rapport.edge.graphql.system.sources import read_sources
from rapport.metadata.catalog import Catalog, WorkspaceId
from tests.datamodel.asking import announce, until
from tests.recording import looks_only, recording
from tests.roles.asking import person, role
from tests.serving import Client, make_tenant

ONE = "{ objects(paging: { first: 1 }) { edges { node { labelSingular } } } }"


def model(whole: Model | None = None) -> Model:
    catalog = Catalog(workspace_id=WorkspaceId(UUID(int=1)), schema="s", version=1, objects=())
    return Model(catalog, whole=whole)


async def test_the_same_question_needs_no_more_than_a_look_at_the_models_version(client: Client) -> None:
    async with recording(client) as recorder:
        answer, (_,) = await recorder.ask(ONE)
        second, statements = await recorder.ask(ONE)
        assert second == answer
        assert looks_only(statements)
        assert not looks_only((await recorder.ask(ONE.replace("1", "2")))[1])
        assert not looks_only((await recorder.ask("query($a: Int) " + ONE.replace("1", "$a"), {"a": 1}))[1])
        assert looks_only((await recorder.ask("query($a: Int) " + ONE.replace("1", "$a"), {"a": 1}))[1])
        assert not looks_only((await recorder.ask("query($a: Int) " + ONE.replace("1", "$a"), {"a": 2}))[1])
        again = "{ __typename " + ONE.removeprefix("{")
        assert not looks_only((await recorder.ask(again))[1])
        kept, statements = await recorder.ask(again)
        assert kept == {"data": {"__typename": "Query", **answer["data"]}}  # type: ignore[dict-item]
        assert looks_only(statements)


async def test_what_does_not_only_follow_from_the_model_is_asked_again(client: Client) -> None:
    async with recording(client) as recorder:
        for query in (
            "{ people { totalCount } " + ONE.removeprefix("{"),
            "{ apiKeys { name } " + ONE.removeprefix("{"),
            '{ object(id: "99999999-9999-4999-8999-999999999999") { id } }',
            "{ objects(paging: { first: 1 }) { edges { cursor } } ...F } fragment F on Query { apiKeys { id } }",
        ):
            first, statements = await recorder.ask(query)
            again = await recorder.ask(query)
            assert again == (first, statements), query
            assert statements


async def test_a_change_of_the_model_is_seen_by_all_servers(client: Client) -> None:
    other = client.as_tenant(await make_tenant(client.database, "Other"))
    async with recording(client) as recorder:
        servers = (client, recorder.client)
        before = [(await each.data(ONE))["objects"]["edges"] for each in (*servers, other)]
        assert before == [[{"node": {"labelSingular": "Company"}}]] * 3
        await client.database.execute(
            'update core."objectMetadata" set "labelSingular" = \'Firm\' where "nameSingular" = \'company\''
        )
        assert [(await each.data(ONE))["objects"]["edges"] for each in servers] == before[:2]  # nobody has said so
        await announce(client)
        for each in servers:
            await until(each, ONE, lambda found: found == [{"labelSingular": "Firm"}])
        assert (await other.data(ONE))["objects"]["edges"] == before[2]  # whose model did not change


async def test_roles_share_the_answers(client: Client) -> None:
    blind = await role(client, "Blind")
    member, _ = await person(client, "blind@example.com", role_id=blind)
    async with recording(client) as recorder:
        answer, _ = await recorder.ask(ONE)
        reader = recorder.client.as_tenant(member.tenant)
        await reader.data("{ __typename }")
        recorder.log.clear()
        assert await reader.ask(ONE) == answer
        assert looks_only(recorder.log)


async def test_the_cost_is_told_of_kept_answers_too(client: Client) -> None:
    plain = await client.ask(ONE)
    client.headers = {"X-Rapport-Cost": "1"}
    assert await client.ask(ONE) == {**plain, "extensions": {"cost": {"cost": 0, "limit": 1_000_000}}}


def test_what_was_used_longest_ago_goes_first() -> None:
    kept, mine = KeptAnswers(most_bytes=2_100), model()
    keys = [kept.key(mine, "q", None, {"n": number}) for number in range(3)]
    size = 2_100 // 3 - 500 - len("q{'n': 0}")  # an entry takes room, too
    for key in keys:
        kept.put(key, b"x" * size)
    assert kept.get(keys[0]) is not None
    kept.put(kept.key(mine, "q", "A", {"n": 0}), b"y")
    assert [kept.get(key) is not None for key in keys] == [True, False, True]
    kept.put(keys[0], b"z" * 1_000)  # no answer takes more than half
    assert kept.get(keys[0]) == b"x" * size


def test_a_model_is_forgotten_with_its_answers() -> None:
    kept, mine, theirs = KeptAnswers(), model(), model()
    seen = model(whole=mine)
    kept.put(kept.key(mine, "q", None, {}), b"mine")
    kept.put(kept.key(theirs, "q", None, {}), b"theirs")
    assert kept.get(kept.key(seen, "q", None, {})) == b"mine"
    kept.forget(seen)
    assert kept.get(kept.key(mine, "q", None, {})) == b"mine"
    kept.forget(mine)
    assert kept.get(kept.key(mine, "q", None, {})) is None
    assert kept.get(kept.key(theirs, "q", None, {})) == b"theirs"


def test_true_and_one_are_different_values() -> None:
    keys = {KeptAnswers.key(mine, "q", None, {"v": value}) for mine in [model()] for value in (1, True, 1.0, "1", None)}
    assert len(keys) == 5


@pytest.mark.parametrize("access", ["who: PUBLIC", "who: PERSON", "who: MEMBER, flag: DATA_MODEL"])
def test_only_what_all_members_may_see_can_be_kept(access: str) -> None:
    with pytest.raises(ValueError, match="thing is kept for all members, so all of them must be allowed to call it"):
        read_sources([f"extend type Query {{ thing: Int @access({access}) @ofModel }}"])
