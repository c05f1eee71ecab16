"""How fast one client may send: who is faster waits, and who never rests is sent away."""

from __future__ import annotations

from typing import Final

from console.clock import Clock
from console.realtime.refusal import Refusal
from console.relay.policy import Rates

PATIENCE_S: Final = 10.0
"""For so long, and no longer, a client may be too fast all the time."""
BURST_S: Final = 2.0
"""Messages of so many seconds may come at once."""


class TooFast(Exception):
    """A client has sent too many messages for too long."""

    refusal: Final = Refusal(
        "Too many messages for too long: the relay's policy limits their rate.",
        code="relay_rate_exceeded",
        kind="rate_limit_error",
    )


class _Bucket:
    """What may come now: it fills as time passes, and overflows."""

    def __init__(self, rate: float, burst: float, now_s: float) -> None:
        self._rate = rate
        self._burst = burst
        self._level = burst
        self._now_s = now_s

    def take(self, amount: float, now_s: float) -> float:
        """Take an amount out; return for how many seconds to wait for it."""
        self._level = min(self._burst, self._level + (now_s - self._now_s) * self._rate)
        self._now_s = now_s
        self._level -= amount
        return max(0.0, -self._level / self._rate)

    @property
    def is_half_full(self) -> bool:
        """Whether its owner has rested."""
        return self._level >= self._burst / 2


class Pace:
    """Holds one client to the rates of its policy."""

    def __init__(self, rates: Rates, clock: Clock) -> None:
        now_s = clock.now_s()
        self._clock = clock
        self._messages = _Bucket(rates.messages_per_s, rates.messages_per_s * BURST_S, now_s)
        self._audio = _Bucket(rates.audio_speed, rates.audio_burst_s, now_s)
        self._hurried_since_s: float | None = None

    async def message(self, audio_s: float) -> None:
        """Wait until one more message may come.

        Args:
            audio_s: How much sound it holds. Sound that comes too fast is slowed down, for ever if
                need be: whoever sends a file is no nuisance.

        Raises:
            TooFast: There were too many messages for too long.
        """
        now_s = self._clock.now_s()
        wait_s = self._messages.take(1, now_s)
        if wait_s:
            self._hurried_since_s = self._hurried_since_s or now_s
            if now_s - self._hurried_since_s > PATIENCE_S:
                raise TooFast
        elif self._messages.is_half_full:
            self._hurried_since_s = None
        if audio_s:
            wait_s = max(wait_s, self._audio.take(audio_s, now_s))
        if wait_s:
            await self._clock.sleep(wait_s)
