"""`GET /metrics` and what `GET /healthz` says of events."""

from collections.abc import AsyncIterator, Mapping

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from rapport.base.ids import new_id
from rapport.edge.metrics.known import METRICS
from rapport.events.lag import MOST_COUNTED
from rapport.jobs.queue import Jobs
from tests.conftest import Inhabited
from tests.jobs.working import away, enqueue
from tests.serving import Client, serving

TOKEN = "a token of the tests only"
CREATE = "mutation { createPeople(data: [{}, {}, {}]) { id } }"


@pytest.fixture
async def watched(inhabited: Inhabited) -> AsyncIterator[Client]:
    """A server that tells its metrics, without anybody who reads events or does jobs."""
    async with serving(inhabited.database, inhabited.tenant, metrics_token=TOKEN) as client:
        yield client


async def ask(client: Client, **headers: str) -> httpx.Response:
    return await client.http.get(f"{client.url}/metrics", headers=headers)


async def scrape(client: Client) -> Mapping[str, Mapping[tuple[str, ...], float]]:
    """The samples of a scrape, by name and values of labels. It must be what Prometheus can read."""
    answer = await ask(client, Authorization=f"Bearer {TOKEN}")
    assert answer.status_code == 200
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


async def test_without_a_setting_there_is_no_such_page(client: Client) -> None:
    nowhere = await client.http.get(f"{client.url}/nowhere")
    answer = await ask(client, Authorization=f"Bearer {TOKEN}")
    assert (answer.status_code, answer.content) == (404, nowhere.content)


