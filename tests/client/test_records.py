"""What the clients do with records, against a server."""

from datetime import date
from itertools import pairwise
from uuid import UUID

import pytest

from rapport.client import Conflict, InvalidInput, NotFound, Unauthenticated
from rapport.client import RapportError as ClientError
from tests.client.apis import Api
from tests.client.conftest import Connect
from tests.client.flaky import losing
from tests.serving import Client as Served
from tests.serving import serving

NOBODY = "99999999-9999-4999-8999-999999999999"


async def test_a_record_is_created_read_changed_deleted_restored_and_destroyed(api: Api) -> None:
    made = await api.do(
        lambda c: c.people.create({"name": {"firstName": "John", "lastName": "Doe"}}, email="john@one.example")
    )
    assert made["name"] == {"firstName": "John", "lastName": "Doe"}
    assert made["emails"]["primaryEmail"] == "john@one.example"
    which = made["id"]

    assert (await api.do(lambda c: c.people.get(which, depth=0))) == made
    changed = await api.do(lambda c: c.people.update(which, {"phone": "+1234567890"}, city="Zürich, „Höngg“ \u2028"))
    assert (changed["phones"]["primaryPhoneNumber"], changed["city"]) == ("234567890", "Zürich, „Höngg“ \u2028")
    assert changed["name"] == made["name"]

    assert await api.do(lambda c: c.people.delete(which)) == {"id": which}
    with pytest.raises(NotFound):
        await api.do(lambda c: c.people.get(which))
    assert (await api.do(lambda c: c.people.restore(which)))["id"] == which
    assert (await api.do(lambda c: c.people.get(which)))["deletedAt"] is None
    assert await api.do(lambda c: c.people.destroy(which)) == {"id": which}
    with pytest.raises(NotFound):
        await api.do(lambda c: c.people.restore(which))


async def test_many_records_are_made_changed_and_removed_at_once(api: Api) -> None:
    made = await api.do(lambda c: c.companies.create_many({"name": f"Many {n}"} for n in range(4)))
    ids = [each["id"] for each in made]
    assert [each["name"] for each in made] == ["Many 0", "Many 1", "Many 2", "Many 3"]

    changed = await api.do(lambda c: c.companies.update_many({"id": each, "employees": 7} for each in ids[:2]))
    assert {each["id"]: each["employees"] for each in changed} == dict.fromkeys(ids[:2], 7)
    found = {"id": {"in": ids[2:]}}
    assert len(await api.do(lambda c: c.companies.update_where(found, {"employees": 9}))) == 2

    async def left() -> set[str]:
        page = await api.do(lambda c: c.companies.list(filter={"id": {"in": ids}}))
        return {each["id"] for each in page}

    assert {each["id"] for each in await api.do(lambda c: c.companies.delete_many([*ids[:2], NOBODY]))} == set(ids[:2])
    assert await left() == set(ids[2:])
    await api.do(lambda c: c.companies.delete_where({"employees": {"eq": 9}}))
    assert await left() == set()
    await api.do(lambda c: c.companies.restore_where({"id": {"in": ids}}))
    assert await left() == set(ids)
    await api.do(lambda c: c.companies.destroy_many(ids))
    assert await left() == set()
    with pytest.raises(NotFound):
        await api.do(lambda c: c.companies.restore(ids[0]))


async def test_what_is_there_is_updated_by_an_upsert(api: Api) -> None:
    first = await api.do(lambda c: c.people.upsert(email="upsert@one.example", city="Rome"))
    second = await api.do(lambda c: c.people.upsert({"email": "upsert@one.example", "jobTitle": "CEO"}))
    assert (second["id"], second["city"], second["jobTitle"]) == (first["id"], "Rome", "CEO")
    both = await api.do(
        lambda c: c.people.upsert_many([{"id": first["id"], "city": "Bern"}, {"email": "upsert@two.example"}])
    )
    assert [both[0]["id"], both[0]["city"]] == [first["id"], "Bern"]
    await api.do(lambda c: c.people.destroy_many(each["id"] for each in both))


