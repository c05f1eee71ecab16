"""A clock for sources and sinks: time passes only where somebody sleeps."""

from __future__ import annotations


class SteppedClock:
    """A clock that moves only when somebody sleeps or the test steps it."""

    def __init__(self) -> None:
        self.now = 100.0

    def now_s(self) -> float:
        return self.now

    def wall_s(self) -> float:
        return self.now

    async def sleep(self, duration_s: float) -> None:
        self.now += duration_s
