"""How much somebody may send: so much a second, and a burst."""

from __future__ import annotations

from console.clock import Clock


class RateLimit:
    """A bucket that fills at a steady rate and holds one burst."""

    def __init__(self, per_s: float, burst: float, clock: Clock) -> None:
        """Make a full bucket.

        Args:
            per_s: What it gains in a second.
            burst: What it holds at most.
            clock: Its time.
        """
        self._per_s = per_s
        self._burst = burst
        self._clock = clock
        self._level = burst
        self._filled_at_s = clock.now_s()

    def take(self, amount: float) -> bool:
        """Take `amount` and say whether so much was there; when not, nothing is taken."""
        now_s = self._clock.now_s()
        self._level = min(self._burst, self._level + (now_s - self._filled_at_s) * self._per_s)
        self._filled_at_s = now_s
        if amount > self._level:
            return False
        self._level -= amount
        return True
