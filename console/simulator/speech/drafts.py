"""How often a recogniser may be asked for a draft: turns that are over come first."""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable
from typing import Final

from console.simulator.senses import Transcript
from console.simulator.speech.worker import Worker

REST: Final = 3.0
"""After a draft that kept others waiting none is made for so many times as long as it took: with
many speakers at once drafts take a quarter of the recogniser at the most, and no turn waits for
more than one. Who speaks alone is drafted on and on."""


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
        self._others_wait = False

    async def make(self, draft: Callable[[], Awaitable[Transcript]]) -> Transcript | None:
        """Return what `draft` does; None at once where this is not the time for one."""
        began_s = self._now_s()
        if began_s < self._from_s or not self._worker.is_idle:
            self._others_wait = True
            return None
        self._from_s = math.inf
        self._others_wait = False
        try:
            return await draft()
        finally:
            ended_s = self._now_s()
            rest = REST if self._others_wait else 0.0
            self._from_s = ended_s + rest * (ended_s - began_s)
