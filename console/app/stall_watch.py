"""Says in the log when the event loop is held up, and by what."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import traceback
from typing import Final

logger = logging.getLogger(__name__)

LIMIT_S: Final = 0.2
"""Sound stutters beyond this; on a busy machine it is seldom our fault, so it is told at info."""
LONG_S: Final = 1.0
"""Beyond this it is a warning."""
LOOK_EVERY_S: Final = 0.5
_DEEPEST: Final = 12
"""Frames of the stack that are told."""


class StallWatch:
    """A thread that asks the event loop for a sign of life again and again.

    A stall is told when it has lasted for the limit and is still going on: only then does the
    loop's stack say who holds it. One that lasts long is told once more, as a warning.
    """

    def __init__(
        self,
        *,
        limit_s: float = LIMIT_S,
        long_s: float = LONG_S,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        """Prepare.

        Args:
            limit_s: What counts as a stall.
            long_s: What counts as a long one.
            look_every_s: Time between two looks.
        """
        self._limit_s = limit_s
        self._long_s = long_s
        self._look_every_s = look_every_s
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Watch the running event loop; to be called in it."""
        loop, watched = asyncio.get_running_loop(), threading.get_ident()
        self._ended.clear()
        self._thread = threading.Thread(
            target=self._watch, args=(loop, watched), name="stall watch", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Watch no longer; waits for nothing."""
        self._ended.set()

    def _watch(self, loop: asyncio.AbstractEventLoop, watched: int) -> None:
        while not self._ended.wait(self._look_every_s):
            answered = threading.Event()
            try:
                loop.call_soon_threadsafe(answered.set)
            except RuntimeError:  # the loop is closed
                return
            if answered.wait(self._limit_s):
                continue
            self._tell(logging.INFO, self._limit_s, watched)
            if not answered.wait(self._long_s - self._limit_s):
                self._tell(logging.WARNING, self._long_s, watched)
            while not answered.wait(self._look_every_s):
                if self._ended.is_set():
                    return

    def _tell(self, level: int, lasted_s: float, watched: int) -> None:
        frame = sys._current_frames().get(watched)
        stack = "".join(traceback.format_stack(frame, _DEEPEST)) if frame else "(no stack)\n"
        logger.log(
            level, "the event loop has been held up for %.0f ms, in\n%s", lasted_s * 1000, stack
        )
