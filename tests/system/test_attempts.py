"""Counting attempts."""

import asyncio
from datetime import timedelta

import pytest

from rapport.store.database import Database
from rapport.system.attempts import Attempts, network
from rapport.system.errors import TooManyAttempts

MINUTE = timedelta(minutes=1)


async def tried(attempts: Attempts, key: str, times: int, *, limit: int = 3) -> int:
    """How many of so many attempts, one after the other, were allowed."""
    allowed = 0
    for _ in range(times):
        try:
            await attempts.count(key, limit=limit, window=MINUTE)
            allowed += 1
        except TooManyAttempts:
            pass
    return allowed


async def test_so_many_attempts_are_allowed_and_no_more(database: Database) -> None:
    attempts = Attempts(database)

    assert await tried(attempts, "sign-in:ines", 5) == 3
    assert await tried(attempts, "sign-in:tom", 5) == 3
    assert await tried(attempts, "otp:ines", 5, limit=1) == 1
    assert await tried(attempts, "reset:ines", 5, limit=0) == 5  # no limit


async def test_the_refusal_says_how_long_to_wait(database: Database) -> None:
    attempts = Attempts(database)
    await attempts.count("a:b", limit=1, window=timedelta(seconds=30))
    with pytest.raises(TooManyAttempts, match=r"^Too many attempts\. Please try again in 30 seconds\.$") as refusal:
        await attempts.count("a:b", limit=1, window=timedelta(seconds=30))

    assert (refusal.value.code, refusal.value.sub_code) == ("FORBIDDEN", "TOO_MANY_ATTEMPTS")
    assert refusal.value.user_message == refusal.value.message
    assert refusal.value.extensions == {"retryAfter": 30}
    assert str(TooManyAttempts(timedelta(seconds=61))) == "Too many attempts. Please try again in 2 minutes."
    assert str(TooManyAttempts(timedelta(seconds=-1))) == "Too many attempts. Please try again in 1 second."


async def test_a_window_begins_with_its_first_attempt_and_is_not_drawn_out(database: Database) -> None:
    attempts = Attempts(database)
    await tried(attempts, "a:b", 5)
    first = await database.value('select "resetAt" from core.attempt')
    await tried(attempts, "a:b", 5)
    assert await database.value('select "resetAt" from core.attempt') == first

    await database.execute("""update core.attempt set "resetAt" = now() - interval '1 s'""")
    assert await tried(attempts, "a:b", 5) == 3


async def test_attempts_at_once_are_all_counted(database: Database) -> None:
    attempts = Attempts(database)
    done = await asyncio.gather(
        *(attempts.count("a:b", limit=7, window=MINUTE) for _ in range(40)), return_exceptions=True
    )

    assert sum(each is None for each in done) == 7


async def test_successes_are_taken_back_and_forgiven(database: Database) -> None:
    attempts = Attempts(database)
    for _ in range(10):
        await attempts.count("a:b", limit=1, window=MINUTE)
        await attempts.uncount("a:b")
    await attempts.uncount("a:b")  # not below nothing
    assert await tried(attempts, "a:b", 5) == 3
    await attempts.forget("a:b")
    assert await tried(attempts, "a:b", 5) == 3


@pytest.mark.parametrize("key", ["", ":", "a:\x00", "a:\ud800", "a:" + "x" * 1_000_000, "a:' or true --"])
async def test_keys_may_be_anything(database: Database, key: str) -> None:
    attempts = Attempts(database)

    assert await tried(attempts, key, 5) == 3
    assert await tried(attempts, key + "x", 5) == 3
    await attempts.forget(key)
    assert await tried(attempts, key, 1) == 1


async def test_what_has_run_out_is_cleared_away(database: Database) -> None:
    attempts = Attempts(database)
    for number in range(25):
        await attempts.count(f"a:{number}", limit=1, window=MINUTE)
    await database.execute("""update core.attempt set "resetAt" = now() - interval '1 s'""")
    for _ in range(3):
        await attempts.count("a:now", limit=10, window=MINUTE)

    assert await database.value("select count(*) from core.attempt") == 1


async def test_what_is_tried_is_not_kept_readable(database: Database) -> None:
    await Attempts(database).count("sign-in:ines@example.com", limit=1, window=MINUTE)

    key = await database.value("select key from core.attempt")
    assert isinstance(key, str)
    assert key.startswith("sign-in:")
    assert "ines" not in key


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:DB8:1:2::", "2001:db8:1:2::"),
        ("::1", "::"),
        ("no address", "no address"),
        ("", ""),
    ],
)
def test_an_address_counts_with_its_network(address: str, counted: str) -> None:
    assert network(address) == counted