async def test_duplicates_are_found_and_merged(api: Api) -> None:
    made = await api.do(
        lambda c: c.people.create_many({"name": {"firstName": "Ada", "lastName": "Twin"}, "city": n} for n in "AB")
    )
    ids = [each["id"] for each in made]

    (page,) = await api.do(lambda c: c.people.find_duplicates(ids=ids[:1]))
    assert ([each["id"] for each in page], page.total_count) == (ids[1:], 1)
    draft = {"name": {"firstName": "Ada", "lastName": "Twin"}}
    assert len((await api.do(lambda c: c.people.find_duplicates(data=[draft])))[0]) == 2

    assert (await api.do(lambda c: c.people.merge(ids, priority=1, dry_run=True)))["city"] == "B"
    merged = await api.do(lambda c: c.people.merge(ids, priority=1))
    assert merged["city"] == "B"
    left = await api.do(lambda c: c.people.list(filter={"id": {"in": ids}}))
    assert [each["id"] for each in left] == [merged["id"]]
    await api.do(lambda c: c.people.destroy(merged["id"]))


async def test_a_page_says_where_it_stands(api: Api) -> None:
    made = await api.do(lambda c: c.companies.create_many({"name": f"Page {n}", "employees": n} for n in range(5)))
    pages = {"filter": {"name": {"startsWith": "Page "}}, "order_by": {"employees": "DescNullsLast"}}

    page = await api.do(lambda c: c.companies.list(first=2, depth=0, **pages))
    assert [each["employees"] for each in page] == [4, 3]
    assert (len(page), page[-1]["employees"], page.total_count) == (2, 3, 5)
    assert page.page_info.has_next_page
    assert not page.page_info.has_previous_page
    second = await api.do(lambda c: c.companies.list(first=2, after=page.page_info.end_cursor, **pages))
    assert [each["employees"] for each in second] == [2, 1]
    back = await api.do(lambda c: c.companies.list(first=2, before=second.page_info.start_cursor, **pages))
    assert back.records == (await api.do(lambda c: c.companies.list(first=2, **pages))).records
    text = await api.do(
        lambda c: c.companies.list(filter='name[startsWith]:"Page "', order_by=["employees", "name"], offset=4)
    )
    assert [each["employees"] for each in text] == [4]
    await api.do(lambda c: c.companies.destroy_many(each["id"] for each in made))


async def test_iterating_gives_every_record_once_whatever_the_size_of_pages(api: Api) -> None:
    made = [
        each["id"]
        for start in (0, 50)
        for each in await api.do(
            lambda c, start: c.tasks.create_many(
                {"title": f"Walk {n % 7}", "dueAt": date(2026, 1, 1 + n % 3)} for n in range(start, start + 50)
            ),
            start,
        )
    ]
    asked = {"filter": {"title": {"startsWith": "Walk"}}, "order_by": [{"title": "DescNullsLast"}, "dueAt"]}

    for first in (7, 50, 100, 200):
        found = await api.all(lambda c, first: c.tasks.iterate(first=first, **asked), first)
        assert sorted(each["id"] for each in found) == sorted(made)
        keys = [(each["title"], each["dueAt"]) for each in found]
        assert all(one[0] > two[0] or (one[0] == two[0] and one[1] <= two[1]) for one, two in pairwise(keys))
    pages = await api.all(lambda c: c.tasks.pages(first=40, offset=10, **asked))
    assert [len(each) for each in pages] == [40, 40, 10]
    assert await api.all(lambda c: c.tasks.iterate(filter={"title": {"eq": "nothing"}})) == []
    await api.do(lambda c: c.tasks.delete_where({"title": {"startsWith": "Walk"}}))


