"""The end of a program that has put everything away: at once."""

from __future__ import annotations

import atexit
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from typing import Final, NoReturn

INTERRUPTED: Final = 130
"""The exit status after Ctrl+C."""
UNFINISHED: Final = 1
"""The exit status when not everything was put away in time."""


class LastMoment:
    """Ends the process when its own end takes too long, whatever its other threads do meanwhile."""

    def __init__(
        self,
        limit_s: float,
        is_complete: Callable[[], bool],
        *,
        sleep: Callable[[float], None] = time.sleep,
        end: Callable[[int], object] = os._exit,
    ) -> None:
        """Prepare; nothing happens before `watch` and `nears`.

        Args:
            limit_s: How long the end may take.
            is_complete: Returns whether everything has been put away; called in another thread.
            sleep: Waits for so many seconds.
            end: Ends the process with an exit status.
        """
        self._limit_s = limit_s
        self._is_complete = is_complete
        self._sleep = sleep
        self._end = end
        # Of all that wakes another thread this alone may be used while a signal is handled.
        self._nearing: queue.SimpleQueue[None] = queue.SimpleQueue()

    def watch(self) -> None:
        """Have a thread stand by from now on."""
        threading.Thread(target=self._stand_by, name="last moment", daemon=True).start()

    def nears(self) -> None:
        """Say that the end begins; may be called while a signal is handled."""
        self._nearing.put(None)

    def _stand_by(self) -> None:
        self._nearing.get()
        self._sleep(self._limit_s)
        words = f"ending: cut off what had not ended within {self._limit_s:g} s\n"
        # Past the log: whoever has its lock may be what does not end.
        os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, words.encode())
        self._end(0 if self._is_complete() else UNFINISHED)


def run_to_the_end(program: Callable[[], None]) -> NoReturn:
    """Run a program and end the process with its exit status.

    Python would take apart object by object what the system frees in one piece: with many pages open
    that takes two of the six seconds that an end may take. What was registered with `atexit` is done.
    """
    status = _status_of(program)
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(status)


def _status_of(program: Callable[[], None]) -> int:
    try:
        program()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        sys.stderr.write(f"{end.code}\n")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
        return 1
    return 0
