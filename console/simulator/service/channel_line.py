"""The data channel of a call, in the place of a WebSocket."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any, Final, Protocol

import orjson
from websockets.exceptions import ConnectionClosedError

from console.simulator.protocol.ids import NewId
from console.simulator.protocol.refusals import Refusal

logger = logging.getLogger(__name__)

LABEL: Final = "oai-events"
"""What the channel of events is called; others are left alone."""
MAX_UNSENT_BYTES: Final = 64 * 1024
"""Events wait while the channel holds more than this."""
MAX_UNREAD_BYTES: Final = 32 * 1024 * 1024
"""A caller that sends more than this ahead of what can be handled is dropped."""


class Channel(Protocol):
    """What is asked of a data channel."""

    bufferedAmountLowThreshold: int

    @property
    def label(self) -> str:
        """What it is called."""

    @property
    def bufferedAmount(self) -> int:
        """Bytes that have not been sent."""

    @property
    def readyState(self) -> str:
        """`open` while it can be used."""

    def send(self, data: bytes | str) -> None:
        """Queue a message."""

    def close(self) -> None:
        """Close it once all was sent."""

    def on(self, event: str, f: Callable[..., Any]) -> Any:
        """Call `f` with what happens."""


class ChannelLine:
    """Sends and receives messages; ends with the channel, or takes the call down with it."""

    def __init__(self, channel: Channel, new_id: NewId, hang_up: Callable[[], None]) -> None:
        """Take a channel over that is open.

        Args:
            channel: The data channel.
            new_id: Makes the identifiers of events that are added.
            hang_up: Ends the call at once, without a word.
        """
        self._channel = channel
        self._new_id = new_id
        self._hang_up = hang_up
        self._unread: deque[str | bytes] = deque()
        self._n_unread_bytes = 0
        self._has_news = asyncio.Event()
        self._has_room = asyncio.Event()
        self._closed = asyncio.Event()
        self._is_silent = False
        channel.bufferedAmountLowThreshold = MAX_UNSENT_BYTES
        channel.on("message", self._received)
        channel.on("bufferedamountlow", self._has_room.set)
        channel.on("close", self._has_closed)

    @property
    def transport(self) -> ChannelLine:
        """What can be aborted: the line itself."""
        return self

    def abort(self) -> None:
        """End the call at once, as if the line had been cut."""
        self._has_closed()
        self._hang_up()

    def go_silent(self) -> None:
        """Behave like a line that has died and told nobody."""
        self._is_silent = True
        self._unread.clear()

    # ------------------------------------------------------------ to the caller

    async def send(self, message: str | bytes, *, text: bool | None = None) -> None:
        """Send a message; waits while the channel has more to send than is good.

        Args:
            message: What to send.
            text: For WebSockets; a channel sends text as text and bytes as bytes.

        Raises:
            ConnectionClosed: The channel is no longer open.
        """
        await self._wait_until_at_most(MAX_UNSENT_BYTES)
        if self._closed.is_set() or self._channel.readyState != "open":
            raise ConnectionClosedError(None, None)
        if self._is_silent:
            return
        try:
            self._channel.send(message)
        except ValueError:
            logger.warning("an event of %d bytes is too long for its data channel", len(message))
            self._channel.send(self._too_long(message))

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the channel once all was sent, and end the call with it."""
        await self._wait_until_at_most(0)
        if self._channel.readyState == "open":
            self._channel.close()
        self._has_closed()
        self._hang_up()

    async def wait_closed(self) -> None:
        """Wait until the channel is closed."""
        await self._closed.wait()

    async def _wait_until_at_most(self, size_bytes: int) -> None:
        self._channel.bufferedAmountLowThreshold = size_bytes
        while self._channel.bufferedAmount > size_bytes and not self._closed.is_set():
            self._has_room.clear()
            await self._has_room.wait()

    def _too_long(self, message: str | bytes) -> str:
        kind = orjson.loads(message)["type"]
        refusal = Refusal(
            f"An event '{kind}' of {len(message)} bytes is longer than the data channel of this "
            "call may carry. A WebSocket that joins the call by its id gets events of any length.",
            code="message_too_long",
            kind="server_error",
        )
        event = {"type": "error", "event_id": self._new_id("event_"), "error": refusal.wire(None)}
        return orjson.dumps(event).decode()

    # ------------------------------------------------------------ from the caller

    async def __aiter__(self) -> AsyncIterator[str | bytes]:
        """Yield the messages of the caller until the channel is closed."""
        while True:
            while self._unread:
                message = self._unread.popleft()
                self._n_unread_bytes -= len(message)
                yield message
            if self._closed.is_set():
                return
            self._has_news.clear()
            await self._has_news.wait()

    def _received(self, message: str | bytes) -> None:
        if self._is_silent or self._closed.is_set():
            return
        self._unread.append(message)
        self._n_unread_bytes += len(message)
        self._has_news.set()
        if self._n_unread_bytes > MAX_UNREAD_BYTES:
            logger.warning("dropped a caller that was %d bytes ahead", self._n_unread_bytes)
            self.abort()

    def _has_closed(self) -> None:
        self._closed.set()
        self._has_news.set()
        self._has_room.set()
