"""Ids: UUID version 7."""

import itertools
import threading
import time
from uuid import RFC_4122, UUID

from rapport.base.ids import IdClock, new_id


def test_an_id_is_a_uuid_of_version_7_with_the_time_in_front() -> None:
    before = time.time_ns() // 1_000_000
    found = new_id()
    assert (found.version, found.variant) == (7, RFC_4122)
    assert before <= found.int >> 80 <= time.time_ns() // 1_000_000


def test_ids_grow_and_differ() -> None:
    ids = [new_id() for _ in range(50_000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)


def test_ids_grow_even_when_the_clock_goes_back() -> None:
    times = itertools.chain([2_000, 2_000, 1_000, 1_500, 2_000, 2_001], itertools.repeat(2_001))
    clock = IdClock(lambda: next(times))
    ids = [clock() for _ in range(1_000)]
    assert ids == sorted(ids)
    assert {found.version for found in ids} == {7}
    assert {found.variant for found in ids} == {RFC_4122}


def test_threads_never_get_the_same_id() -> None:
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.extend(new_id() for _ in range(5_000))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 20_000


def test_two_clocks_differ_in_the_same_millisecond() -> None:
    assert len({IdClock(lambda: 1_000)() for _ in range(1_000)}) == 1_000


def test_many_ids_at_once_grow_like_those_made_one_by_one() -> None:
    clock = IdClock(lambda: 1_000)
    ids = [str(clock()), *clock.texts(1_000), str(clock())]
    assert ids == sorted(set(ids))
    assert {(found.version, found.variant) for found in map(UUID, ids)} == {(7, RFC_4122)}
    assert clock.texts(0) == []
