"""The microphone's sound while the network is behind: bounded, the oldest is dropped."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

from console import pcm, tasks
from console.errors import NotConnectedError

MAX_QUEUED_MS: Final = 2_000
"""What is older is of no use in a conversation."""


class MicrophoneQueue:
    """Holds chunks that cannot leave yet, and sends them in order when they can."""

    def __init__(
        self,
        send: Callable[[bytes], Awaitable[None]],
        on_skipped: Callable[[float], None],
        *,
        now_s: Callable[[], float],
        max_ms: float = MAX_QUEUED_MS,
    ) -> None:
        """Prepare an empty queue.

        Args:
            send: Sends a chunk; waits while the network is behind.
            on_skipped: Told, when a stretch of slowness is over, how many ms were dropped in it.
            now_s: The time.
            max_ms: How much is held at most.
        """
        self._now_s = now_s
        self._send = send
        self._on_skipped = on_skipped
        self._max_bytes = int(max_ms * pcm.BYTES_PER_MS)
        self._chunks: deque[bytes] = deque()
        self._size_bytes = 0
        self._skipped_bytes = 0
        self._came_bytes = 0
        self._began_s = 0.0
        self._sender: asyncio.Task[None] | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nothing is held and nothing is on its way: sound may be sent directly."""
        return self._sender is None

    @property
    def queued_ms(self) -> float:
        """How much is held, in milliseconds."""
        return pcm.bytes_to_ms(self._size_bytes)

    async def put(self, chunk: bytes) -> None:
        """Hold a chunk until the network can take it.

        Beyond the bound the oldest goes, if the sound comes as it is spoken. Other sound does not
        grow stale: it waits until there is room, and so does the caller.
        """
        if self._size_bytes + len(chunk) > self._max_bytes and not self._is_live():
            await self.wait_until_sent()
        if self._sender is None:
            self._began_s, self._came_bytes = self._now_s(), 0
            self._sender = tasks.spawn(self._send_all(), name="microphone queue")
        self._came_bytes += len(chunk)
        self._chunks.append(chunk)
        self._size_bytes += len(chunk)
        while self._size_bytes > self._max_bytes and len(self._chunks) > 1:
            dropped = len(self._chunks.popleft())
            self._size_bytes -= dropped
            self._skipped_bytes += dropped

    def _is_live(self) -> bool:
        """Return whether the sound comes as it is spoken: a file's would come all at once."""
        spoken_bytes = (self._now_s() - self._began_s) * 1000 * pcm.BYTES_PER_MS
        return self._came_bytes <= spoken_bytes + self._max_bytes / 2

    async def wait_until_sent(self) -> None:
        """Wait until all that is held has left, or was given up."""
        if self._sender is not None:
            await asyncio.wait([self._sender])

    def clear(self) -> None:
        """Give up what is held: it is too late for it, or it is not wanted."""
        self._chunks.clear()
        self._size_bytes = 0
        if self._sender is not None:
            self._sender.cancel()
            self._stretch_ended()

    async def _send_all(self) -> None:
        try:
            while self._chunks:
                chunk = self._chunks.popleft()
                self._size_bytes -= len(chunk)
                await self._send(chunk)
        except NotConnectedError:
            self._chunks.clear()
            self._size_bytes = 0
        self._stretch_ended()

    def _stretch_ended(self) -> None:
        self._sender = None
        skipped, self._skipped_bytes = self._skipped_bytes, 0
        if skipped:
            self._on_skipped(pcm.bytes_to_ms(skipped))
