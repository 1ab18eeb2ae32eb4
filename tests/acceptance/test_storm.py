"""Server, worker and PostgreSQL are killed under load: nothing that was committed stays untold.

A few rounds; `python -m tests.acceptance.storm.storm --rounds 50` does more.
"""

from pathlib import Path

from tests.acceptance.storm.storm import Storm


async def test_whoever_should_know_of_a_change_learns_of_it_whatever_is_killed(tmp_path: Path) -> None:
    outcome = await Storm(tmp_path, seed=3, fails_one_in=200).run(3)
    assert outcome.problems == []
    assert outcome.events > 20
    assert outcome.deliveries >= outcome.events
    assert outcome.deaths == {"server": 1, "worker": 1, "postgresql": 1}
