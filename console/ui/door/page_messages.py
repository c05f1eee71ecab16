"""What browsers say on NiceGUI's channel: each about its own page only, and what is none is told rarely.

NiceGUI takes every message as one of its own script. What somebody else has written fails in a task
that nobody waits for, and each failure would fill the log with a traceback; and a message may name
the page of another browser.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from typing import Any, Final, Protocol

from socketio.exceptions import ConnectionRefusedError as Refused

from console.clock import Clock, SystemClock
from console.printable import printable
from console.ui.rate_limit import RateLimit

logger = logging.getLogger(__name__)

LINE_EVERY_S: Final = 60.0
MOST_LINES: Final = 3
MOST_CHARACTERS: Final = 500
"""Of what a page writes into the log."""
_OPENS: Final = frozenset({"connect", "handshake"})
"""With these a socket is not in the room of its page yet."""
_GUARDED: Final = (*_OPENS, "event", "javascript_response", "ack", "log")


class Channel(Protocol):
    """The server of NiceGUI's channel, as far as it matters here."""

    handlers: dict[str, dict[str, Callable[..., Any]]]

    def rooms(self, sid: str) -> list[str]:
        """Return the rooms that a socket is in: that of its page, after the handshake."""


def guard(channel: Channel, clock: Clock | None = None) -> None:
    """Guard all that `channel` hears from pages; again is fine."""
    ear = _Ear(channel, clock or SystemClock())
    handlers = channel.handlers["/"]
    for name in _GUARDED:
        if handlers[name].__module__ != __name__:
            handlers[name] = ear.guarded(name, handlers[name])


class _Ear:
    """Hears every message before its handler, and hands on those of our pages."""

    def __init__(self, channel: Channel, clock: Clock) -> None:
        self._channel = channel
        self._told = RateLimit(1 / LINE_EVERY_S, MOST_LINES, clock)
        self._written = RateLimit(1 / LINE_EVERY_S, MOST_LINES, clock)

    def guarded(self, name: str, handler: Callable[..., Any]) -> Callable[..., Any]:
        """Return what hears one kind of message in the place of its handler."""

        async def heard(sid: str, *given: Any) -> Any:
            try:
                if name not in _OPENS and not self._is_of_its_page(sid, *given):
                    return None
                if name == "log":
                    return self._write(*given)
                answer = handler(sid, *given)
                return await answer if inspect.isawaitable(answer) else answer
            except Refused:
                raise
            except Exception as error:
                self._refuse(name, error)
                if name == "connect":
                    raise Refused("no page of ours asks like this") from error
                return None

        return heard

    def _is_of_its_page(self, sid: str, message: dict[str, Any]) -> bool:
        return message["client_id"] in self._channel.rooms(sid)

    def _write(self, message: dict[str, Any]) -> None:
        if self._written.take(1):
            logger.warning("a page says: %r", printable(str(message["message"]))[:MOST_CHARACTERS])

    def _refuse(self, name: str, error: Exception) -> None:
        if self._told.take(1):
            why = printable(f"{type(error).__name__}: {error}")[:MOST_CHARACTERS]
            logger.warning("refused a message %r of a browser that no page sends: %r", name, why)
