import pytest

from console.relay.pace import PATIENCE_S, Pace, TooFast
from console.relay.policy import Rates
from tests.fakes import ManualClock


class CountingClock(ManualClock):
    """Counts what it was asked to sleep, and lets the time pass at once."""

    def __init__(self):
        super().__init__()
        self.slept_s = 0.0
        self._passed_s = 0.0

    def now_s(self):
        return super().now_s() + self._passed_s

    def let_pass(self, duration_s):
        self._passed_s += duration_s

    async def sleep(self, duration_s):
        self.slept_s += duration_s
        self._passed_s += duration_s


async def test_a_burst_passes_and_then_the_rate_counts():
    clock = CountingClock()
    pace = Pace(Rates(messages_per_s=10), clock)

    for _ in range(20):
        await pace.message(0)
    assert clock.slept_s == 0
    for _ in range(10):
        await pace.message(0)

    assert clock.slept_s == pytest.approx(1.0)


async def test_who_is_too_fast_all_the_time_is_sent_away():
    clock = CountingClock()
    pace = Pace(Rates(messages_per_s=10), clock)

    async def hurry():
        while True:
            await pace.message(0)

    with pytest.raises(TooFast):
        await hurry()

    assert clock.slept_s == pytest.approx(PATIENCE_S, abs=0.5)


async def test_who_rests_now_and_then_stays():
    clock = CountingClock()
    pace = Pace(Rates(messages_per_s=10), clock)

    for _ in range(5):
        for _ in range(90):
            await pace.message(0)
        clock.let_pass(5)

    assert clock.slept_s > 0


async def test_sound_faster_than_the_rate_is_slowed_down_and_never_sent_away():
    clock = CountingClock()
    pace = Pace(Rates(audio_speed=2, audio_burst_s=10), clock)

    for _ in range(3600):
        await pace.message(0.1)

    assert clock.slept_s == pytest.approx((360 - 10) / 2, rel=0.01)
