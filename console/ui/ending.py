"""The end of the console: from its signal on, everything at once.

The server looks for a signal when its loop has time, tells the browsers, waits for their answers, and
only then lets the application end, which goes on talking meanwhile. On a busy machine each of these
steps stands behind all that browsers and services still send. So the sessions end as soon as the
signal is heard, while the server goes its own way.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable, Sequence
from types import FrameType
from typing import Final

import uvicorn
from nicegui.server import Server

from console import tasks
from console.process_end import LastMoment

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
LIMIT_S: Final = 4.5
"""What has not ended so long after the signal is cut off."""


class Ending:
    """Ends what has to be closed or written, once, and as early as it can be."""

    def __init__(
        self,
        closing: Sequence[Callable[[], Awaitable[None]]],
        last_moment: LastMoment | None = None,
    ) -> None:
        """Prepare; nothing is followed before `follow`.

        Args:
            closing: What closes or writes what must not be lost, in this order.
            last_moment: Ends the process, if nothing else does in time.
        """
        self._closing = tuple(closing)
        self._last_moment = last_moment or LastMoment(LIMIT_S, lambda: self.is_complete)
        self._task: asyncio.Task[None] | None = None
        self._is_told = False
        self.is_complete = False
        """Whether everything is closed and written."""

    def follow(self) -> None:
        """Begin with the end as soon as the process is told to end.

        To be called once the server listens to its signals, which it goes on to do.
        """
        if threading.current_thread() is not threading.main_thread():
            return  # as the server: signals are heard in the main thread alone
        self._last_moment.watch()
        loop = asyncio.get_running_loop()
        for each in SIGNALS:
            self._add_to(signal.getsignal(each), each, loop)

    def begin(self) -> None:
        """Tell the browsers, and close everything in the background; more calls do nothing."""
        if self._task is None:
            if Server.instance.started:
                _tell_browsers(Server.instance)
            self._task = tasks.spawn(self._close(), name="end everything")

    async def finish(self) -> None:
        """Return when everything is closed; it begins now if it has not."""
        self.begin()
        assert self._task is not None
        await self._task

    def _add_to(
        self,
        server_s: Callable[[int, FrameType | None], object] | int | None,
        number: signal.Signals,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        def told(signal_number: int, frame: FrameType | None) -> None:
            # Between any two steps of the program: so only what takes no lock.
            self._last_moment.nears()
            if self._is_told:
                return  # the server would leave out all that the end consists of
            self._is_told = True
            if callable(server_s):
                server_s(signal_number, frame)
            loop.call_soon_threadsafe(self.begin)

        signal.signal(number, told)

    async def _close(self) -> None:
        is_complete = True
        for each in self._closing:
            # One that fails is logged by its task and keeps none of the others from its end.
            task = tasks.spawn(_called(each), name=f"end: {each.__qualname__}")
            await asyncio.wait([task])
            is_complete = is_complete and task.exception() is None
        self.is_complete = is_complete


async def _called(close: Callable[[], Awaitable[None]]) -> None:
    await close()


def _tell_browsers(server: uvicorn.Server) -> None:
    # First, and as the server does it again: nobody comes back to a session that has just ended.
    for listener in server.servers:
        listener.close()
    for connection in tuple(server.server_state.connections):
        connection.shutdown()
