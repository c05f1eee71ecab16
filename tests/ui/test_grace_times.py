"""What is forgotten when nobody comes back, and when."""

from __future__ import annotations

import pytest

from console.ui.grace_times import GRACE_S, GraceTimes
from tests.fakes import ManualClock


class Forgotten(list[str]):
    """The names that were forgotten."""

    async def add(self, name: str) -> None:
        self.append(name)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def forgotten() -> Forgotten:
    return Forgotten()


@pytest.fixture
def times(clock: ManualClock, forgotten: Forgotten) -> GraceTimes:
    return GraceTimes(clock, forgotten.add)


async def test_what_nobody_comes_back_to_is_forgotten_when_its_time_is_over(
    times: GraceTimes, clock: ManualClock, forgotten: Forgotten
) -> None:
    times.left("a")
    await clock.advance(GRACE_S / 2)
    times.left("b")
    await clock.advance(GRACE_S / 2 - 1)
    assert forgotten == []

    await clock.advance(2)
    assert forgotten == ["a"]
    await clock.advance(GRACE_S)
    assert forgotten == ["a", "b"]


async def test_who_comes_back_in_time_finds_everything_and_who_leaves_again_has_all_of_it(
    times: GraceTimes, clock: ManualClock, forgotten: Forgotten
) -> None:
    times.left("a")
    await clock.advance(GRACE_S - 1)
    times.is_back("a")
    times.is_back("a")
    await clock.advance(GRACE_S)

    times.left("a")
    await clock.advance(GRACE_S - 1)
    times.left("a")
    await clock.advance(GRACE_S - 1)
    assert forgotten == []

    await clock.advance(2)
    assert forgotten == ["a"]


async def test_nothing_is_forgotten_once_it_is_closed(
    times: GraceTimes, clock: ManualClock, forgotten: Forgotten
) -> None:
    times.left("a")
    await times.close()
    times.left("b")  # as the channel of a session does that is closed with all others
    await clock.advance(GRACE_S * 2)

    assert forgotten == []


async def test_what_is_forgotten_may_say_that_somebody_is_back(clock: ManualClock) -> None:
    forgotten: list[str] = []

    async def forget(name: str) -> None:
        running.is_back(name)
        await clock.sleep(1)
        forgotten.append(name)

    running = GraceTimes(clock, forget)
    running.left("a")
    await clock.advance(GRACE_S + 1)
    await clock.advance(1)

    assert forgotten == ["a"]
