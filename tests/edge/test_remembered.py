"""What is found out once for all who ask meanwhile."""

import asyncio

import pytest

from rapport.edge.remembered import Remembered


class Asked:
    """Counts how often it is asked; answers when it may."""

    def __init__(self) -> None:
        self.count = 0
        self.may_answer = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self) -> int:
        self.count += 1
        await self.may_answer.wait()
        if self.error is not None:
            raise self.error
        return self.count


async def test_those_who_ask_at_the_same_time_and_soon_after_have_one_answer() -> None:
    asked = Asked()
    remembered = Remembered(asked, seconds=3600)
    asking = [asyncio.create_task(remembered()) for _ in range(10)]
    await asyncio.sleep(0)
    asked.may_answer.set()
    assert await asyncio.gather(*asking) == [1] * 10
    assert await remembered() == 1
    assert asked.count == 1


async def test_an_answer_is_good_for_its_time_only() -> None:
    asked = Asked()
    asked.may_answer.set()
    remembered = Remembered(asked, seconds=0)
    assert [await remembered() for _ in range(3)] == [1, 2, 3]


async def test_who_hangs_up_leaves_the_answer_to_the_others() -> None:
    asked = Asked()
    remembered = Remembered(asked, seconds=3600)
    first, second = asyncio.create_task(remembered()), asyncio.create_task(remembered())
    await asyncio.sleep(0)
    first.cancel()
    asked.may_answer.set()
    assert await second == 1
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_a_failure_is_told_and_not_remembered() -> None:
    asked = Asked()
    asked.may_answer.set()
    asked.error = OSError("away")
    remembered = Remembered(asked, seconds=3600)
    with pytest.raises(OSError, match="away"):
        await remembered()
    asked.error = None
    assert await remembered() == 2
