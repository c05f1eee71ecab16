"""Keeps the collector of garbage from holding up the event loop.

To look through everything takes it a quarter of a second with fifty pages open, and by itself it does
so again and again while sessions come and go. What it alone can free are the pages that have gone.
"""

from __future__ import annotations

import asyncio
import gc
from typing import Final

PAGES_AT_ONCE: Final = 10
"""So many pages go before everything is looked through: some 16 MB."""
SOON_S: Final = 1.0
"""After the last of them: until then something may still hold it."""
_SELDOM: Final = 1000
"""Looks at what is young before everything is looked through, whatever has gone: a hundred times as
many as usual, in case that something else leaves garbage behind."""


def spare_what_is_there() -> None:
    """Look through everything once, and never again at what is there now: it stays."""
    gc.collect()
    gc.freeze()


class GarbageRounds:
    """Decides when the collector looks through everything."""

    def __init__(self) -> None:
        self._n_gone = 0

    def start(self) -> None:
        """Spare what is there now, and look through the rest seldom."""
        spare_what_is_there()
        young, middle, _ = gc.get_threshold()
        gc.set_threshold(young, middle, _SELDOM)

    def stop(self) -> None:
        """Let the end of the program free everything, as it would have without all this."""
        gc.unfreeze()

    def page_gone(self) -> None:
        """A page is forgotten; to be called in the event loop."""
        self._n_gone += 1
        if self._n_gone == PAGES_AT_ONCE:
            asyncio.get_running_loop().call_later(SOON_S, self._look_through)

    def _look_through(self) -> None:
        self._n_gone = 0
        gc.collect()
