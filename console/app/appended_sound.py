"""When the user's sound was sent: places of the service's input audio as times."""

from __future__ import annotations

from collections import deque
from typing import Final

MAX_CHUNKS: Final = 8192
"""Chunks that are remembered: minutes of sound. What the service says of speech is about the latest."""


class AppendedSound:
    """The sound that a session was sent, chunk by chunk."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Begin anew: another session counts from its own first sound."""
        self._chunks: deque[tuple[float, float, float]] = deque(maxlen=MAX_CHUNKS)
        self._end_ms = 0.0

    def append(self, at_ms: float, duration_ms: float) -> None:
        """Take note of a chunk.

        Args:
            at_ms: When it was sent: its last sample was spoken right before.
            duration_ms: How long it is.
        """
        self._chunks.append((self._end_ms, duration_ms, at_ms))
        self._end_ms += duration_ms

    def time_of(self, place_ms: float) -> float | None:
        """Return when the sound up to a place was sent.

        Args:
            place_ms: In ms of sound since the session's first, as the service counts.

        Returns:
            A time of the clock of `append`; within a chunk as if it had been sent while it was
            spoken. None for what was never sent, or is forgotten.
        """
        if place_ms > self._end_ms:
            return None
        for begins_ms, duration_ms, at_ms in reversed(self._chunks):
            if place_ms >= begins_ms:
                return at_ms - (begins_ms + duration_ms - place_ms)
        return None
