import asyncio
from types import SimpleNamespace

import pytest

from console.realtime.refusal import Refusal
from console.relay.counters import PERIOD_S, Counters
from console.relay.seats import Seats
from console.serving.shared_store import SharedStore
from tests.fakes import ManualClock

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


async def test_many_who_come_at_once_get_no_more_seats_than_there_are(redis_server, clock):
    workers = [
        Counters(SharedStore(redis_server.url, clock), wall_s=clock.wall_s) for _ in range(2)
    ]
    limit = SimpleNamespace(sessions=5)

    taken = await asyncio.gather(
        *(Seats(workers[n % 2]).take("shop", limit, NO_LIMIT) for n in range(20)),
        return_exceptions=True,
    )

    assert sum(not isinstance(each, Refusal) for each in taken) == 5
    for each in workers:
        await each.close()


async def test_without_a_limit_nothing_is_counted(seats, counters):
    seat = await seats.take("shop", NO_LIMIT, NO_LIMIT)
    await seat.keep()
    await seat.leave()

    assert await counters.get(f"seats/{counters.period()}") == 0
