"""All metrics of ours, and what they mean."""

from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A row of the table. The name of a counter ends in `_total`."""

    name: str
    help: str
    labels: tuple[str, ...] = ()
    kind: Literal["gauge", "counter"] = "gauge"


# The name of a metric, the values of its labels, and its value.
Sample: TypeAlias = tuple[str, tuple[str, ...], float]

# Of the whole installation: every process tells the same.
SHARED = (
    Metric(name="rapport_database_up", help="Whether the database has answered: 1 or 0."),
    Metric(
        name="rapport_event_lag_seconds",
        help="Age of the oldest event that a reader has not read, over all workspaces; 0 when it has read all.",
        labels=("reader",),
    ),
    Metric(
        name="rapport_events_unread",
        help="Events that a reader has not read, over all workspaces, each counted up to about 1,000.",
        labels=("reader",),
    ),
    Metric(
        name="rapport_event_logs_unread",
        help="Workspaces with events that a reader has not read.",
        labels=("reader",),
    ),
    Metric(name="rapport_jobs_waiting", help="Jobs that wait, also for their time.", labels=("name",)),
    Metric(name="rapport_jobs_running", help="Jobs that are being done.", labels=("name",)),
    Metric(name="rapport_jobs_dead", help="Dead letters: jobs that failed for good.", labels=("name",)),
    Metric(
        name="rapport_jobs_oldest_seconds",
        help="For how long the job has waited that should have been begun first.",
        labels=("name",),
    ),
    Metric(name="rapport_webhook_deliveries_waiting", help="Deliveries to webhooks that wait, up to 100,000."),
    Metric(name="rapport_webhook_deliveries_dead", help="Deliveries that were given up, up to 100,000."),
    Metric(name="rapport_webhook_oldest_seconds", help="For how long the oldest delivery has waited."),
)

# Of the process that is asked.
OWN = (
    Metric(name="rapport_info", help="Always 1.", labels=("version",)),
    Metric(
        name="rapport_requests_total",
        help="Requests that were answered, by API (graphql, rest) and class of the status (2xx, 4xx …).",
        labels=("api", "status"),
        kind="counter",
    ),
    Metric(name="rapport_database_connections", help="Connections to PostgreSQL in use and idle.", labels=("state",)),
    Metric(name="rapport_database_connections_most", help="Connections to PostgreSQL that the process may open."),
    Metric(name="rapport_database_waiting", help="Who waits for a connection to PostgreSQL."),
    Metric(name="rapport_live_connections", help="WebSockets and streams of events that are open."),
    Metric(name="rapport_live_followers", help="Subscriptions and feeds that follow the events of a workspace."),
    Metric(name="rapport_live_logs", help="Workspaces whose events are followed."),
)

METRICS = (*SHARED, *OWN)
