"""Typed publish and subscribe inside one event loop."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from console import tasks

logger = logging.getLogger(__name__)

T = TypeVar("T")
Handler = Callable[[T], Awaitable[None] | None]


class Signal(Generic[T]):
    """One kind of happening; handlers receive its value in the order in which they connected.

    A handler that raises is logged and does not keep the others from hearing. A coroutine
    handler runs as a background task of its own.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        # Replaced when it changes, so that `emit` needs no copy.
        self._handlers: tuple[Handler[T], ...] = ()

    @property
    def n_handlers(self) -> int:
        """How many hear; what costs something to tell need not be done for none."""
        return len(self._handlers)

    def connect(self, handler: Handler[T]) -> Callable[[], None]:
        """Call `handler` with every later value; returns a function that stops it."""
        self._handlers = (*self._handlers, handler)

        def disconnect() -> None:
            if handler in self._handlers:
                at = self._handlers.index(handler)
                self._handlers = self._handlers[:at] + self._handlers[at + 1 :]

        return disconnect

    def emit(self, value: T) -> None:
        """Hand `value` to every handler."""
        for handler in self._handlers:
            try:
                result = handler(value)
            except Exception:
                logger.exception("a handler of %s failed", self.name)
                continue
            if result is not None and inspect.iscoroutine(result):
                tasks.spawn(result, name=f"{self.name} handler")

    async def wait(
        self, accept: Callable[[T], bool] | None = None, timeout_s: float | None = None
    ) -> T:
        """Return the next value that `accept` agrees to (any, without it).

        Raises:
            TimeoutError: None came within `timeout_s` seconds; nothing stays registered.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def handler(value: T) -> None:
            if not future.done() and (accept is None or accept(value)):
                future.set_result(value)

        disconnect = self.connect(handler)
        try:
            async with asyncio.timeout(timeout_s):
                return await future
        finally:
            disconnect()
