"""One line to the server and the session on it: from the first message to the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

from console.client.attempt import Attempt
from console.client.connection import Connection
from console.client.inbox import Inbox
from console.client.wire import Wire
from console.errors import NotConnectedError
from console.realtime.events import Event
from console.realtime.fields import mapping
from console.transport import Closed

MAX_BAD_IN_A_ROW: Final = 10
"""So many messages that are no events, and the line counts as broken."""
MAX_HELD: Final = 256
"""Events between the session's beginning and its adoption; there should be a handful."""


class SessionLine:
    """Listens to a connection. Until it is adopted with `open`, nothing comes of what it hears."""

    def __init__(
        self,
        *,
        wire: Wire,
        attempt: Attempt,
        inbox: Inbox,
        is_call: bool,
        on_began: Callable[[SessionLine], None],
        on_ended: Callable[[SessionLine, Closed], None],
    ) -> None:
        """Prepare to listen.

        Args:
            wire: How the server spells the protocol.
            attempt: Told of what comes before the session.
            inbox: Takes what comes.
            is_call: Whether it joins a call: then the server does not say that a session began.
            on_began: Called when the session has begun, before anyone acts on it.
            on_ended: Called once when the line has ended.
        """
        self.wire = wire
        self.attempt = attempt
        self._inbox = inbox
        self._is_call = is_call
        self._on_began = on_began
        self._on_ended = on_ended
        self._connection: Connection | None = None
        self._held: list[Event] = []
        self._n_bad = 0
        self._is_open = False
        self._is_left = False
        self._has_begun = False
        self.has_ended = False
        self._end = asyncio.Event()
        self._closed = Closed(1006, "")

    def attach(self, connection: Connection) -> None:
        """Say which connection this listens to."""
        self._connection = connection

    @property
    def session(self) -> dict[str, Any]:
        """The session as the server described it first, in our spelling; empty for a call."""
        for event in self._held:
            if event.type == "session.created":
                return mapping(event.fields, "session")
        return {}

    @property
    def is_backed_up(self) -> bool:
        """Whether the network is behind."""
        connection = self._connection
        return connection is not None and connection.transport.is_backed_up

    # What is done with it

    def open(self) -> None:
        """Act on what has come, and on what comes from now on."""
        self._is_open = True
        held, self._held = self._held, []
        for event in held:
            self._inbox.act(event)

    def share_turns(self) -> None:
        """Give everybody else a turn after each message, from now on."""
        if self._connection is not None:
            self._connection.share_turns()

    def leave(self) -> None:
        """Turn away: nothing that comes is heard any more."""
        self._is_left = True

    def begin(self) -> None:
        """Take the session as begun, though the server has not said so."""
        if not self._has_begun:
            self._has_begun = True
            self._on_began(self)

    def send(self, message: str, event_type: str) -> Coroutine[Any, Any, None]:
        """Send a message; waits while the server reads slowly.

        Raises:
            NotConnectedError: The line has ended; `event_type` is named.
        """
        if self._connection is None or self.has_ended:
            raise NotConnectedError(f"send {event_type}")
        # Not awaited here: each layer between costs, for each chunk of the microphone.
        return self._connection.send(message, event_type)

    async def ping(self, timeout_s: float) -> bool:
        """Return whether the server answers within a time."""
        return self._connection is not None and await self._connection.ping(timeout_s)

    def drop(self, closed: Closed, code: int = 1000) -> None:
        """End the line at once, as `closed`; the server is told with `code`."""
        if self._connection is not None:
            self._connection.drop(closed, code)

    async def close(self) -> None:
        """End the line; safe to call twice."""
        if self._connection is not None:
            await self._connection.close()

    async def abandon(self) -> None:
        """End a line of which nothing more is wanted: what comes meanwhile is not heard."""
        self.leave()
        await self.close()

    async def wait_until_ended(self) -> Closed:
        """Return how the line has ended; waits until all that came before has been heard."""
        await self._end.wait()
        return self._closed

    # What the connection tells

    def message_came(self, message: str | bytes) -> None:
        """Take a message of the server."""
        if self._is_left:
            return
        event = self._inbox.read(message)
        if event is None:
            self._bad_message()
            return
        self._n_bad = 0
        if not self._is_open:
            self._before_it_is_open(event)
        elif self.wire.is_plain:
            self._inbox.act(event)
        else:
            for translated in self.wire.incoming(event):
                self._inbox.act(translated)

    def line_ended(self, closed: Closed) -> None:
        """Take note that the line has ended."""
        closed = self._inbox.hide_in_close(closed)
        self.has_ended, self._closed = True, closed
        self._end.set()
        self.attempt.line_ended(closed)
        self._on_ended(self, closed)

    def _before_it_is_open(self, event: Event) -> None:
        if event.type == "error" and not self._has_begun:
            self.attempt.error_came(event)
            return
        is_beginning = event.type == "session.created" or self._is_call
        if not self._has_begun and not is_beginning:
            return
        if event.type == "session.created":
            self.wire.began(event)
        if len(self._held) < MAX_HELD:
            self._held += self.wire.incoming(event)
        self.begin()

    def _bad_message(self) -> None:
        self._n_bad += 1
        if self._n_bad >= MAX_BAD_IN_A_ROW:
            self._n_bad = 0
            self.drop(Closed(1002, f"{MAX_BAD_IN_A_ROW} messages in a row were no events"), 1002)
