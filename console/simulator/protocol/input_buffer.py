"""The input audio buffer: PCM addressed by milliseconds since the session's first sample."""

from __future__ import annotations

from typing import Final

from console.pcm import BYTES_PER_MS, BYTES_PER_SAMPLE

MAX_HELD_MS: Final = 6 * 60_000
"""Audio that may wait for a commit."""
MAX_SILENCE_MS: Final = 30_000
"""Audio kept while turn detection hears nobody; older audio can no longer be asked for."""


class InputBuffer:
    """Appended audio that has not been committed. Positions never go back, also after a clear."""

    def __init__(self) -> None:
        self._audio = bytearray()
        self._start_byte = 0

    @property
    def n_samples(self) -> int:
        """Samples that a commit would take."""
        return len(self._audio) // BYTES_PER_SAMPLE

    @property
    def end_ms(self) -> int:
        """Milliseconds appended since the session began."""
        return (self._start_byte + len(self._audio)) // BYTES_PER_MS

    def append(self, pcm: bytes) -> None:
        """Take PCM16 mono 24 kHz."""
        self._audio += pcm

    def clear(self) -> None:
        """Throw away what is held."""
        self._drop(len(self._audio))

    def take_all(self) -> bytes:
        """Return everything held and empty the buffer."""
        taken = bytes(self._audio)
        self.clear()
        return taken

    def take(self, start_ms: int, end_ms: int) -> bytes:
        """Return the audio between two positions and drop all up to the second.

        What is no longer or not yet there is left out.
        """
        start, end = (self._offset(each) for each in (start_ms, end_ms))
        taken = bytes(self._audio[start:end])
        self._drop(end)
        return taken

    def peek(self, start_ms: int, end_ms: int) -> bytes:
        """Return the audio between two positions, as far as it is there; it stays."""
        return bytes(self._audio[self._offset(start_ms) : self._offset(end_ms)])

    def keep_last(self, kept_ms: int) -> None:
        """Drop all but the newest `kept_ms`."""
        self._drop(max(0, len(self._audio) - kept_ms * BYTES_PER_MS))

    def _offset(self, position_ms: int) -> int:
        return min(max(position_ms * BYTES_PER_MS - self._start_byte, 0), len(self._audio))

    def _drop(self, size_bytes: int) -> None:
        del self._audio[:size_bytes]
        self._start_byte += size_bytes
