"""Chunks on their way from a microphone to a reader: bounded, the oldest dropped, counted."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Final

MAX_CHUNKS: Final = 50
"""A second of 20 ms chunks: older speech is of no use to a live conversation."""


class ChunkQueue:
    """A live queue of PCM: a reader that falls behind loses the oldest, never the newest."""

    def __init__(self, max_chunks: int = MAX_CHUNKS) -> None:
        """Make an open, empty queue."""
        self._chunks: deque[bytes] = deque()
        self._max_chunks = max_chunks
        self._changed = asyncio.Event()
        self._is_closed = False
        self._error: Exception | None = None
        self.dropped_chunks = 0
        """How many chunks nobody read in time."""

    def put(self, chunk: bytes) -> None:
        """Add the newest chunk; ignored when the queue is closed."""
        if self._is_closed:
            return
        if len(self._chunks) == self._max_chunks:
            self._chunks.popleft()
            self.dropped_chunks += 1
        self._chunks.append(chunk)
        self._changed.set()

    def close(self, error: Exception | None = None) -> None:
        """End the queue: the reader gets what is left, then the end, or `error`."""
        if not self._is_closed:
            self._is_closed = True
            self._error = error
            self._changed.set()

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield chunks in order until the queue is closed and empty.

        Raises:
            Exception: What `close` was given.
        """
        while True:
            while self._chunks:
                yield self._chunks.popleft()
            if self._is_closed:
                break
            self._changed.clear()
            await self._changed.wait()
        if self._error is not None:
            raise self._error
