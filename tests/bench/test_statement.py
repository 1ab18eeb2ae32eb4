import json
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from bench.statement import Statement, as_text, first_serial, script, with_fresh_ids
from bench.templates import RANDOM, SERIAL


def test_parameters_become_variables_of_pgbench() -> None:
    told = script(Statement(sql="select $1::uuid[], $2::text, $1::uuid[]", values=(["a"], "it's")), random_most=10)
    assert told.text == "select :p1::uuid[], :p2::text, :p1::uuid[];\n"
    assert told.variables == {"p1": '{"a"}', "p2": "it's"}


def test_a_missing_value_is_written_into_the_statement() -> None:
    told = script(Statement(sql="select $1::uuid", values=(None,)), random_most=10)
    assert told.text == "select null::uuid;\n"


def test_marks_are_replaced_by_numbers_of_pgbench() -> None:
    told = script(Statement(sql="select $1::text, $2::text", values=(f"x{RANDOM}", f"y{SERIAL}")), random_most=10)
    random, serial = (
        f"replace(:p{number}, '{mark}', lpad(:{name}, 12, '0'))"
        for number, mark, name in ((1, RANDOM, "random"), (2, SERIAL, "serial"))
    )
    assert told.text.splitlines() == [
        "\\set random random(1, 10)",
        "\\set count :count + 1",
        "\\set serial :first + :client_id * 1000000 + :count",
        f"select {random}::text, {serial}::text;",
    ]
    assert told.variables == {"p1": f"x{RANDOM}", "p2": f"y{SERIAL}", "count": "0"}


def test_text_that_looks_like_a_variable_is_hidden_from_pgbench() -> None:
    told = script(Statement(sql="""select '{"n":null,"b\\":"' || 'it''s:x $1::text'""", values=()), random_most=1)
    assert told.text == """select E'{"n"\\x3anull,"b\\\\":"' || E'it''s\\x3ax $1:\\x3atext';\n"""


def test_a_name_that_looks_like_a_variable_is_refused() -> None:
    with pytest.raises(ValueError, match="variable"):
        script(Statement(sql='select "a:b"', values=()), random_most=1)


def test_a_parameter_without_a_type_is_refused() -> None:
    with pytest.raises(ValueError, match="no type"):
        script(Statement(sql="select $1", values=("x",)), random_most=1)


def test_rows_get_ids_of_the_moment() -> None:
    moment = 0x0197_A000_1234
    rows = json.loads(with_fresh_ids('[{"id": "x", "city": "Žilina"}, {"id": "y"}]', moment))
    assert rows == [
        {"id": f"0197a000-1234-7000-8000-{SERIAL}", "city": "Žilina"},
        {"id": f"0197a000-1234-7001-8000-{SERIAL}"},
    ]
    assert UUID(rows[1]["id"]).version == 7


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (7, "7"),
        (Decimal("1.50"), "1.50"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (datetime(2026, 1, 2, 3, tzinfo=UTC), "2026-01-02T03:00:00+00:00"),
        (['a"b', "c\\d", None], '{"a\\"b","c\\\\d",null}'),
    ],
)
def test_values_are_written_as_postgresql_reads_them(value: object, text: str) -> None:
    assert as_text(value) == text


def test_no_two_clients_or_turns_share_a_serial() -> None:
    assert first_serial(1, 999) + 999_999 < first_serial(2, 0)
    assert first_serial(1, 1) + 999_999 < first_serial(1, 2)
