"""Keeps the collector of garbage from holding up the event loop."""

from __future__ import annotations

import gc


def spare_what_stays() -> None:
    """Collect once, and never look again at what is there now: it stays until the end.

    Modules, routes and engines are several hundred thousand objects. To look through all of them
    takes a quarter of a second, again and again while sessions come and go.
    """
    gc.collect()
    gc.freeze()
