"""How much of what the user said was lost between the microphone and here."""

from __future__ import annotations

from typing import Final

from console import pcm as pcm_units
from console.signals import Signal
from console.ui.channel_wire import MicrophoneChunk

SHORTEST_GAP_MS: Final = 5.0
"""Below it, two chunks follow each other: resampled, their ends are no whole milliseconds."""
START_MS: Final = 300.0
"""A press may be so much longer than its sound: the microphone is on only after the press."""
WORTH_TELLING_MS: Final = 200.0


class MissingSpeech:
    """Compares the chunks that came with the time that they should fill.

    While the server listens all the time, a chunk that begins later than the one before it ended
    shows a loss, whether the browser left out the sound or the line was too slow for the chunk. A
    press shows it by its length, and so also what a sound system never gave to the browser.
    """

    def __init__(self) -> None:
        self.told: Signal[float] = Signal("missing speech")
        """How many ms are missing in all; told when it has grown by something that one may hear."""
        self.total_ms = 0.0
        self._told_ms = 0.0
        self._end_ms: float | None = None
        """Where the next chunk should begin, on the clock of the microphone."""
        self._pressed_ms: float | None = None
        """How much sound came since the button was pressed; None while it is not held."""

    def forget(self) -> None:
        """Another line, or another way to take turns: what comes next follows nothing."""
        self._end_ms = None
        self._pressed_ms = None

    def press(self) -> None:
        """The button is down."""
        self._pressed_ms = 0.0

    def release(self, held_ms: float) -> None:
        """The button is up; every chunk of the press has been taken.

        Args:
            held_ms: How long it was held.
        """
        heard_ms, self._pressed_ms = self._pressed_ms, None
        if heard_ms is not None and held_ms - heard_ms > START_MS:
            self._add(held_ms - heard_ms)

    def take(self, chunk: MicrophoneChunk) -> None:
        """Note a chunk that was taken."""
        chunk_ms = pcm_units.bytes_to_ms(len(chunk.pcm))
        expected_ms, self._end_ms = self._end_ms, chunk.time_ms + chunk_ms
        if self._pressed_ms is not None:
            self._pressed_ms += chunk_ms
        elif expected_ms is not None and not chunk.is_first:
            gap_ms = chunk.time_ms - expected_ms
            if gap_ms > SHORTEST_GAP_MS:
                self._add(gap_ms)

    def _add(self, missing_ms: float) -> None:
        self.total_ms += missing_ms
        if self.total_ms - self._told_ms >= WORTH_TELLING_MS:
            self._told_ms = self.total_ms
            self.told.emit(self.total_ms)
