"""How much may be sent, and when again."""

from console.ui.rate_limit import RateLimit


class SteppedClock:
    def __init__(self) -> None:
        self.time_s = 100.0

    def now_s(self) -> float:
        return self.time_s

    def wall_s(self) -> float:
        return self.time_s

    async def sleep(self, duration_s: float) -> None:
        self.time_s += duration_s


def test_a_burst_passes_and_more_does_not() -> None:
    limit = RateLimit(10, 30, SteppedClock())

    assert limit.take(30)
    assert not limit.take(1)


def test_time_gives_back_at_the_rate() -> None:
    clock = SteppedClock()
    limit = RateLimit(10, 30, clock)
    limit.take(30)
    clock.time_s += 0.5

    assert limit.take(5)
    assert not limit.take(0.1)


def test_a_long_pause_gives_back_no_more_than_a_burst() -> None:
    clock = SteppedClock()
    limit = RateLimit(10, 30, clock)
    clock.time_s += 1000

    assert not limit.take(31)
    assert limit.take(30)
