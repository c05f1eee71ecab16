"""What the server warns of at each request that is none, told once a minute: nobody fills the log."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from typing import Final

EVERY_S: Final = 60.0
OF_VISITORS: Final = frozenset({"Invalid HTTP request received.", "Unsupported upgrade request."})
"""The server's words for what any stranger can send as often as they like."""


class RareWarnings(logging.Filter):
    """Lets each of the warnings pass once a minute, and says how often it would have come since."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        """Count none yet.

        Args:
            now_s: Returns the time; its origin does not matter.
        """
        super().__init__()
        self._now_s = now_s
        self._told_s: dict[str, float] = {}
        self._n_held: dict[str, int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record of the server is to be logged, perhaps with how many it stands for."""
        words = str(record.msg)
        if words not in OF_VISITORS:
            return True
        now_s = self._now_s()
        if now_s - self._told_s.get(words, -math.inf) < EVERY_S:
            self._n_held[words] = self._n_held.get(words, 0) + 1
            return False
        self._told_s[words] = now_s
        if n_held := self._n_held.pop(words, 0):
            record.msg = f"{words} And {n_held:,} times more since that was last told."
        return True
