import pytest

from bench.options import Options, WrongOption
from rapport.base.settings import Settings

KNOWN = ("a", "b", "c")


def test_without_variables_every_case_is_measured() -> None:
    options = Options.from_environment(KNOWN, {})
    assert options == Options(cases=KNOWN, seconds=5, data_dir=None, database_url=None, pool_size=Settings().pool_size)


def test_cases_are_picked_by_name_and_keep_their_order() -> None:
    assert Options.from_environment(KNOWN, {"BENCH_CASES": " c, a"}).cases == ("a", "c")


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("BENCH_CASES", "a,z", "there is no case z; there are a, b, c"),
        ("BENCH_SECONDS", "0", "BENCH_SECONDS must be a whole number from 1 to 600, not '0'"),
        ("BENCH_SECONDS", "soon", "BENCH_SECONDS must be a whole number from 1 to 600, not 'soon'"),
    ],
)
def test_a_wrong_value_is_named(variable: str, value: str, said: str) -> None:
    with pytest.raises(WrongOption, match=said):
        Options.from_environment(KNOWN, {variable: value})


@pytest.mark.parametrize("seconds", [1, 2, 5, 9, 60])
def test_the_turns_add_up_to_the_length_of_a_case(seconds: int) -> None:
    slices = Options(cases=KNOWN, seconds=seconds).slices
    assert sum(slices) == seconds
    assert len(slices) <= 5
