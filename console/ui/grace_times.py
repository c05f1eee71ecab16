"""How long somebody who has left may take to come back before what was theirs is forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from console import tasks
from console.clock import Clock

GRACE_S: Final = 30.0
"""Enough for a reload, and for a phone that is unlocked again."""


class GraceTimes:
    """The grace times that run, by the name of what is forgotten at their end."""

    def __init__(self, clock: Clock, forget: Callable[[str], Awaitable[None]]) -> None:
        """Begin with none.

        Args:
            clock: Time.
            forget: Called with the name of what nobody came back to.
        """
        self._clock = clock
        self._forget = forget
        self._running: dict[str, asyncio.Task[None]] = {}
        self._is_closed = False

    def left(self, name: str) -> None:
        """Begin a grace time, from now on if one runs already."""
        self.is_back(name)
        if not self._is_closed:
            self._running[name] = tasks.spawn(self._wait(name), name="grace time")

    def is_back(self, name: str) -> None:
        """End a grace time: somebody has come, or it is forgotten anyway."""
        if (task := self._running.pop(name, None)) is not None:
            task.cancel()

    async def close(self) -> None:
        """Forget nothing any more, whoever leaves from now on."""
        self._is_closed = True
        for task in tuple(self._running.values()):
            await tasks.cancel(task)
        self._running.clear()

    async def _wait(self, name: str) -> None:
        await self._clock.sleep(GRACE_S)
        del self._running[name]
        await self._forget(name)
