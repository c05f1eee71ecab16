"""The catalogue of events, read once in a process, when somebody first asks for it."""

from __future__ import annotations

import asyncio
import functools
import threading

from console.app.reference.catalogue import Catalogue, read_catalogue

_lock = threading.Lock()


async def load_catalogue() -> Catalogue:
    """Return the events of the installed `openai` package; the event loop goes on meanwhile.

    Raises:
        ReferenceUnavailableError: They cannot be read; the next call tries again.
    """
    return await asyncio.to_thread(_read_once)


def _read_once() -> Catalogue:
    with _lock:  # who asks second waits instead of reading it again
        return _kept()


@functools.cache
def _kept() -> Catalogue:
    return read_catalogue()
