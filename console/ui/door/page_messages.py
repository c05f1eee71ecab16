"""What browsers say on NiceGUI's channel: each about its own page only, and what is none is told rarely.

NiceGUI takes every message as one of its own script. What somebody else has written fails in a task
that nobody waits for, and each failure would fill the log with a traceback; and a message may name
the page of another browser. NiceGUI asks for that page's names alone before it sends a socket all
that the page gets, and they stand in addresses, which proxies log.
"""

from __future__ import annotations

import contextlib
import inspect
import logging
import re
from collections.abc import Callable
from typing import Any, Final, Protocol
from urllib.parse import parse_qs

from nicegui import Client
from socketio.exceptions import ConnectionRefusedError as Refused

from console.clock import Clock, SystemClock
from console.printable import printable
from console.ui.door.people import SCOPE_KEY, Person
from console.ui.door.refusal import POLICY_VIOLATION
from console.ui.rate_limit import RateLimit

logger = logging.getLogger(__name__)

LINE_EVERY_S: Final = 60.0
MOST_LINES: Final = 3
MOST_CHARACTERS: Final = 500
"""Of what a page writes into the log."""
_OPENS: Final = frozenset({"connect", "handshake"})
"""With these a socket is not in the room of its page yet."""
_GUARDED: Final = (*_OPENS, "event", "javascript_response", "ack", "log")
_FRAME: Final = "message"
_EVENT: Final = "2"
"""A packet of Socket.IO that says something."""
_SAID_BY_PAGES: Final = re.compile(
    r'2\d{0,9}\["(?:handshake|event|javascript_response|ack|log)",', re.ASCII
)
"""How it begins. Others have handlers, too: `connect` and `disconnect`, for the server itself to call."""
_BINARY: Final = frozenset("56")
"""Packets of Socket.IO that announce binary parts, which its server keeps until all have come."""
_NOT_YOURS: Final = "Implicit handshake failed"
"""NiceGUI's words, at which its script loads the page anew: somebody else may have it now."""


class Wire(Protocol):
    """What the channel stands on: frames of WebSockets."""

    handlers: dict[str, Callable[..., Any]]

    async def disconnect(self, sid: str) -> None:
        """Close a socket."""


class Channel(Protocol):
    """The server of NiceGUI's channel, as far as it matters here."""

    handlers: dict[str, dict[str, Callable[..., Any]]]
    environ: dict[str, dict[str, Any]]
    """Of each socket, by its name on the wire: what is known of the request that opened it."""

    @property
    def eio(self) -> Wire:
        """What it stands on."""

    def rooms(self, sid: str) -> list[str]:
        """Return the rooms that a socket is in: that of its page, after the handshake."""

    def get_environ(self, sid: str) -> dict[str, Any] | None:
        """Return what is known of the request that opened a socket."""


def guard(
    channel: Channel,
    clock: Clock | None = None,
    owner_of: Callable[[str], Person | None] | None = None,
) -> None:
    """Guard all that `channel` hears from pages; again is fine.

    Args:
        channel: NiceGUI's.
        clock: Time.
        owner_of: Returns for whom the page of a client's id was built; None where there is no such
            page. Without it NiceGUI is asked.
    """
    ear = _Ear(channel, clock or SystemClock(), owner_of or _owner_of)
    handlers = channel.handlers["/"]
    for name in _GUARDED:
        if handlers[name].__module__ != __name__:
            handlers[name] = ear.guarded(name, handlers[name])
    frames = channel.eio.handlers
    if frames[_FRAME].__module__ != __name__:
        frames[_FRAME] = ear.guarded_frames(frames[_FRAME])


class _Ear:
    """Hears every message before its handler, and hands on those of our pages."""

    def __init__(
        self, channel: Channel, clock: Clock, owner_of: Callable[[str], Person | None]
    ) -> None:
        self._channel = channel
        self._owner_of = owner_of
        self._told = RateLimit(1 / LINE_EVERY_S, MOST_LINES, clock)
        self._written = RateLimit(1 / LINE_EVERY_S, MOST_LINES, clock)

    def guarded(self, name: str, handler: Callable[..., Any]) -> Callable[..., Any]:
        """Return what hears one kind of message in the place of its handler."""

        async def heard(sid: str, *given: Any) -> Any:
            try:
                if name == "connect":
                    self._check_connection(*given)
                elif name == "handshake":
                    if self._is_anothers(self._channel.get_environ(sid), given[0]["client_id"]):
                        return False
                elif not self._is_of_its_page(sid, *given):
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

    def guarded_frames(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """Return what hears every frame: a socket that sends what no page does is closed."""

        async def heard(wire_sid: str, frame: str | bytes) -> None:
            try:
                if isinstance(frame, bytes) or frame[:1] in _BINARY:
                    raise ValueError("binary")
                if frame[:1] == _EVENT and not _SAID_BY_PAGES.match(frame):
                    raise ValueError("an event of no page")
                await handler(wire_sid, frame)
            except Exception as error:
                self._refuse("frame", error)
                await self._close(wire_sid)

        return heard

    async def _close(self, wire_sid: str) -> None:
        # By itself the library asks the other side to close, and waits for that until a ping fails.
        send = self._channel.environ.get(wire_sid, {}).get("asgi.send")
        await self._channel.eio.disconnect(wire_sid)
        if send is not None:
            with contextlib.suppress(OSError, RuntimeError):  # the other side was quicker
                await send({"type": "websocket.close", "code": POLICY_VIOLATION})

    def _check_connection(self, environ: dict[str, Any], *_: Any) -> None:
        """Refuse a socket that names, in its address, the page of somebody else."""
        asked = parse_qs(environ.get("QUERY_STRING", ""))
        if any(self._is_anothers(environ, each) for each in asked.get("client_id", ())):
            raise Refused(_NOT_YOURS)

    def _is_anothers(self, environ: dict[str, Any] | None, client_id: str) -> bool:
        owner = self._owner_of(client_id)
        asking: Person | None = (environ or {}).get("asgi.scope", {}).get(SCOPE_KEY)
        # By the id: who was a guest and has opened the owner's link since is still the same.
        if owner is None or (asking is not None and asking.id == owner.id):
            return False
        if self._told.take(1):
            logger.warning("refused a socket to the page of another visitor")
        return True

    def _is_of_its_page(self, sid: str, message: dict[str, Any]) -> bool:
        return message["client_id"] in self._channel.rooms(sid)

    def _write(self, message: dict[str, Any]) -> None:
        if self._written.take(1):
            logger.warning("a page says: %r", printable(str(message["message"]))[:MOST_CHARACTERS])

    def _refuse(self, name: str, error: Exception) -> None:
        if self._told.take(1):
            why = printable(f"{type(error).__name__}: {error}")[:MOST_CHARACTERS]
            logger.warning("refused a message %r of a browser that no page sends: %r", name, why)


def _owner_of(client_id: str) -> Person | None:
    client = Client.instances.get(client_id)
    return None if client is None else client.request.scope.get(SCOPE_KEY)
