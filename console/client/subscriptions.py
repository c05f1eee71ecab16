"""The client's signals, found by name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from console.client import choices
from console.client.happenings import (
    ConnectionChanged,
    ErrorReport,
    Interrupted,
    RealtimeEvent,
    SessionExpiring,
    SessionMoved,
    ToolCalled,
)
from console.errors import NotConnectedError
from console.realtime.items import ItemUpdate, Response
from console.signals import Signal
from console.transport import Closed

AnyHandler = Callable[[Any], Coroutine[Any, Any, None] | None]


class Subscriptions:
    """Every signal of the client; `on` and `off` are the one way to subscribe."""

    def __init__(self) -> None:
        self.event: Signal[RealtimeEvent] = Signal("realtime.event")
        self.session_created: Signal[dict[str, Any]] = Signal("session.created")
        self.session_updated: Signal[dict[str, Any]] = Signal("session.updated")
        self.expiring: Signal[SessionExpiring] = Signal("session.expiring")
        self.moved: Signal[SessionMoved] = Signal("session.moved")
        self.connection: Signal[ConnectionChanged] = Signal("connection.changed")
        self.cleared: Signal[None] = Signal("conversation.cleared")
        self.updated: Signal[ItemUpdate] = Signal("conversation.updated")
        self.appended: Signal[ItemUpdate] = Signal("conversation.item.appended")
        self.completed: Signal[ItemUpdate] = Signal("conversation.item.completed")
        self.deleted: Signal[ItemUpdate] = Signal("conversation.item.deleted")
        self.interrupted: Signal[Interrupted] = Signal("conversation.interrupted")
        self.out_of_band: Signal[ItemUpdate] = Signal("response.item.updated")
        self.response: Signal[Response] = Signal("response.updated")
        self.tool_called: Signal[ToolCalled] = Signal("tool.called")
        self.error: Signal[ErrorReport] = Signal("error")
        self.close: Signal[Closed] = Signal("close")
        self._by_name: dict[str, Signal[Any]] = {
            signal.name: signal for signal in vars(self).values() if isinstance(signal, Signal)
        }
        self._handlers: dict[tuple[str, AnyHandler], list[Callable[[], None]]] = {}

    def find(self, name: str) -> Signal[Any]:
        """Return the signal of a name.

        Raises:
            ValueError: There is none; the message lists the names.
        """
        given: object = name
        if not isinstance(given, str) or (signal := self._by_name.get(given)) is None:
            raise ValueError(f"There is no {name!r}; known are: {', '.join(self._by_name)}.")
        return signal

    def on(self, name: str, handler: AnyHandler) -> Callable[[], None]:
        """Call `handler` with each value; returns a function that stops it.

        Raises:
            TypeError: It cannot be called.
            ValueError: There is no such name.
        """
        _check_handler(name, handler)
        disconnect = self.find(name).connect(handler)
        entries = self._handlers.setdefault((name, handler), [])
        entries.append(disconnect)

        def unsubscribe() -> None:
            disconnect()
            if disconnect in entries:
                entries.remove(disconnect)
            if not entries:
                self._handlers.pop((name, handler), None)

        return unsubscribe

    def off(self, name: str, handler: AnyHandler | None = None) -> None:
        """Stop `handler`, or with None all that `on` has subscribed to `name`.

        Raises:
            ValueError: No such name, or the handler is not subscribed to it.
            TypeError: The handler cannot be called.
        """
        self.find(name)
        if handler is not None:
            _check_handler(name, handler)
        if handler is not None and (name, handler) not in self._handlers:
            raise ValueError(f"That handler is not subscribed to {name!r}.")
        for key in [each for each in self._handlers if each[0] == name]:
            if handler is None or key[1] == handler:
                for disconnect in self._handlers.pop(key):
                    disconnect()

    def item_changed(self, update: ItemUpdate) -> None:
        """Emit the signals of an item's change; of an item out of band its own alone."""
        if update.item.is_out_of_band:
            self.out_of_band.emit(update)
            return
        self.updated.emit(update)
        if update.kind == "updated":
            return
        if update.kind == "appended":
            self.appended.emit(update)
        elif update.kind == "completed":
            self.completed.emit(update)
        elif update.kind == "deleted":
            self.deleted.emit(update)

    async def next(self, name: str, timeout_s: float | None) -> Any:
        """Return the next value of `name`; nothing stays registered, however it ends.

        Raises:
            TimeoutError: None came in time.
            NotConnectedError: The session ended first.
            ValueError: There is no such name, or the time is less than 0 seconds.
            TypeError: The time is no number.
        """
        choices.check_patience("timeout_s", timeout_s)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def came(value: Any) -> None:
            if not future.done():
                future.set_result(value)

        def ended(closed: Closed) -> None:
            if not future.done():
                future.set_exception(NotConnectedError(f"wait for {name}"))

        stops = [self.find(name).connect(came)]
        if name != self.close.name:
            stops.append(self.close.connect(ended))
        try:
            async with asyncio.timeout(timeout_s):
                return await future
        finally:
            for stop in stops:
                stop()

    def clear(self) -> None:
        """Stop all that `on` has subscribed."""
        for name in self._by_name:
            self.off(name)


def _check_handler(name: str, handler: object) -> None:
    if not callable(handler):
        raise TypeError(f"A handler of {name!r} is a function, not {handler!r}.")
