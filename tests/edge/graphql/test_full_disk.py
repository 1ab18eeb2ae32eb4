"""While PostgreSQL has no room, changes are refused for the moment; what is read goes on."""

import structlog

from tests.serving import Client

CREATE = 'mutation { createPerson(data: { city: "Oslo" }) { id } }'
FULL = "The database's disk is full. Nothing can be changed until there is room on it."


async def test_changes_say_that_the_disk_is_full_and_reads_go_on(client: Client) -> None:
    function = """
        create function core.no_room() returns trigger language plpgsql as
        $$ begin raise exception 'could not extend file "base/5/16384"' using errcode = 'disk_full'; end $$;"""
    trigger = f'create trigger no_room before insert on "{client.tenant.schema}".person execute function core.no_room()'
    await client.database.script(function + trigger)
    with structlog.testing.capture_logs() as logged:
        answer = (await client.post(CREATE)).json()
    (error,) = answer["errors"]
    assert (error["message"], error["extensions"]["statusCode"]) == (FULL, 503)
    assert answer["data"] == {"createPerson": None}
    assert [each["event"] for each in logged if each["log_level"] == "error"] == ["PostgreSQL lacks what it needs"]
    assert not any("exc_info" in each for each in logged)

    headers = {"Authorization": f"Bearer {client.tenant.key}"}
    response = await client.http.post(f"{client.url}/rest/people", json={"city": "Oslo"}, headers=headers)
    assert response.status_code == 503
    assert FULL in response.text
    assert await client.ask("{ people { totalCount } }") == {"data": {"people": {"totalCount": 0}}}
    assert (await client.http.get(f"{client.url}/healthz")).status_code == 200
