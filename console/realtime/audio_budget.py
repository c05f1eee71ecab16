"""Keeps the audio of items, the newest so much and no more, of which some may lie on a shelf."""

from __future__ import annotations

from collections import deque
from typing import Final

from console.realtime.audio_shelf import AudioShelf, Shelved
from console.realtime.items import ContentPart

SLICE_BYTES: Final = 128 * 1024
"""Audio moves to the shelf in slices of this size: one takes less than a millisecond."""


class AudioBudget:
    """Appends audio to parts; beyond the budget the part that began first loses its own.

    With a shelf, memory holds the newest audio only: what is older moves there in slices, from the
    beginning of the part that began first.
    """

    def __init__(
        self, max_bytes: int, *, shelf: AudioShelf | None = None, max_memory_bytes: int = 0
    ) -> None:
        """Begin with nothing.

        Args:
            max_bytes: How much is kept altogether.
            shelf: Where audio goes that is not kept in memory; None: all of it is.
            max_memory_bytes: With a shelf, how much is kept in memory, give or take a slice.
        """
        self._max_bytes = max_bytes
        self._shelf = shelf
        self._shelve_at = max_memory_bytes + SLICE_BYTES if shelf is not None else max_bytes
        self._max_memory = max_memory_bytes
        self._n_shelved = 0
        self.clear()

    def clear(self) -> None:
        """Forget all parts; what lies on the shelf is gone."""
        self._parts: deque[ContentPart] = deque()
        self._in_memory: deque[ContentPart] = deque()
        self.kept_bytes = 0
        """How much audio is kept, in memory and on the shelf."""
        self.memory_bytes = 0
        """How much of it is held in memory."""
        if self._shelf is not None:
            self._shelf.clear()

    def keep(self, part: ContentPart, audio: bytes) -> None:
        """Count audio for a part and append it, unless the part has lost its audio before."""
        part.received_bytes += len(audio)
        if part.is_audio_dropped or not audio:
            return
        if not part.audio:
            if self._shelf is not None:
                self._in_memory.append(part)
            if part.shelved is None:
                self._parts.append(part)
        # A bytearray grows in place: bytes + bytes would copy the whole item with each delta.
        part.audio += audio
        self.kept_bytes += len(audio)
        self.memory_bytes += len(audio)
        while self.kept_bytes > self._max_bytes:
            self.give_up(self._parts.popleft())
        if self.memory_bytes > self._shelve_at and self._shelf is not None:
            self._shelve(self._shelf)

    def give_up(self, part: ContentPart) -> None:
        """Drop the audio of a part; what it has received stays counted."""
        if not part.kept_bytes:
            return
        self.kept_bytes -= part.kept_bytes
        self.memory_bytes -= len(part.audio)
        if part.shelved is not None:
            part.shelved.shelf.drop(part.shelved.key)
            part.shelved = None
        part.audio = bytearray()
        part.is_audio_dropped = True

    def _shelve(self, shelf: AudioShelf) -> None:
        while self.memory_bytes > self._max_memory:
            part = self._in_memory[0]
            if part.audio:
                self._move(part, shelf)
            if not part.audio:
                self._in_memory.popleft()

    def _move(self, part: ContentPart, shelf: AudioShelf) -> None:
        """Move the first slice of a part's audio, or give all of it up when that fails."""
        audio = bytes(part.audio[:SLICE_BYTES])
        if part.shelved is None:
            self._n_shelved += 1
            part.shelved = Shelved(shelf, self._n_shelved)
        if not shelf.put(part.shelved.key, audio):
            self.give_up(part)
            return
        part.shelved.n_bytes += len(audio)
        del part.audio[: len(audio)]
        self.memory_bytes -= len(audio)
