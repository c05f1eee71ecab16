"""The lines to one server: opened one after the other, known while they are open."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from console.client.attempt import Attempt
from console.client.connection import Connection
from console.client.inbox import Inbox
from console.client.server import Server
from console.client.session_line import SessionLine
from console.errors import ConnectError
from console.transport import Closed

QUIET_CALL_S: Final = 0.5
"""How long a call may say nothing before that counts as being let in."""


class SessionLines:
    """Opens lines on which a session has begun, in the dialect that the server was found to speak.

    A line belongs to whoever has opened it until it ends; who ends everything finds all of them
    here.
    """

    def __init__(
        self, server: Server, *, inbox: Inbox, on_ended: Callable[[SessionLine, Closed], None]
    ) -> None:
        """Prepare; nothing is opened before `open`.

        Args:
            server: How to reach it.
            inbox: Takes what comes on a line.
            on_ended: Called once for each line that has ended.
        """
        self._server = self._as_given = server
        self._inbox = inbox
        self._on_ended = on_ended
        self._lines: set[SessionLine] = set()

    @property
    def server(self) -> Server:
        """Whom they lead to, as it has to be spoken to."""
        return self._server

    def forget_dialect(self) -> None:
        """Take the server as it was given: it may speak another way by now."""
        self._server = self._as_given

    def turn_to_beta(self) -> None:
        """Speak beta on every later line."""
        self._server = self._server.in_beta()

    async def open(
        self, attempt: Attempt, timeout_s: float, on_began: Callable[[SessionLine], None]
    ) -> SessionLine:
        """Return a new line on which a session has begun.

        Args:
            attempt: Told of what comes before the session; `on_began` has to tell it of that.
            timeout_s: How long it may take.
            on_began: Called when the session has begun, before anyone acts on it.

        Raises:
            ConnectError: None has; the line, if there was one, is closed.
        """
        server = self._server
        line = SessionLine(
            wire=server.new_wire(),
            attempt=attempt,
            inbox=self._inbox,
            is_call=server.is_call,
            on_began=on_began,
            on_ended=self._ended,
        )
        try:
            await attempt.run(partial(self._dial, server, line), timeout_s)
        except BaseException:
            await line.abandon()
            raise
        return line

    async def open_held(self, timeout_s: float) -> SessionLine:
        """Return a new line whose session has begun and is not acted on before its `open`.

        Raises:
            ConnectError: None has begun.
        """
        attempt = Attempt(self._server.refusals(was_let_in=True))
        return await self.open(attempt, timeout_s, _begin_held)

    def why(self, closed: Closed) -> ConnectError:
        """Return why a line has just ended, as `closed`; an `error` right before it counts too."""
        return self._server.refusals().ended(self._inbox.latest_error(), closed)

    async def close(self, adopted: SessionLine | None) -> None:
        """End every line; all but the adopted one are not heard any more from now on."""
        for line in list(self._lines):
            await (line.close() if line is adopted else line.abandon())

    async def _dial(self, server: Server, line: SessionLine, timeout_s: float) -> None:
        transport = await server.dial(timeout_s)
        self._lines.add(line)
        line.attach(Connection(transport, line))
        if server.is_call:
            await line.attempt.wait_while_quiet(QUIET_CALL_S)
            line.begin()

    def _ended(self, line: SessionLine, closed: Closed) -> None:
        self._lines.discard(line)
        self._on_ended(line, closed)


def _begin_held(line: SessionLine) -> None:
    """Take a session as begun, and act on it later."""
    line.attempt.began(line.session)
