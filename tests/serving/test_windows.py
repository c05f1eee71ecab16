from typing import Any

import pytest
import pytest_asyncio
from limits import RateLimitItemPerMinute

from console.serving import windows
from console.serving.shared_store import PAUSE_S, PREFIX, SharedStore
from console.serving.windows import OwnWindows, SharedWindows, windows_in
from tests.fakes import ManualClock

TWICE = RateLimitItemPerMinute(2)


@pytest.fixture
def clock():
    return ManualClock()


@pytest_asyncio.fixture
async def consoles(redis_server, clock):
    """Windows of two consoles that share a Redis."""
    stores = [SharedStore(redis_server.url, clock) for _ in range(2)]
    yield [windows_in(each) for each in stores]
    for each in stores:
        await each.close()


async def hits(counter, n, key="a"):
    return [await counter.hit(TWICE, "page", key) for _ in range(n)]


def test_without_a_store_they_are_of_this_process():
    assert isinstance(windows_in(None), OwnWindows)


async def test_so_many_are_counted_and_then_none():
    own = OwnWindows()

    assert await own.test(TWICE, "page", "a")
    assert await hits(own, 3) == [True, True, False]
    assert not await own.test(TWICE, "page", "a")
    assert await hits(own, 1, "b") == [True]
    assert await own.test(TWICE, "other", "a")


async def test_those_of_whom_nothing_is_counted_any_more_are_forgotten(monkeypatch):
    monkeypatch.setattr(windows, "MAX_KEYS", 3)
    own = OwnWindows()
    for key in "abcd":
        await own.hit(TWICE, "page", key)
    storage: Any = own._kept().storage
    for key in list(storage.events)[:3]:
        storage.events[key] = []

    await own.hit(TWICE, "page", "e")

    assert len(storage.events) == 2


async def test_two_consoles_count_together(consoles, redis_server):
    here, there = consoles
    assert isinstance(here, SharedWindows)

    assert await hits(here, 1) == [True]
    assert await hits(there, 2) == [True, False]

    assert await hits(here, 1) == [False]
    assert not await here.test(TWICE, "page", "a")
    with redis_server.client(decode_responses=True) as client:
        keys = client.keys()
        assert [key.startswith(f"{PREFIX}:windows:") for key in keys] == [True]
        assert 0 < client.ttl(keys[0]) <= 60


async def test_without_redis_each_goes_on_with_what_it_has_counted_itself(
    consoles, redis_server, clock
):
    here, there = consoles
    assert await hits(here, 2) == [True, True]
    redis_server.stop()

    assert await hits(here, 1) == [False]
    assert not await here.test(TWICE, "page", "a")
    assert await hits(there, 3) == [True, True, False]

    redis_server.start()
    await clock.advance(PAUSE_S)
    assert await hits(there, 1) == [True], "the Redis that has come back knows nothing"
