"""How often a recogniser may be asked for a draft: turns that are over come first."""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable
from typing import Final

from console.simulator.senses import Transcript
from console.simulator.speech.worker import Worker

REST: Final = 3.0
"""After a draft none is made for so many times as long as it took: with many speakers at once
drafts take a quarter of the recogniser at the most, and no turn waits for more than one."""


class Drafts:
    """Makes one draft at a time, while the recogniser has nothing else to do."""

    def __init__(self, worker: Worker, now_s: Callable[[], float] = time.monotonic) -> None:
        """Prepare.

        Args:
            worker: The recogniser's process.
            now_s: The time.
        """
        self._worker = worker
        self._now_s = now_s
        self._from_s = -math.inf

    async def make(self, draft: Callable[[], Awaitable[Transcript]]) -> Transcript | None:
        """Return what `draft` does; None at once where this is not the time for one."""
        began_s = self._now_s()
        if began_s < self._from_s or not self._worker.is_idle:
            return None
        self._from_s = math.inf
        try:
            return await draft()
        finally:
            ended_s = self._now_s()
            self._from_s = ended_s + REST * (ended_s - began_s)
