"""Somebody's code in a thread of its own, stopped when it takes too long, as far as Python can."""

from __future__ import annotations

import asyncio
import ctypes
import threading
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from console import tasks

T = TypeVar("T")

STOP_S: Final = 1.0
"""For how long code is told to stop; what waits for the system in one call does not hear it."""
_EVERY_S: Final = 0.05


class OverdueError(Exception):
    """The work took too long; what it would have returned is lost."""

    def __init__(self, *, has_ended: bool) -> None:
        super().__init__("the work took too long")
        self.has_ended = has_ended
        """Whether its thread has ended; else it goes on until the process ends."""


async def stoppable(work: Callable[[], T], *, timeout_s: float, name: str) -> T:
    """Return what `work` returns, done in a thread of its own.

    Args:
        work: Is stopped by a `SystemExit` within it.
        timeout_s: How long it may take.
        name: Of the thread.

    Raises:
        OverdueError: It took longer, and was told to stop.
        Exception: What it has raised.
    """
    running, limit = _Work(work), asyncio.timeout(timeout_s)
    try:
        async with limit:
            return await tasks.in_own_thread(running.run, name=name)
    except TimeoutError:
        if not limit.expired():  # the work's own
            raise
        raise OverdueError(has_ended=await running.stop()) from None


class _Work(Generic[T]):
    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        self._lock = threading.Lock()
        self._thread_id: int | None = None
        self._is_unwanted = False

    def run(self) -> T:
        """Do the work; in its thread."""
        try:
            with self._lock:
                if self._is_unwanted:
                    raise SystemExit
                self._thread_id = threading.get_ident()
            return self._work()
        finally:
            try:
                self._leave()
            finally:  # a stop that came just now has been raised in the line above
                self._leave()
                tasks.hand_over(self._loop, self._ended.set)

    def _leave(self) -> None:
        """Hear no stop from here on: the thread, or another of its number, does other work."""
        with self._lock:
            self._thread_id = None

    async def stop(self) -> bool:
        """Tell the work to stop, again and again, since it may catch it; return whether it has."""
        until_s = self._loop.time() + STOP_S
        while not self._ended.is_set() and self._loop.time() < until_s:
            self._interrupt()
            try:
                async with asyncio.timeout(_EVERY_S):
                    await self._ended.wait()
            except TimeoutError:
                continue
        return self._ended.is_set()

    def _interrupt(self) -> None:
        with self._lock:
            self._is_unwanted = True
            if self._thread_id is not None:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(self._thread_id), ctypes.py_object(SystemExit)
                )
