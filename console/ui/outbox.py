"""What waits to be sent to one browser: control first, audio bounded."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Final

from console.pcm import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ
from console.ui.channel_wire import encode_audio, encode_messages

MAX_QUEUED_BYTES: Final = 9 * 60 * SAMPLE_RATE_HZ * BYTES_PER_SAMPLE
"""Nine minutes: a whole answer arrives at once, and the browser takes a minute of it ahead."""
FRAME_BYTES: Final = 32 * 1024
"""Larger chunks are cut, so that one frame never holds the line for long."""


class Outbox:
    """Two lanes: messages that go at once, and audio with its ends in order.

    Messages are never dropped. When more than `MAX_QUEUED_BYTES` of audio wait, the oldest goes and
    is counted. The outbox outlives the socket: what waits when a line breaks is sent on the next.
    """

    def __init__(self, on_audio_dropped: Callable[[str, int], None]) -> None:
        """Make an empty outbox.

        Args:
            on_audio_dropped: Called with the track and the number of samples that were dropped.
        """
        self._on_audio_dropped = on_audio_dropped
        self._urgent: list[dict[str, Any]] = []
        self._audio: deque[tuple[str, bytes | None]] = deque()
        self._queued_bytes = 0
        self._filled = asyncio.Event()

    @property
    def queued_bytes(self) -> int:
        """How many bytes of audio wait."""
        return self._queued_bytes

    @property
    def first_track(self) -> str | None:
        """The track whose audio is next to be sent; None when none waits."""
        return next((track for track, part in self._audio if part is not None), None)

    def wake(self) -> None:
        """Make `wait` return, though nothing was put in."""
        self._filled.set()

    async def wait(self) -> None:
        """Wait until something was put in, or `wake` was called, since the last `wait`."""
        await self._filled.wait()
        self._filled.clear()

    def put_message(self, message: dict[str, Any]) -> None:
        """Send `message` ahead of all audio."""
        self._urgent.append(message)
        self._filled.set()

    def put_audio(self, track: str, pcm: bytes) -> None:
        """Send audio behind what waits."""
        for start in range(0, len(pcm), FRAME_BYTES):
            part = pcm[start : start + FRAME_BYTES]
            self._audio.append((track, part))
            self._queued_bytes += len(part)
        self._drop_oldest()
        self._filled.set()

    def put_finish(self, track: str) -> None:
        """Say, behind its audio, that the track is complete."""
        self._audio.append((track, None))
        self._filled.set()

    def put_back(self, pieces: Iterable[tuple[str, bytes | None]]) -> None:
        """Send again, ahead of what waits, what `next_audio` gave before: in the same order."""
        returned = list(pieces)
        self._audio.extendleft(reversed(returned))
        self._queued_bytes += sum(len(part or b"") for _, part in returned)
        self._drop_oldest()
        self._filled.set()

    def drop_audio(self) -> None:
        """Forget all audio that waits, and the ends of tracks; nothing is counted."""
        self._audio.clear()
        self._queued_bytes = 0

    def drop_messages(self) -> None:
        """Forget the messages: the browser that they were meant for has gone."""
        self._urgent.clear()

    def next_message_frame(self) -> str | None:
        """Take all messages as one text frame; None when there are none."""
        if not self._urgent:
            return None
        frame = encode_messages(self._urgent)
        self._urgent.clear()
        return frame

    def next_audio(self) -> tuple[str, bytes | None] | None:
        """Take the next piece: a track with PCM16, or with None for its end; None when empty."""
        if not self._audio:
            return None
        track, part = self._audio.popleft()
        self._queued_bytes -= len(part or b"")
        return track, part

    def _drop_oldest(self) -> None:
        kept_ends: list[tuple[str, bytes | None]] = []
        while self._queued_bytes > MAX_QUEUED_BYTES:
            track, part = self._audio.popleft()
            if part is None:
                kept_ends.append((track, None))
                continue
            self._queued_bytes -= len(part)
            self._on_audio_dropped(track, len(part) // BYTES_PER_SAMPLE)
        self._audio.extendleft(reversed(kept_ends))


def audio_frame(track: str, part: bytes | None) -> str | bytes:
    """Return the frame for what `Outbox.next_audio` gave."""
    if part is None:
        return encode_messages([{"k": "finish", "track": track}])
    return encode_audio(track, part)
