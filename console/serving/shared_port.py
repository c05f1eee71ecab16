"""One port for WebSockets and for all other HTTP requests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, cast

from websockets.asyncio.server import ServerConnection

_GET: Final = b"GET "
FIRST_BYTES_TIMEOUT_S: Final = 10.0

HandOver = Callable[[asyncio.Transport, bytes], None]


def anybody(_: asyncio.Transport) -> bool:
    """Let every connection come."""
    return True


class SharedPortConnection(ServerConnection):
    """A WebSocket connection that hands over requests which cannot become one.

    `websockets` reads nothing but GET. So the first bytes are looked at before it sees any of
    them, and a connection that begins with another method goes elsewhere, for good.
    """

    def __init__(
        self,
        *args: Any,
        hand_over: HandOver,
        waiting: set[asyncio.Transport],
        may_come: Callable[[asyncio.Transport], bool] = anybody,
        **options: Any,
    ) -> None:
        """Prepare a connection.

        Args:
            args: For the WebSocket connection.
            hand_over: Takes the transport, and what was read from it, for other methods.
            waiting: Holds the transport while nobody knows yet whose it is.
            may_come: Whether there is room for one more connection.
            options: For the WebSocket connection.
        """
        super().__init__(*args, **options)
        self._hand_over = hand_over
        self._waiting = waiting
        self._may_come = may_come
        self._first_bytes = b""
        self._newcomer: asyncio.Transport | None = None
        """The transport, until its first bytes have told whose it is."""
        self._patience: asyncio.TimerHandle | None = None

    # ------------------------------------------------------------ called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first bytes."""
        # It is TCP that is listened on; the transports of other event loops are no subclasses.
        newcomer = cast(asyncio.Transport, transport)
        self._newcomer = newcomer
        self._waiting.add(newcomer)
        if not self._may_come(newcomer):
            newcomer.abort()
            return
        self._patience = self.loop.call_later(FIRST_BYTES_TIMEOUT_S, newcomer.abort)

    def data_received(self, data: bytes) -> None:
        """Take bytes of the client."""
        if self._newcomer is not None:
            self._first_bytes += data
            if not _GET.startswith(self._first_bytes):
                self._welcome(self._newcomer, self._first_bytes)
        else:
            self.read_data(data)

    def read_data(self, data: bytes) -> None:
        """Take bytes of a WebSocket."""
        super().data_received(data)

    def eof_received(self) -> None:
        """Take the end of what the client sends."""
        if self._newcomer is None:
            super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Take the end of the connection."""
        if self._newcomer is None:
            super().connection_lost(exc)
        else:
            self._forget(self._newcomer)

    def _welcome(self, transport: asyncio.Transport, first_bytes: bytes) -> None:
        self._forget(transport)
        self._newcomer = None
        self._first_bytes = b""
        if first_bytes.startswith(_GET):
            super().connection_made(transport)
            super().data_received(first_bytes)
        else:
            self._hand_over(transport, first_bytes)

    def _forget(self, transport: asyncio.Transport) -> None:
        self._waiting.discard(transport)
        if self._patience is not None:
            self._patience.cancel()
