"""What the log says when the server ends and some connections do not: one plain line.

The server gives them its grace time, cancels what still runs, and logs both as errors, with
tracebacks. That a browser does not read to its end is nobody's error.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

SERVER_LOG: Final = "uvicorn.error"
_CUT_OFF: Final = "Cancel %s running task(s), timeout graceful shutdown exceeded"
_CANCELLED: Final = "Exception in ASGI application"


class PlainEnd(logging.Filter):
    """Says in our words what the server cuts off at its end, and nothing of how."""

    def __init__(self, n_open: Callable[[], int], grace_s: float) -> None:
        """Prepare to listen.

        Args:
            n_open: Returns how many connections are open.
            grace_s: How long the server waits for them.
        """
        super().__init__()
        self._n_open = n_open
        self._grace_s = grace_s
        self._is_end = False

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record of the server is to be logged, perhaps in other words."""
        if record.msg == _CUT_OFF:
            self._is_end = True
            return self._tell(record)
        error = record.exc_info[1] if record.exc_info else None
        is_cancelled = isinstance(error, asyncio.CancelledError)
        return not (self._is_end and is_cancelled and str(record.msg).startswith(_CANCELLED))

    def _tell(self, record: logging.LogRecord) -> bool:
        # A request may outlive its connection.
        n = max(self._n_open(), *(each for each in record.args or () if isinstance(each, int)))
        which = "1 connection that had" if n == 1 else f"{n} connections that had"
        record.levelno, record.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
        record.msg = f"ending: cut off {which} not ended within {self._grace_s:g} s"
        record.args = ()
        return n > 0
