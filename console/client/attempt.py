"""One attempt to begin a session, and how it ended."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import websockets

from console.client.refusals import Refusals
from console.errors import ConnectError, NotConnectedError
from console.realtime.events import Event
from console.transport import Closed

OpenLine = Callable[[float], Awaitable[None]]
"""Opens the line to the server within a time in seconds."""


class Attempt:
    """Ends with the session that the server began, or with one sentence why there is none.

    It may take several lines: `run` can be called again when it has failed. The line tells it
    what comes before the session: `error_came`, `began`, `line_ended`.
    """

    def __init__(self, refusals: Refusals) -> None:
        self._refusals = refusals
        self._error: Event | None = None
        loop = asyncio.get_running_loop()
        self._created: asyncio.Future[dict[str, Any]] = loop.create_future()
        """For all who wait: fails when the whole attempt is given up."""
        self._on_line: asyncio.Future[dict[str, Any]] = loop.create_future()
        """For `run`: fails with its line."""

    async def run(self, open_line: OpenLine, timeout_s: float) -> dict[str, Any]:
        """Open the line, and return the session as the server described it first.

        Raises:
            ConnectError: The line could not be opened, or no session began in time.
        """
        if self._on_line.done():
            self._error = None
            self._on_line = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(timeout_s):
                await open_line(timeout_s)
                return await asyncio.shield(self._on_line)
        except TimeoutError as error:
            if self._error is not None:
                raise self._refusals.from_session(self._error, None) from error
            raise self._refusals.timed_out(timeout_s) from error
        except (OSError, websockets.WebSocketException) as error:
            raise self._refusals.from_exception(error, timeout_s) from error

    async def session(self) -> dict[str, Any]:
        """Return the session as the server described it first; waits until it has begun.

        Raises:
            ConnectError: The session could not be begun.
            NotConnectedError: The attempt was given up.
        """
        return await asyncio.shield(self._created)

    async def wait_while_quiet(self, quiet_s: float) -> None:
        """Return when the session has begun, or when nothing has come for `quiet_s`.

        Raises:
            ConnectError: The session could not be begun.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(quiet_s):
                await asyncio.shield(self._on_line)

    @property
    def has_begun(self) -> bool:
        """Whether who waits has been told of a session."""
        return self._created.done()

    def error_came(self, event: Event) -> None:
        """Remember an error: most likely it is why there will be no session."""
        self._error = event

    def began(self, session: dict[str, Any]) -> None:
        """Take note that the session has begun."""
        for future in (self._created, self._on_line):
            if not future.done():
                future.set_result(session)

    def line_ended(self, closed: Closed) -> None:
        """Take note that the line has ended; a session that has begun stays what it was."""
        if not self._on_line.done():
            _fail(self._on_line, self._refusals.from_session(self._error, closed))

    def gave_up(self, error: BaseException) -> None:
        """Tell all who wait that there will be no session: why, or that it was given up."""
        if self._created.done():
            return
        if not isinstance(error, ConnectError):
            error = NotConnectedError("wait for the session")
        _fail(self._created, error)


def _fail(future: asyncio.Future[dict[str, Any]], error: Exception) -> None:
    future.set_exception(error)
    # It may be that nobody waits; asyncio would complain of an exception that nobody took.
    future.exception()
