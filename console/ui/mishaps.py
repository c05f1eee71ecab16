"""What a page shows when something of ours fails in it: one sentence, and the number in the log.

What fails again and again has one number and a line a minute: whoever is inside can have their own
page fail as often as they like, and fills no log by it.
"""

from __future__ import annotations

import logging
import secrets
import traceback
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from nicegui import Client

from console.app.view_model import Notice, ViewModel
from console.clock import SystemClock

logger = logging.getLogger(__name__)

NOTICE: Final = "mishap"
EVERY_S: Final = 60.0
MOST_KINDS: Final = 100
"""Kinds of failures that are known at once: what fails, and where."""

_Kind = tuple[type[BaseException], str, int]


class Numbers:
    """Numbers for failures, one for all that fail alike within a minute."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        """Know none yet.

        Args:
            now_s: Returns the time; its origin does not matter.
        """
        self._now_s = now_s
        self._known: OrderedDict[_Kind, tuple[str, float]] = OrderedDict()

    def number_of(self, error: BaseException) -> tuple[str, bool]:
        """Return the number of a failure, and whether it is a new one."""
        kind, now_s = _kind_of(error), self._now_s()
        number, told_s = self._known.get(kind, ("", -EVERY_S))
        if number and now_s - told_s < EVERY_S:
            return number, False
        number = secrets.token_hex(2)
        self._known[kind] = number, now_s
        self._known.move_to_end(kind)
        if len(self._known) > MOST_KINDS:
            self._known.popitem(last=False)
        return number, True


class SeldomTold(logging.Filter):
    """For a log that tells failures too: what fails alike passes once a minute."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        """Know none yet; `now_s` returns the time."""
        super().__init__()
        self._numbers = Numbers(now_s)

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record is to be logged."""
        is_failure = isinstance(record.msg, BaseException)
        return not is_failure or self._numbers.number_of(record.msg)[1]  # type: ignore[arg-type]


_numbers: Final = Numbers(SystemClock().now_s)


def tell(client: Client, view: ViewModel) -> None:
    """From now on tell the page of `client` when a handler of it fails; other pages go on."""

    def failed(error: Exception) -> None:
        number, is_new = _numbers.number_of(error)
        if is_new:
            # The words of the exception may hold anything; they are for the log alone, which is clean.
            logger.error("failure %s in a page", number, exc_info=error)
        sentence = (
            f"Something went wrong (id {number}). Everything so far is kept; the console's log says "
            "more."
        )
        view.add_notice(Notice(NOTICE, "error", sentence))

    client.on_exception(failed)


def _kind_of(error: BaseException) -> _Kind:
    frames = traceback.extract_tb(error.__traceback__)
    where = frames[-1] if frames else None
    return type(error), where.filename if where else "", (where.lineno or 0) if where else 0
