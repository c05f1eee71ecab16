"""Keeps the audio of items, the newest so much and no more."""

from __future__ import annotations

from collections import deque

from console.realtime.items import ContentPart


class AudioBudget:
    """Appends audio to parts; beyond the budget the part that began first loses its own."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self.clear()

    def clear(self) -> None:
        """Forget all parts."""
        self._parts: deque[ContentPart] = deque()
        self.kept_bytes = 0
        """How much audio is held in memory."""

    def keep(self, part: ContentPart, audio: bytes) -> None:
        """Count audio for a part and append it, unless the part has lost its audio before."""
        part.received_bytes += len(audio)
        if part.is_audio_dropped or not audio:
            return
        if not part.audio:
            self._parts.append(part)
        # A bytearray grows in place: bytes + bytes would copy the whole item with each delta.
        part.audio += audio
        self.kept_bytes += len(audio)
        while self.kept_bytes > self._max_bytes:
            self.give_up(self._parts.popleft())

    def give_up(self, part: ContentPart) -> None:
        """Drop the audio of a part; what it has received stays counted."""
        if part.audio:
            self.kept_bytes -= len(part.audio)
            part.audio = bytearray()
            part.is_audio_dropped = True