async def test_records_are_counted_in_groups(api: Api) -> None:
    made = await api.do(
        lambda c: c.opportunities.create_many(
            {"name": f"Group {n}", "stage": stage, "closeDate": date(2026, 6, n)}
            for n, stage in enumerate(("NEW", "NEW", "MEETING"), start=1)
        )
    )
    rows = await api.do(lambda c: c.opportunities.group_by("stage", filter={"name": {"like": "Group%"}}))
    assert {each["groupByDimensionValues"][0]: each["totalCount"] for each in rows} == {"NEW": "2", "MEETING": "1"}
    months = await api.do(
        lambda c: c.opportunities.group_by(
            [{"closeDate": {"granularity": "MONTH"}}],
            aggregate=["countNotEmptyId"],
            order_by="aggregate.countNotEmptyId[DescNullsLast]",
            include_records_sample=True,
        )
    )
    assert (months[0]["countNotEmptyId"], len(months[0]["records"])) == ("3", 3)
    await api.do(lambda c: c.opportunities.destroy_many(each["id"] for each in made))


async def test_objects_and_fields_are_made_and_their_records_are_reached_by_name(api: Api) -> None:
    made = await api.do(
        lambda c: c.metadata.objects.create(
            nameSingular="moonBase", namePlural="moonBases", labelSingular="Moon base", labelPlural="Moon bases"
        )
    )
    field = await api.do(
        lambda c: c.metadata.fields.create(objectMetadataId=made["id"], name="crew", label="Crew", type="NUMBER")
    )
    base = await api.do(lambda c: c.moon_bases.create(name="Alpha", crew=311))
    assert (await api.do(lambda c: c.objects("moonBases").get(base["id"])))["crew"] == 311
    assert (await api.do(lambda c: c.moonBases.list())).total_count == 1

    changed = await api.do(lambda c: c.metadata.objects.update(made["id"], {"labelPlural": "Bases on the moon"}))
    assert changed["labelPlural"] == "Bases on the moon"
    custom = await api.do(lambda c: c.metadata.objects.list(filter={"isCustom": {"is": True}}))
    assert [each["nameSingular"] for each in custom] == ["moonBase"]
    fields = await api.all(lambda c: c.metadata.fields.iterate(first=150))
    assert field["id"] in {each["id"] for each in fields}
    assert len({each["id"] for each in fields}) == len(fields) > 300
    for kind, which in (("fields", field["id"]), ("objects", made["id"])):
        await api.do(lambda c, kind, which: getattr(c.metadata, kind).update(which, isActive=False), kind, which)
        await api.do(lambda c, kind, which: getattr(c.metadata, kind).delete(which), kind, which)
    with pytest.raises(InvalidInput, match="moonBases"):
        await api.do(lambda c: c.moon_bases.list())


async def test_graphql_gives_its_data_or_raises_its_first_error(api: Api) -> None:
    create = "mutation ($city: String) { createPerson(data: {city: $city}) { id city } }"
    made = await api.do(lambda c: c.graphql(create, {"city": "Oslo"}))
    assert made["createPerson"]["city"] == "Oslo"
    await api.do(lambda c: c.people.destroy(made["createPerson"]["id"]))

    two = "query A { people { totalCount } } query B { companies { totalCount } }"
    assert await api.do(lambda c: c.graphql(two, operation_name="A")) == {"people": {"totalCount": 0}}
    with pytest.raises(NotFound, match="Record not found") as caught:
        await api.do(lambda c: c.graphql("query ($id: UUID!) { person(id: $id) { id } }", {"id": NOBODY}))
    assert (caught.value.status, caught.value.code, caught.value.details["path"]) == (404, "NOT_FOUND", ["person"])
    for broken in (
        "{ people { totalCount",
        "{ nothings { id } }",
        "query ($a: Int!) { people(first: $a) { totalCount } }",
    ):
        with pytest.raises(InvalidInput):
            await api.do(lambda c, broken: c.graphql(broken), broken)


