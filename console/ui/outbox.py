"""What waits to be sent to one browser: control first, audio bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, Final

from console.pcm import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ
from console.realtime.audio_shelf import AudioShelf
from console.ui.channel_wire import encode_audio, encode_messages
from console.ui.sound_queue import Piece, SoundQueue

MAX_QUEUED_BYTES: Final = 9 * 60 * SAMPLE_RATE_HZ * BYTES_PER_SAMPLE
"""Nine minutes: a whole answer arrives at once, and the browser takes a minute of it ahead."""
FRAME_BYTES: Final = 32 * 1024
"""Larger chunks are cut, so that one frame never holds the line for long."""


class Outbox:
    """Two lanes: messages that go at once, and audio with its ends in order.

    Messages are never dropped. When more than `MAX_QUEUED_BYTES` of audio wait, the oldest goes and
    is counted. The outbox outlives the socket: what waits when a line breaks is sent on the next.
    """

    def __init__(
        self, on_audio_dropped: Callable[[str, int], None], shelf: AudioShelf | None = None
    ) -> None:
        """Make an empty outbox.

        Args:
            on_audio_dropped: Called with the track and the number of samples that were dropped.
            shelf: Where audio waits that is not next; None: all of it waits in memory.
        """
        self._on_audio_dropped = on_audio_dropped
        self._urgent: list[dict[str, Any]] = []
        self._audio = SoundQueue(shelf)
        self._filled = asyncio.Event()

    @property
    def queued_bytes(self) -> int:
        """How many bytes of audio wait."""
        return self._audio.n_bytes

    @property
    def first_track(self) -> str | None:
        """The track whose audio is next to be sent; None when none waits."""
        return self._audio.first_track

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
            self._audio.put(track, pcm[start : start + FRAME_BYTES])
        self._drop_oldest()
        self._filled.set()

    def put_finish(self, track: str) -> None:
        """Say, behind its audio, that the track is complete."""
        self._audio.put(track, None)
        self._filled.set()

    def put_back(self, pieces: Iterable[Piece]) -> None:
        """Send again, ahead of what waits, what `next_audio` gave before: in the same order."""
        self._audio.put_first(pieces)
        self._drop_oldest()
        self._filled.set()

    def drop_audio(self) -> None:
        """Forget all audio that waits, and the ends of tracks; nothing is counted."""
        self._audio.clear()

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

    def next_audio(self) -> Piece | None:
        """Take the next piece: a track with PCM16, or with None for its end; None when empty."""
        return self._audio.take()

    def _drop_oldest(self) -> None:
        kept_ends: list[Piece] = []
        while self._audio.n_bytes > MAX_QUEUED_BYTES and (oldest := self._audio.take()):
            track, part = oldest
            if part is None:
                kept_ends.append(oldest)
            else:
                self._on_audio_dropped(track, len(part) // BYTES_PER_SAMPLE)
        self._audio.put_first(kept_ends)


def audio_frame(track: str, part: bytes | None) -> str | bytes:
    """Return the frame for what `Outbox.next_audio` gave."""
    if part is None:
        return encode_messages([{"k": "finish", "track": track}])
    return encode_audio(track, part)
