"""Time as an object, and the clock that tests step."""

import asyncio
import time

from console.clock import SystemClock
from tests.fakes import ManualClock


async def test_the_machines_clock_goes_on_and_sleeps():
    clock = SystemClock()
    before_s = clock.now_s()

    await clock.sleep(0.01)

    assert clock.now_s() - before_s >= 0.009
    assert abs(clock.wall_s() - time.time()) < 5


async def test_a_manual_clock_wakes_sleepers_in_order_at_their_own_time():
    clock = ManualClock()
    woken: list[tuple[str, float]] = []

    async def sleeper(name: str, *naps_s: float) -> None:
        for nap_s in naps_s:
            await clock.sleep(nap_s)
            woken.append((name, clock.now_s() - 1000))

    running = [asyncio.create_task(sleeper("a", 2, 2)), asyncio.create_task(sleeper("b", 3))]
    await clock.advance(1.5)
    assert (woken, clock.sleepers) == ([], 2)

    await clock.advance(3)

    assert woken == [("a", 2.0), ("b", 3.0), ("a", 4.0)]
    assert clock.now_s() == 1004.5
    await asyncio.gather(*running)