@pytest.mark.parametrize("given", [None, "", "Bearer", "Bearer x", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer ü"])
async def test_only_who_knows_the_token_sees_metrics(watched: Client, given: str | None) -> None:
    headers = {} if given is None else {"Authorization": given.encode()}
    answer = await watched.http.get(f"{watched.url}/metrics", headers=headers)  # type: ignore[arg-type]
    assert (answer.status_code, answer.content, answer.headers["WWW-Authenticate"]) == (401, b"", "Bearer")


async def test_an_api_key_opens_nothing_there(watched: Client) -> None:
    assert (await ask(watched, Authorization=f"Bearer {watched.tenant.key}")).status_code == 401


async def test_a_scrape_is_text_that_prometheus_reads_with_every_metric_in_it(watched: Client) -> None:
    answer = await ask(watched, Authorization=f"Bearer {TOKEN}")
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert answer.headers["Cache-Control"] == "no-store"
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    for metric in METRICS:
        family = families[metric.name.removesuffix("_total")]
        assert (family.type, family.documentation) == (metric.kind, metric.help)
        assert all(tuple(sample.labels) == metric.labels for sample in family.samples)
    assert {"process_resident_memory_bytes", "process_cpu_seconds"} <= families.keys()


async def test_a_scraper_that_asks_for_openmetrics_gets_it(watched: Client) -> None:
    accept = "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"
    answer = await ask(watched, Authorization=f"Bearer {TOKEN}", Accept=accept)
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    assert answer.text.endswith("# EOF\n")


async def test_events_that_nobody_has_read_are_told(watched: Client) -> None:
    await watched.data(CREATE)
    await watched.database.execute(
        f"""update {watched.tenant.schema}.event set "happenedAt" = now() - interval '100 seconds'"""
    )
    samples = await scrape(watched)
    for reader in (("timeline",), ("webhooks",)):
        assert 100 <= samples["rapport_event_lag_seconds"][reader] < 200
        assert samples["rapport_events_unread"][reader] == 3
        assert samples["rapport_event_logs_unread"][reader] == 1


async def test_a_long_way_behind_is_counted_to_a_limit(watched: Client) -> None:
    await watched.database.execute(
        f'insert into {watched.tenant.schema}.event (action, object, "recordId") '
        "select 'created', 'person', gen_random_uuid() from generate_series(1, 3000)"
    )
    assert (await scrape(watched))["rapport_events_unread"]["webhooks",] == MOST_COUNTED


async def test_who_has_read_all_is_not_behind(watched: Client) -> None:
    samples = await scrape(watched)
    assert samples["rapport_event_lag_seconds"] == {("timeline",): 0, ("webhooks",): 0}
    assert samples["rapport_event_logs_unread"] == {("timeline",): 0, ("webhooks",): 0}


async def test_jobs_are_told_by_name_and_state(watched: Client) -> None:
    database = watched.database
    for name in ("mail.send", "mail.send", "other"):
        await enqueue(database, name)
    await database.execute(
        "update core.job set execute_after = now() - interval '60 seconds' where entrypoint = 'other'"
    )
    await database.execute(
        "update core.job set status = 'failed' where id = (select max(id) from core.job where entrypoint = 'mail.send')"
    )
    assert len(await Jobs().listed(database)) == 3
    samples = await scrape(watched)
    assert samples["rapport_jobs_waiting"] == {("mail.send",): 1, ("other",): 1}
    assert samples["rapport_jobs_dead"] == {("mail.send",): 1, ("other",): 0}
    assert samples["rapport_jobs_running"] == {("mail.send",): 0, ("other",): 0}
    assert 60 <= samples["rapport_jobs_oldest_seconds"]["other",] < 120


async def test_deliveries_to_webhooks_are_told(watched: Client) -> None:
    database, workspace_id, webhook_id = watched.database, watched.tenant.workspace_id, new_id()
    await database.execute(
        'insert into core.webhook (id, "workspaceId", "targetUrl") values ($1, $2, $3)',
        webhook_id,
        workspace_id,
        "https://example.com",
    )
    delivered = (("waiting", new_id()), ("waiting", new_id()), ("dead", new_id()), ("delivered", new_id()))
    for state, event_id in (*delivered, ("dead", None)):  # the last one was a test
        await database.execute(
            'insert into core."webhookDelivery" '
            '(id, "workspaceId", "webhookId", "eventName", body, state, "eventId", "createdAt") '
            "values ($1, $2, $3, 'person.created', '{}', $4, $5, now() - interval '30 seconds')",
            new_id(),
            workspace_id,
            webhook_id,
            state,
            event_id,
        )
    samples = await scrape(watched)
    assert samples["rapport_webhook_deliveries_waiting"] == {(): 2}
    assert samples["rapport_webhook_deliveries_dead"] == {(): 1}
    assert 30 <= samples["rapport_webhook_oldest_seconds"][()] < 90


async def test_requests_are_counted_by_api_and_class_of_status(watched: Client) -> None:
    await watched.data("{ __typename }")
    await watched.http.post(f"{watched.url}/graphql", json={"query": "{ people { totalCount } }"})
    key = {"Authorization": f"Bearer {watched.tenant.key}"}
    for path in ("people", "people", "nowhere"):
        await watched.http.get(f"{watched.url}/rest/{path}", headers=key)
    await watched.http.get(f"{watched.url}/rest/people")
    requests = (await scrape(watched))["rapport_requests_total"]
    assert {labels: value for labels, value in requests.items() if value} == {
        ("graphql", "2xx"): 1,
        ("graphql", "4xx"): 1,
        ("rest", "2xx"): 2,
        ("rest", "4xx"): 2,
    }


async def test_connections_to_the_database_are_told(watched: Client) -> None:
    async with watched.database.transaction() as connection:
        await connection.value("select 1")
        samples = await scrape(watched)
    assert samples["rapport_database_connections"]["in_use",] == 1
    assert samples["rapport_database_connections"]["idle",] >= 1
    assert samples["rapport_database_connections_most"] == {(): 5}
    assert samples["rapport_database_waiting"] == {(): 0}


async def test_metrics_of_the_process_are_there_when_the_database_is_not(watched: Client, server_dsn: str) -> None:
    async with away(watched.database, server_dsn):
        samples = await scrape(watched)
    assert samples["rapport_database_up"] == {(): 0}
    assert "rapport_jobs_waiting" not in samples
    assert "rapport_database_waiting" in samples


# -- health ----------------------------------------------------------------------------------------------------------


async def test_health_tells_how_far_readers_are_behind_and_is_well_all_the_same(client: Client) -> None:
    await client.data(CREATE)
    await client.database.execute(
        f"""update {client.tenant.schema}.event set "happenedAt" = now() - interval '2 days'"""
    )
    answer = await client.http.get(f"{client.url}/healthz")
    told = answer.json()
    seconds = told["info"]["events"].pop("lagSeconds")
    assert (answer.status_code, told) == (
        200,
        {
            "status": "ok",
            "info": {"events": {"status": "up"}},
            "error": {},
            "details": {"events": {"status": "up", "lagSeconds": seconds}},
        },
    )
    assert 2 * 86_400 <= seconds < 2 * 86_400 + 600


async def test_health_is_well_while_nobody_knows_how_far_readers_are(client: Client) -> None:
    await client.database.script('alter table core."eventReader" rename to "elsewhere"')
    answer = await client.http.get(f"{client.url}/healthz")
    assert (answer.status_code, answer.json()["info"]) == (200, {"events": {"status": "up", "lagSeconds": None}})