@pytest.mark.parametrize("shape", ["nested", "flat"])
async def test_errors_are_of_the_class_of_what_happened(served: Served, connect: Connect, shape: str) -> None:
    async with (
        serving(served.database, served.tenant, rest_error_shape=shape) as server,
        connect(server.url, served.tenant.key) as api,
        connect(server.url, None) as stranger,
        connect(server.url, "sk_live_" + "0" * 43) as impostor,
    ):
        with pytest.raises(NotFound, match="Record not found") as missing:
            await api.do(lambda c: c.people.get(NOBODY))
        assert missing.value.status == 404
        assert missing.value.code == ("NOT_FOUND" if shape == "nested" else "RECORD_NOT_FOUND")
        if shape == "nested":
            assert missing.value.details["subCode"] == "RECORD_NOT_FOUND"

        made = await api.do(lambda c: c.people.create(email="taken@one.example"))
        with pytest.raises(Conflict, match=r"^A duplicate entry was detected") as taken:
            await api.do(lambda c: c.people.create(email="taken@one.example"))
        assert taken.value.status == 409
        await api.do(lambda c: c.people.destroy(made["id"]))

        for wrong in (
            lambda c: c.people.get("not-an-id"),
            lambda c: c.people.create(nothing=1),
            lambda c: c.people.create_many([{"city": "x"}] * 61),
            lambda c: c.people.list(filter={"nothing": {"eq": 1}}),
            lambda c: c.people.list(order_by={"city": "Sideways"}),
            lambda c: c.people.list(first=-1),
            lambda c: c.people.update_where({}, {"city": "x"}),
            lambda c: c.people.find_duplicates(),
            lambda c: c.persons.list(),
            lambda c: c.objects("../graphql?").list(),
        ):
            with pytest.raises(InvalidInput) as refused:
                await api.do(wrong)
            assert refused.value.messages[0] == str(refused.value)
        for nobody in (stranger, impostor):
            with pytest.raises(Unauthenticated) as unknown:
                await nobody.do(lambda c: c.people.list())
            assert unknown.value.status == 401
            assert isinstance(unknown.value, ClientError)


async def test_values_that_json_does_not_know(api: Api) -> None:
    wished = UUID("019f0000-0000-7000-8000-000000000001")
    made = await api.do(lambda c: c.opportunities.create(id=wished, name="Typed", closeDate=date(2026, 6, 30)))
    assert (made["id"], made["closeDate"][:10]) == (str(wished), "2026-06-30")
    await api.do(lambda c: c.opportunities.destroy(str(wished)))
    for misspelt in (lambda c: c.people.list(frist=1), lambda c: c.people.group_by("city", firts=1)):
        with pytest.raises(TypeError, match=r"unexpected keyword argument 'f(rist|irts)'"):
            await api.do(misspelt)
    with pytest.raises(TypeError, match="unexpected keyword argument 'before'"):
        await api.all(lambda c: c.people.iterate(before="x"))
    with pytest.raises(TypeError, match="set is nothing that JSON can hold"):
        await api.do(lambda c: c.people.create(city={1}))


async def test_what_is_sent_again_because_its_answer_was_lost_is_done_once(served: Served, connect: Connect) -> None:
    key = served.tenant.key
    async with losing(served.url, first=2) as url, connect(url, key) as api:
        made = await api.do(lambda c: c.people.create(city="Once"))
        found = await api.do(lambda c: c.people.list(filter={"city": {"eq": "Once"}}))
        assert [each["id"] for each in found] == [made["id"]]
    async with losing(served.url, first=1) as url, connect(url, key) as api:
        both = await api.do(lambda c: c.people.create_many([{"city": "Once"}, {"city": "Once"}]))
        assert (await api.do(lambda c: c.people.list(filter={"city": {"eq": "Once"}}))).total_count == 3
    for verb in ("update", "delete", "restore", "destroy"):
        async with losing(served.url, first=1) as url, connect(url, key) as api:
            done = await api.do(lambda c, verb: getattr(c.people, verb)(made["id"]), verb)
            assert done["id"] == made["id"]
    async with losing(served.url, first=1) as url, connect(url, key) as api:
        await api.do(lambda c: c.people.destroy_many(each["id"] for each in both))
        assert (await api.do(lambda c: c.people.list(filter={"city": {"eq": "Once"}}))).total_count == 0
