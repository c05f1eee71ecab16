"""How much sound has to wait before it begins: little on a quiet line, more on one that stalls.

The size is wanted before the first sample and again after an underrun. It grows by what was missing
when sound ran out, and shrinks while what was kept at hand is not needed. Everything is in samples.
"""

from __future__ import annotations

import math
from typing import Final

from console import pcm as pcm_units

# NOTE: keep in step with assets/prebuffer.js.
SHORTEST_MS: Final = 40
LONGEST_MS: Final = 500
LEAST_STEP_MS: Final = 20
MARGIN: Final = 1.25
"""What was needed once may be needed again, and a little more."""
CALM_MS: Final = 5000
"""After this much sound without an underrun the size falls by a fifth at the most."""
SHRINKING: Final = 0.8


class Prebuffer:
    """The size of a buffer that learns from the gaps of its line."""

    def __init__(self, first_ms: float, *, sample_rate_hz: int = pcm_units.SAMPLE_RATE_HZ) -> None:
        """Begin with `first_ms`."""
        per_ms = sample_rate_hz / 1000
        self._shortest = SHORTEST_MS * per_ms
        self._longest = LONGEST_MS * per_ms
        self._least_step = LEAST_STEP_MS * per_ms
        self._calm_after = CALM_MS * per_ms
        self._per_ms = per_ms
        self._size = first_ms * per_ms
        self._gap: int | None = None
        self._filled = 0
        self._calm = 0
        self._lowest: float = math.inf

    @property
    def size(self) -> int:
        """How many samples have to wait."""
        return int(self._size)

    @property
    def size_ms(self) -> float:
        """The same in milliseconds."""
        return self._size / self._per_ms

    def begun(self, n_queued: int) -> None:
        """Sound begins, with so much at hand."""
        self._filled = n_queued
        self._watch_anew()

    def ran_out(self) -> None:
        """Sound has run out in the middle of a track."""
        self._gap = 0

    def note_gap(self, n_samples: int) -> None:
        """So much silence passed with nothing at hand."""
        if self._gap is not None:
            self._gap += n_samples

    def more_came(self) -> None:
        """Sound is at hand again: what was missing teaches how much to wait for."""
        if self._gap is not None:
            # A gap that no buffer would have bridged teaches little.
            needed = (self._size + self._gap) * MARGIN if self._gap <= self._longest else 0
            self._size = min(self._longest, max(needed, self._size + self._least_step))
            self._gap = None

    def ended(self) -> None:
        """The track was complete: nothing was late."""
        self._gap = None

    def note_level(self, n_queued: int) -> None:
        """So much is at hand, and more is to come."""
        self._lowest = min(self._lowest, n_queued)

    def played(self, n_samples: int) -> None:
        """So much was played."""
        self._calm += n_samples
        if self._calm < self._calm_after:
            return
        # With less at the start, all levels since would have been lower by as much.
        needed = (self._filled - self._lowest) * MARGIN
        self._size = min(self._size, max(self._shortest, needed, self._size * SHRINKING))
        self._watch_anew()

    def _watch_anew(self) -> None:
        self._calm = 0
        self._lowest = math.inf
