import pytest

from console.relay.counters import MEMORY_KEY, Counters
from console.serving.shared_store import SharedStore, StoreAwayError
from tests.fakes import ManualClock

NOON = 1_750_000_000.0


@pytest.fixture
async def shared(redis_server):
    clock = ManualClock(wall_s=NOON)
    counters = Counters(SharedStore(redis_server.url, clock), wall_s=clock.wall_s)
    yield counters
    await counters.close()


@pytest.fixture(params=["memory", "redis"])
def counters(request):
    if request.param == "redis":
        return request.getfixturevalue("shared")
    return Counters(None, wall_s=lambda: NOON)


async def test_sums_grow_and_shrink_and_are_told(counters):
    assert await counters.add("a", 5) == 5
    assert await counters.add("a", -2) == 3
    assert await counters.get("a") == 3
    assert await counters.get("nothing") == 0


async def test_sums_that_hold_for_now_are_sums_as_well(counters):
    await counters.add_for_now("held", 7)

    assert await counters.get("held") == 7


async def test_a_day_begins_anew_at_midnight_of_utc():
    clock = ManualClock(wall_s=NOON)
    counters = Counters(None, wall_s=clock.wall_s)
    await counters.add_today("a", 5)
    today = await counters.get_today("a")

    await clock.advance(86_400)

    assert today == 5
    assert await counters.get_today("a") == 0


async def test_workers_that_share_a_redis_share_the_sums(redis_server, shared):
    clock = ManualClock(wall_s=NOON)
    other = Counters(SharedStore(redis_server.url, clock), wall_s=clock.wall_s)

    await shared.add("a", 5)
    await other.add("a", 5)

    assert await shared.get("a") == 10
    await other.close()


async def test_seats_of_a_period_are_counted_and_given_back(counters):
    first = await counters.take_seat("row", 7)
    second = await counters.take_seat("row", 7)
    await counters.leave_seat("row", 7)

    assert (first, second) == (1, 2)
    assert await counters.take_seat("row", 7) == 2
    assert await counters.take_seat("row", 8) == 1


async def test_sums_outlive_a_period_only_where_they_are_to(redis_server, shared):
    await shared.add("for ever", 1)
    await shared.add_today("today", 1)
    await shared.add_for_now("now", 1)
    await shared.take_seat("seat", 3)

    with redis_server.client() as client:
        lives = sorted(client.ttl(each) for each in client.scan_iter())
    assert lives == pytest.approx([90, 3600, 2 * 86_400, 3660 * 86_400], abs=2)


async def test_what_is_remembered_has_one_name_and_one_age_for_all_workers(redis_server, shared):
    clock = ManualClock(wall_s=NOON + 3600)  # whose clock is wrong
    other = Counters(SharedStore(redis_server.url, clock), wall_s=clock.wall_s)
    begun = await shared.memory()
    with redis_server.client() as client:
        client.expire(MEMORY_KEY, client.ttl(MEMORY_KEY) - 100)
    found = await other.memory()
    with redis_server.client() as client:
        client.flushall()
    anew = await other.memory()
    await other.close()

    assert found.name == begun.name
    assert found.age_s - begun.age_s == pytest.approx(100, abs=5)
    assert anew.name != begun.name
    assert anew.age_s < 5


async def test_what_this_process_remembers_is_never_new():
    memory = await Counters(None, wall_s=lambda: NOON).memory()

    assert memory == await Counters(None, wall_s=lambda: NOON + 1).memory()
    assert memory.age_s > NOON


async def test_a_redis_that_is_gone_is_told_and_not_waited_for(redis_server, shared):
    assert await shared.is_there()
    redis_server.stop()

    assert not await shared.is_there()
    with pytest.raises(StoreAwayError):
        await shared.add("a", 1)


async def test_a_store_that_is_read_only_cannot_count(redis_server, shared):
    was_there = await shared.is_there()
    with redis_server.client() as client:
        client.replicaof("127.0.0.1", "1")
        try:
            is_there = await shared.is_there()
        finally:
            client.replicaof("NO", "ONE")

    assert was_there
    assert not is_there
