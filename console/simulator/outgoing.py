"""The way of a session's events to its client: in order, bounded, with faults on demand."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Iterable
from typing import Any, Final

import orjson
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from console.simulator.faults import Faults

logger = logging.getLogger(__name__)

ROOM_BYTES: Final = 1024 * 1024
"""Speech waits while more than this is queued."""
MAX_QUEUED_BYTES: Final = 8 * 1024 * 1024
"""A client that leaves more than this unread is dropped."""
SEND_TIMEOUT_S: Final = 20.0
"""A client that takes nothing for this long is dropped."""


class Outgoing:
    """Queues events for one connection; `run` sends them."""

    def __init__(
        self,
        connection: ServerConnection,
        faults: Faults,
        *,
        send_timeout_s: float = SEND_TIMEOUT_S,
    ) -> None:
        self._connection = connection
        self._faults = faults
        self._send_timeout_s = send_timeout_s
        self._queue: deque[str] = deque()
        self._queued_bytes = 0
        self._sent = 0
        self._has_some = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._ending: tuple[int, str] | None = None

    def put(self, events: Iterable[dict[str, Any]]) -> None:
        """Queue events. Drops the connection when its client does not read."""
        for event in events:
            text = orjson.dumps(event).decode()
            # One event of any size is fine (an item with its audio); a heap of them is not.
            if self._queue and self._queued_bytes + len(text) > MAX_QUEUED_BYTES:
                self._drop_slow_client()
                return
            self._queue.append(text)
            self._queued_bytes += len(text)
        if self._queued_bytes > ROOM_BYTES:
            self._has_room.clear()
        self._has_some.set()

    def end(self, code: int, reason: str) -> None:
        """Close the connection once everything queued has been sent."""
        self._ending = (code, reason)
        self._has_some.set()

    async def wait_for_room(self) -> None:
        """Wait while the client is behind."""
        await self._has_room.wait()

    async def run(self) -> None:
        """Send until the connection ends, from either side or by a fault; returns then."""
        # That the client has gone is how most sessions end; there is nobody left to tell.
        with contextlib.suppress(ConnectionClosed):
            while not await self._fault_is_due():
                if self._queue:
                    await self._send(self._queue.popleft())
                elif self._ending is not None:
                    await self._connection.close(*self._ending)
                    return
                else:
                    self._has_some.clear()
                    await self._has_some.wait()

    async def _send(self, text: str) -> None:
        try:
            async with asyncio.timeout(self._send_timeout_s):
                await self._connection.send(text)
        except TimeoutError:
            self._drop_slow_client()
            await self._connection.wait_closed()
            return
        self._sent += 1
        self._queued_bytes -= len(text)
        if self._queued_bytes <= ROOM_BYTES:
            self._has_room.set()

    async def _fault_is_due(self) -> bool:
        faults = self._faults
        if self._sent == faults.close_after:
            await self._connection.close(faults.close_code, faults.close_reason)
            return True
        if self._sent == faults.drop_after:
            self._connection.transport.abort()
            return True
        if self._sent == faults.stall_after:
            await self._connection.wait_closed()
            return True
        return False

    def _drop_slow_client(self) -> None:
        logger.warning("dropped a client that left %d bytes unread", self._queued_bytes)
        self._queue.clear()
        self._queued_bytes = 0
        self._connection.transport.abort()
