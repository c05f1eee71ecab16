import asyncio
from types import SimpleNamespace

import pytest

from console.realtime.refusal import Refusal
from console.relay.counters import PERIOD_S, Counters, Memory
from console.relay.quotas import TICK_S
from console.relay.seats import NEW_COUNTERS, SETTLE_S, Seats
from console.serving.shared_store import SharedStore, StoreAwayError
from tests.fakes import ManualClock
from tests.relay.long_known import let_settle

NO_LIMIT = SimpleNamespace(sessions=None)
TWO = SimpleNamespace(sessions=2)


@pytest.fixture
def clock():
    return ManualClock(wall_s=PERIOD_S * 1000.0)


@pytest.fixture
def counters(clock):
    return Counters(None, wall_s=clock.wall_s)


@pytest.fixture
def seats(counters):
    return Seats(counters)


async def test_a_token_may_have_so_many_sessions_at_once_and_no_more(seats):
    await seats.take("shop", TWO, NO_LIMIT)
    await seats.take("shop", TWO, NO_LIMIT)

    with pytest.raises(Refusal, match="2 sessions at once with this token") as refused:
        await seats.take("shop", TWO, NO_LIMIT)
    assert refused.value.code == "rate_limit_exceeded"
    await seats.take("other", TWO, NO_LIMIT)


async def test_who_leaves_makes_room(seats):
    first = await seats.take("shop", TWO, NO_LIMIT)
    await seats.take("shop", TWO, NO_LIMIT)
    await first.leave()

    await seats.take("shop", TWO, NO_LIMIT)

    with pytest.raises(Refusal):
        await seats.take("shop", TWO, NO_LIMIT)


async def test_who_is_refused_takes_no_room_from_others(seats):
    one = SimpleNamespace(sessions=1)
    await seats.take("shop", one, TWO)
    for _ in range(3):
        with pytest.raises(Refusal, match="with this token"):
            await seats.take("shop", one, TWO)

    await seats.take("other", one, TWO)

    with pytest.raises(Refusal, match="2 sessions at once on this relay"):
        await seats.take("third", one, TWO)


async def test_a_session_that_goes_on_keeps_its_seat(seats, clock):
    seat = await seats.take("shop", SimpleNamespace(sessions=1), NO_LIMIT)
    for _ in range(20):
        await clock.advance(PERIOD_S / 3)
        await seat.keep()

    with pytest.raises(Refusal, match="1 session at once"):
        await seats.take("shop", SimpleNamespace(sessions=1), NO_LIMIT)
    await seat.leave()
    await seats.take("shop", SimpleNamespace(sessions=1), NO_LIMIT)


async def test_the_seats_of_a_worker_that_was_killed_are_free_after_two_periods(seats, clock):
    await seats.take("shop", TWO, NO_LIMIT)
    await seats.take("shop", TWO, NO_LIMIT)

    await clock.advance(PERIOD_S * 2)

    await seats.take("shop", TWO, NO_LIMIT)


@pytest.fixture
async def workers(redis_server, clock):
    """The counters of three workers that share a Redis which has been there for long."""
    let_settle(redis_server)
    found = [Counters(SharedStore(redis_server.url, clock), wall_s=clock.wall_s) for _ in range(3)]
    yield found
    for each in found:
        await each.close()


async def test_many_who_come_at_once_get_no_more_seats_than_there_are(workers):
    seats = [Seats(each) for each in workers]
    limit = SimpleNamespace(sessions=5)

    taken = await asyncio.gather(
        *(seats[n % 3].take("shop", limit, NO_LIMIT) for n in range(20)),
        return_exceptions=True,
    )

    assert sum(not isinstance(each, Refusal) for each in taken) == 5


async def test_without_a_limit_nothing_is_counted(seats, counters):
    seat = await seats.take("shop", NO_LIMIT, NO_LIMIT)
    await seat.keep()
    await seat.leave()

    assert await counters.get(f"seats/{counters.period()}") == 0


async def test_seats_that_redis_has_forgotten_are_put_back_before_anybody_takes_one(
    redis_server, workers
):
    one, other = (Seats(each) for each in workers[:2])
    first, second = await one.take("shop", TWO, NO_LIMIT), await other.take("shop", TWO, NO_LIMIT)
    with redis_server.client() as client:
        client.flushall()

    for each in (one, other):
        with pytest.raises(StoreAwayError):
            await each.take("shop", TWO, NO_LIMIT)
    let_settle(redis_server)
    with pytest.raises(Refusal, match="2 sessions at once"):
        await one.take("shop", TWO, NO_LIMIT)
    await first.leave()
    third = await other.take("shop", TWO, NO_LIMIT)
    with pytest.raises(Refusal, match="2 sessions at once"):
        await one.take("shop", TWO, NO_LIMIT)

    for seat in (second, third):
        await seat.leave()
    assert await workers[0].get(f"seats/of/shop/{workers[0].period()}") == 0


async def test_a_worker_that_begins_after_all_was_forgotten_waits_for_the_others_too(
    redis_server, workers, caplog
):
    old = Seats(workers[0])
    sitting = [await old.take("shop", TWO, NO_LIMIT) for _ in range(2)]
    with redis_server.client() as client:
        client.flushall()

    # The first of them begins the memory, the second finds it begun.
    for anew in [Seats(each) for each in workers[1:]]:
        with pytest.raises(StoreAwayError):
            await anew.take("shop", TWO, NO_LIMIT)
    with pytest.raises(StoreAwayError):
        await old.check()
    let_settle(redis_server)

    with pytest.raises(Refusal, match="2 sessions at once"):
        await anew.take("shop", TWO, NO_LIMIT)
    await sitting[0].leave()
    await anew.take("shop", TWO, NO_LIMIT)
    assert NEW_COUNTERS in caplog.text


class AgedCounters(Counters):
    """Counters whose age a test says."""

    age_s = 0.0

    async def memory(self):
        return Memory("since a moment ago", self.age_s)


async def test_new_counters_let_nobody_in_before_their_time(clock):
    counters = AgedCounters(None, wall_s=clock.wall_s)
    seats = Seats(counters)
    counters.age_s = SETTLE_S - 0.1
    with pytest.raises(StoreAwayError):
        await seats.take("shop", TWO, NO_LIMIT)

    counters.age_s = SETTLE_S

    await seats.take("shop", TWO, NO_LIMIT)


async def test_a_seat_that_was_forgotten_is_not_given_back(redis_server, workers):
    counters = workers[0]
    seat = await Seats(counters).take("shop", TWO, NO_LIMIT)
    with redis_server.client() as client:
        client.flushall()

    await seat.leave()

    assert await counters.get(f"seats/of/shop/{counters.period()}") == 0


def test_all_sessions_of_other_workers_have_looked_before_anybody_is_let_in():
    assert SETTLE_S > TICK_S
