import pytest

from bench.pgbench import Pgbench, PgbenchFailed, Rate, connection_variables, find_pgbench, steady_rate
from bench.statement import Statement, script
from bench.templates import RANDOM, SERIAL

REPORT = """transaction type: statement.sql
number of transactions actually processed: 3000
number of failed transactions: {failed} (0.000%)
latency average = 6.0 ms
tps = 1500.000000 (without initial connection time)
"""
PROGRESS = "progress: 1.0 s, 1000.0 tps, lat 9.000 ms stddev 1.0, 0 failed\nprogress: 2.0 s, 2000.0 tps, lat 5.0 ms\n"


def test_the_first_second_does_not_count() -> None:
    assert steady_rate(REPORT.format(failed=0), PROGRESS) == Rate(tps=2000.0, transactions=3000)


@pytest.mark.parametrize(("report", "progress"), [(REPORT.format(failed=3), PROGRESS), ("?", PROGRESS), (REPORT, "")])
def test_a_report_that_is_not_one_of_success_fails(report: str, progress: str) -> None:
    with pytest.raises(PgbenchFailed):
        steady_rate(report, progress)


def test_the_address_is_told_without_a_command_line() -> None:
    variables = connection_variables("postgresql://us%65r:s%20ecret@/db?host=%2Ftmp%2Fx&port=5433")
    options = variables.pop("PGOPTIONS")
    assert variables == {
        "PGHOST": "/tmp/x",
        "PGPORT": "5433",
        "PGUSER": "user",
        "PGPASSWORD": "s ecret",
        "PGDATABASE": "db",
        "PGAPPNAME": "pgbench",
    }
    assert "-c jit=off" in options


def test_a_statement_with_marks_runs_in_pgbench(server_dsn: str) -> None:
    statement = Statement(
        sql="""select 1 / (case when $1::text <> $2::text and '{"x":null}' like '%' || $3::text then 1 else 0 end)""",
        values=(f"a{RANDOM}", f"a{SERIAL}", ":null}"),
    )
    pgbench = Pgbench(program=find_pgbench(), dsn=server_dsn, clients=2)
    assert pgbench.run(script(statement, random_most=5), seconds=1, first=100).tps > 0


def test_an_error_of_the_statement_is_told(server_dsn: str) -> None:
    pgbench = Pgbench(program=find_pgbench(), dsn=server_dsn, clients=1)
    with pytest.raises(PgbenchFailed, match="division by zero"):
        pgbench.run(script(Statement(sql="select 1 / 0", values=()), random_most=1), seconds=1, first=0)
