"""Chunks on their way from a microphone to a reader: bounded, the oldest dropped, counted."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Final

from console import pcm as pcm_units

MAX_BYTES: Final = 2 * pcm_units.SAMPLE_RATE_HZ * pcm_units.BYTES_PER_SAMPLE
"""Two seconds: older speech is of no use to a live conversation."""


class ChunkQueue:
    """A live queue of PCM: a reader that falls behind loses the oldest, never the newest."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        """Make an open, empty queue."""
        self._chunks: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._max_bytes = max_bytes
        self._changed = asyncio.Event()
        self._is_closed = False
        self._error: Exception | None = None
        self._n_put = 0
        self._n_done = 0
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []
        self.dropped_chunks = 0
        """How many chunks nobody read in time."""

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._is_closed

    def put(self, chunk: bytes) -> None:
        """Add the newest chunk; ignored when the queue is closed."""
        if self._is_closed:
            return
        self._chunks.append(chunk)
        self._waiting_bytes += len(chunk)
        self._n_put += 1
        while self._waiting_bytes > self._max_bytes:
            self._waiting_bytes -= len(self._chunks.popleft())
            self.dropped_chunks += 1
            self._n_done += 1
        self._changed.set()

    def close(self, error: Exception | None = None, *, discard: bool = False) -> None:
        """End the queue: the reader gets what is left, then the end, or `error`.

        Args:
            error: What the reader shall get at the end.
            discard: Forget what is left, so that the reader ends at once.
        """
        if not self._is_closed:
            self._is_closed = True
            self._error = error
        if discard:
            self._chunks.clear()
            self._n_done = self._n_put
            self._tell_waiters()
        self._changed.set()

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield chunks in order until the queue is closed and empty.

        Raises:
            Exception: What `close` was given.
        """
        while True:
            while self._chunks:
                chunk = self._chunks.popleft()
                self._waiting_bytes -= len(chunk)
                yield chunk
                self._n_done = min(self._n_done + 1, self._n_put)
                self._tell_waiters()
            if self._is_closed:
                break
            self._changed.clear()
            await self._changed.wait()
        if self._error is not None:
            raise self._error

    async def wait_until_read(self) -> None:
        """Wait until the reader has done with every chunk that was put before this call."""
        if self._n_done >= self._n_put or self._is_closed:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append((self._n_put, future))
        await future

    def _tell_waiters(self) -> None:
        for needed, future in self._waiters:
            if self._n_done >= needed and not future.done():
                future.set_result(None)
        self._waiters = [each for each in self._waiters if not each[1].done()]
