"""Documents with several root fields that write: what was done is told, whatever happens to the rest."""

from tests.serving import Client

_BOTH = 'mutation { a: createPerson(data: {city: "A"}) { city } b: createCompany(data: {name: "B"}) { name } }'


async def test_a_change_is_told_even_when_the_next_one_fails_for_a_reason_that_nobody_foresaw(client: Client) -> None:
    schema = client.tenant.schema
    await client.database.script(
        f"create function \"{schema}\".broken() returns trigger language plpgsql as $$ begin raise 'broken'; end $$;"
        f'create trigger broken before insert on "{schema}".company execute function "{schema}".broken()'
    )
    answer = (await client.post(_BOTH)).json()
    (error,) = answer["errors"]
    assert answer["data"] == {"a": {"city": "A"}, "b": None}
    assert (error["path"], error["message"]) == (["b"], "Internal server error")
    assert await client.data("{ people { totalCount } }") == {"people": {"totalCount": 1}}


async def test_a_document_whose_data_does_not_fit_signs_nobody_in(client: Client) -> None:
    before = await client.database.value('select count(*) from core."appToken"')
    answer = (
        await client.post(
            'mutation { signIn(email: "x@example.com", password: "no such user") { tokens { accessToken { token } } }'
            " createPerson(data: {nope: 1}) { id } }"
        )
    ).json()
    assert [error["message"] for error in answer["errors"]] == [
        'Field "nope" is not defined by type "PersonCreateInput". Did you mean "name"?'
    ]
    assert "data" not in answer
    assert await client.database.value('select count(*) from core."appToken"') == before
