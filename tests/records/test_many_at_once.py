"""Changes of many records at once, of a table that PostgreSQL has no statistics of."""

import pytest

from tests.serving import Client

_MANY = 8_000


@pytest.mark.parametrize("verb", ["delete", "update", "destroy"])
async def test_thousands_of_new_records_are_changed_before_the_statement_times_out(client: Client, verb: str) -> None:
    await client.database.execute(
        f'insert into "{client.tenant.schema}".person (id, city, position)'
        " select gen_random_uuid(), 'A', n from generate_series(1, $1::int) n",
        _MANY,
    )
    data = ', data: {jobTitle: "x"}' if verb == "update" else ""
    changed = await client.data(f'mutation {{ {verb}People(filter: {{city: {{eq: "A"}}}}{data}) {{ id }} }}')
    events = await client.database.value(f'select count(*) from "{client.tenant.schema}".event')
    assert (len(changed[f"{verb}People"]), events) == (_MANY, _MANY)
