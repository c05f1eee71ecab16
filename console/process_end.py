"""The end of a program that has put everything away: at once."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable
from typing import Final, NoReturn

INTERRUPTED: Final = 130
"""The exit status after Ctrl+C."""


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
