"""How long to wait for a speaker to go on: as long as this speaker's pauses have turned out to be.

There is no model of meaning here that could tell a finished thought from a pause. What can be told
is that a turn was ended too early, because the speaker went on a moment later; then the wait grows
for the turns to come, and shrinks again with each turn that was whole.
"""

from __future__ import annotations

from typing import Final

WENT_ON_MS: Final = 1500
"""Speech that begins this soon after a turn was taken for ended belonged to it."""
_GROWTH: Final = 1.5
_SHRINKING: Final = 0.85


class Patience:
    """What one session has learnt of its speaker."""

    def __init__(self) -> None:
        self._stretch = 1.0
        self._ended_ms: int | None = None

    def wait_ms(self, shortest_ms: int, longest_ms: int | None) -> int:
        """Return the silence that ends a turn.

        Args:
            shortest_ms: The silence for a speaker who makes no pauses.
            longest_ms: The most that may be waited; None: the wait is fixed.
        """
        if longest_ms is None:
            return shortest_ms
        return min(longest_ms, round(shortest_ms * self._stretch))

    def turn_ended(self, audio_end_ms: int) -> None:
        """Take note of where a turn was taken for ended."""
        self._ended_ms = audio_end_ms

    def speech_began(self, onset_ms: int) -> None:
        """Learn from where speech begins again."""
        if self._ended_ms is None:
            return
        went_on = onset_ms - self._ended_ms < WENT_ON_MS
        self._stretch = self._stretch * _GROWTH if went_on else self._stretch * _SHRINKING
        self._stretch = min(max(self._stretch, 1.0), 16.0)
        self._ended_ms = None
