"""What PgQueuer's tables are called here, and nothing from the environment, where it would look by itself."""

from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.domain.types import Channel

CHANNEL = Channel("rapport_job")


def names() -> DBSettings:
    """The tables of the migration 0003_jobs."""
    return DBSettings(
        prefix="",
        db_schema="core",
        channel=CHANNEL,
        queue_table="job",
        queue_table_log="job_log",
        schedules_table="job_schedule",
        statistics_table="job_statistics",
        queue_status_type="job_status",
        function="job_changed",
        trigger="job_changed",
        durability=Durability.durable,
        widen_id=False,
    )
