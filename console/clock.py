"""Time and sleep as an object, so that tests can step it."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """What the console asks of time."""

    def now_s(self) -> float:
        """Return seconds on a clock that never goes back; the origin means nothing."""

    def wall_s(self) -> float:
        """Return seconds since 1970 (UTC), for display and for the wire only."""

    async def sleep(self, duration_s: float) -> None:
        """Wait for `duration_s` seconds of this clock."""


class SystemClock:
    """The machine's clock."""

    def now_s(self) -> float:
        """Return the monotonic clock in seconds."""
        return time.monotonic()

    def wall_s(self) -> float:
        """Return the wall clock in seconds since 1970 (UTC)."""
        return time.time()

    async def sleep(self, duration_s: float) -> None:
        """Wait on the event loop."""
        await asyncio.sleep(duration_s)
