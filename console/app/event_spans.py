"""Runs: events of one type about one item, which only other runs interrupt, are one row of the list.

Runs are made of audio, transcript, text and argument deltas and of the microphone's chunks. A run
has the number of its first event.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from console.app import event_summary
from console.app.event_payloads import AUDIO_FIELDS
from console.app.event_shelf import Entry, Source
from console.realtime.fields import text

RUN_GAP_MS: Final = 2_000.0
"""A silence longer than this ends a run."""
MAX_RUN_FRAMES: Final = 20_000
"""A run ends when the log has had so many events since it began."""

_TEXT_DELTAS: Final = (
    "transcript.delta", "text.delta", "arguments.delta", "transcription.delta",
)  # fmt: skip


@dataclass(slots=True)
class Run:
    """Events that make one row."""

    first: int
    """Number of its first event."""
    source: Source
    type: str
    item_id: str
    count: int = 0
    size_bytes: int = 0
    audio_ms: float = 0.0
    last_ms: float = 0.0
    """When its last event was seen."""
    text: str = ""
    """The beginning of what its text deltas say together."""

    @property
    def summary(self) -> str:
        """What it says, in one line."""
        return event_summary.shorten(self.text)

    def add(self, entry: Entry, audio_ms: float) -> None:
        """Take an event in."""
        self.count += 1
        self.size_bytes += entry.size_bytes
        self.audio_ms += audio_ms
        self.last_ms = entry.t_ms
        is_short = len(self.text) <= event_summary.MAX_SUMMARY_CHARACTERS
        if is_short and self.type not in AUDIO_FIELDS:
            self.text += text(entry.event.fields, "delta")


class RunFold:
    """Puts each event into its run."""

    def __init__(self) -> None:
        self.runs: dict[int, Run] = {}
        """By their numbers, oldest first; a row that is no run is not among them."""
        self._open: dict[tuple[str, str, str], Run] = {}
        self.longest = 1
        """How many events the longest run has had."""

    def take(self, number: int, entry: Entry, audio_ms: float) -> int:
        """Take an event in; return the number of the first of its row.

        Args:
            number: Of the event.
            entry: The event.
            audio_ms: How long its sound is.
        """
        key = _run_key(entry)
        if key is None:
            self._end_runs(entry)
            return number
        run = self._open.get(key)
        if (
            run is None
            or entry.t_ms - run.last_ms > RUN_GAP_MS
            or number - run.first >= MAX_RUN_FRAMES
        ):
            run = Run(number, entry.source, entry.event.type, key[2])
            self.runs[number] = self._open[key] = run
        run.add(entry, audio_ms)
        self.longest = max(self.longest, run.count)
        return run.first

    def forget_before(self, number: int) -> None:
        """Forget the runs that began before an event."""
        while self.runs and (first := next(iter(self.runs))) < number:
            del self.runs[first]
        for key in [key for key, run in self._open.items() if run.first < number]:
            del self._open[key]

    def _end_runs(self, entry: Entry) -> None:
        """End the runs of whoever sent `entry`; what the server says of speech ends both."""
        if entry.source == "server" and entry.event.type.startswith("input_audio_buffer."):
            self._open.clear()
        for key in [each for each in self._open if each[0] == entry.source]:
            del self._open[key]


def _run_key(entry: Entry) -> tuple[str, str, str] | None:
    event = entry.event
    if event.type in AUDIO_FIELDS or event.type.endswith(_TEXT_DELTAS):
        return entry.source, event.type, text(event.fields, "item_id")
    return None
