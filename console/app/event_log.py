"""Every event of a session in both directions: bounded, with runs of the same kind folded.

A *row* stands for one event, or for a run: events of one type (audio, transcript and argument
deltas, microphone chunks) about one item that only other runs interrupt. Every event of a run
stays available. When the payload of all events passes the budget, the oldest audio is dropped
first and marked in its event; then whole events go, oldest first, and `dropped_events` counts.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from console import pcm
from console.app import event_summary
from console.realtime.events import Event

Source = Literal["client", "server"]

MAX_ROWS = 100_000
MAX_PAYLOAD_BYTES = 96 * 1024 * 1024
UNREADABLE = "(unreadable message)"
"""Stands in the list for what the server sent that was no event."""
RUN_GAP_MS = 2_000.0
"""A silence longer than this ends a run."""

_AUDIO_FIELDS = {
    "input_audio_buffer.append": "audio",
    "response.output_audio.delta": "delta",
    "response.audio.delta": "delta",
}
_TEXT_DELTAS = ("transcript.delta", "text.delta", "arguments.delta", "transcription.delta")


@dataclass(slots=True)
class Entry:
    """One event with its time."""

    t_ms: float
    """Since the log's first event."""
    source: Source
    event: Event
    size_bytes: int
    """On the wire."""

    def as_json(self) -> dict[str, Any]:
        """Return what the page's JSON view shows."""
        return {"t": self.t_ms, "source": self.source, "event": self.event.as_dict()}


@dataclass(slots=True)
class Row:
    """One line of the list: an event, or a run of them."""

    index: int
    first_ms: float
    gap_ms: float
    source: Source
    type: str
    summary: str
    item_id: str | None
    response_id: str | None
    is_error: bool
    version: int = 0
    count: int = 0
    size_bytes: int = 0
    audio_ms: float = 0.0
    last_ms: float = 0.0
    text: str = ""
    """The beginning of what the run's text deltas say together."""
    entries: list[Entry] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the row as the session channel sends it (`Row` in ARCHITECTURE.md)."""
        return {
            "i": self.index,
            "v": self.version,
            "t": round(self.first_ms, 1),
            "g": round(self.gap_ms, 1),
            "s": self.source,
            "y": self.type,
            "d": self.summary,
            "n": self.count,
            "b": self.size_bytes,
            "a": round(self.audio_ms),
            "u": round(self.last_ms, 1),
            "e": self.is_error,
            "item": self.item_id,
            "resp": self.response_id,
        }


class EventLog:
    """The events of one session, oldest first."""

    def __init__(
        self, *, max_rows: int = MAX_ROWS, max_payload_bytes: int = MAX_PAYLOAD_BYTES
    ) -> None:
        self._max_rows = max_rows
        self._max_payload_bytes = max_payload_bytes
        self.epoch = 0
        """Counts how often the log was cleared; rows of another epoch mean nothing."""
        self.version = 0
        """Grows with every change of a row."""
        self._start()

    def _start(self) -> None:
        self._rows: OrderedDict[int, Row] = OrderedDict()
        self._changed: OrderedDict[int, int] = OrderedDict()
        self._runs: dict[tuple[str, str, str], Row] = {}
        self._audio: deque[tuple[Row, Entry]] = deque()
        self._next_index = 0
        self._origin_s: float | None = None
        self._last_row_ms = 0.0
        self.seen: Counter[str] = Counter()
        """How many events of each type there were, held or not."""
        self.payload_bytes = 0
        self.dropped_events = 0
        """Events that had to go to keep within the bounds."""
        self.dropped_audio_events = 0
        """Events whose audio had to go."""

    def clear(self) -> None:
        """Forget everything; a new epoch begins."""
        self.epoch += 1
        self.version = 0
        self._start()

    def __len__(self) -> int:
        """Return how many rows are held."""
        return len(self._rows)

    def add(self, at_s: float, source: Source, event: Event, size_bytes: int) -> Row:
        """Append an event and return its row, which may be a run that it continues.

        Args:
            at_s: When it was seen, on any clock that never goes back.
            source: Who sent it.
            event: The event; it is kept, not copied.
            size_bytes: Its size on the wire.
        """
        if self._origin_s is None:
            self._origin_s = at_s
        entry = Entry((at_s - self._origin_s) * 1000, source, event, size_bytes)
        self.seen[event.type] += 1
        row = self._row_for(entry)
        self._extend(row, entry)
        self._keep_bounds()
        return row

    def rows_after(self, version: int, limit: int = 2_000) -> list[Row]:
        """Return at most `limit` rows that changed after `version`, earliest change first."""
        found: list[Row] = []
        for index in reversed(self._changed):
            row = self._rows[index]
            if row.version <= version:
                break
            found.append(row)
        found.reverse()
        return found[:limit]

    def row(self, index: int) -> Row | None:
        """Return a row, or None when it never was or had to go."""
        return self._rows.get(index)

    def entries(self) -> Iterator[Entry]:
        """Yield all events that are held, in the order in which they were seen."""
        return iter(
            sorted(
                (entry for row in self._rows.values() for entry in row.entries),
                key=lambda entry: entry.t_ms,
            )
        )

    def _row_for(self, entry: Entry) -> Row:
        key = _run_key(entry)
        if key is None:
            self._end_runs(entry)
            return self._new_row(entry)
        row = self._runs.get(key)
        if row is None or entry.t_ms - row.last_ms > RUN_GAP_MS or row.index not in self._rows:
            row = self._runs[key] = self._new_row(entry)
        return row

    def _end_runs(self, entry: Entry) -> None:
        """End the runs of whoever sent `entry`; what the server says of speech ends both."""
        if entry.source == "server" and entry.event.type.startswith("input_audio_buffer."):
            self._runs.clear()
        for key in [each for each in self._runs if each[0] == entry.source]:
            del self._runs[key]

    def _new_row(self, entry: Entry) -> Row:
        fields = entry.event.fields
        row = Row(
            index=self._next_index,
            first_ms=entry.t_ms,
            gap_ms=entry.t_ms - self._last_row_ms if self._rows else 0.0,
            source=entry.source,
            type=entry.event.type,
            summary="",
            item_id=_id_of(fields, "item_id", "item"),
            response_id=_id_of(fields, "response_id", "response"),
            is_error=_is_error(entry.event),
        )
        self._next_index += 1
        self._last_row_ms = entry.t_ms
        self._rows[row.index] = row
        return row

    def _extend(self, row: Row, entry: Entry) -> None:
        fields = entry.event.fields
        row.entries.append(entry)
        row.count += 1
        row.size_bytes += entry.size_bytes
        row.last_ms = entry.t_ms
        audio_field = _AUDIO_FIELDS.get(row.type)
        if audio_field is not None:
            row.audio_ms += _audio_ms(fields.get(audio_field))
            self._audio.append((row, entry))
        elif not row.type.endswith(_TEXT_DELTAS):
            row.summary = event_summary.summarise(row.type, fields)
        elif len(row.text) <= event_summary.MAX_SUMMARY_CHARACTERS:
            delta = fields.get("delta")
            row.text += delta if isinstance(delta, str) else ""
            row.summary = event_summary.shorten(row.text)
        self.payload_bytes += entry.size_bytes
        self.version += 1
        row.version = self.version
        self._changed[row.index] = self.version
        self._changed.move_to_end(row.index)

    def _keep_bounds(self) -> None:
        while self.payload_bytes > self._max_payload_bytes and self._audio:
            row, entry = self._audio.popleft()
            self._drop_audio(row, entry)
        while len(self._rows) > 1 and (
            len(self._rows) > self._max_rows or self.payload_bytes > self._max_payload_bytes
        ):
            self._drop_oldest_row()

    def _drop_audio(self, row: Row, entry: Entry) -> None:
        audio_field = _AUDIO_FIELDS[row.type]
        audio = entry.event.fields.get(audio_field)
        if row.index not in self._rows or not isinstance(audio, str):
            return
        note = f"({len(audio)} characters of base64 were dropped to bound memory)"
        entry.event = Event(
            entry.event.type, entry.event.event_id, {**entry.event.fields, audio_field: note}
        )
        self.payload_bytes -= len(audio)
        entry.size_bytes = max(0, entry.size_bytes - len(audio))
        self.dropped_audio_events += 1

    def _drop_oldest_row(self) -> None:
        index, row = self._rows.popitem(last=False)
        self._changed.pop(index, None)
        self.payload_bytes -= sum(entry.size_bytes for entry in row.entries)
        self.dropped_events += row.count


def _run_key(entry: Entry) -> tuple[str, str, str] | None:
    event = entry.event
    if event.type in _AUDIO_FIELDS or event.type.endswith(_TEXT_DELTAS):
        about = event.fields.get("item_id")
        return entry.source, event.type, about if isinstance(about, str) else ""
    return None


def _id_of(fields: Mapping[str, Any], key: str, nested: str) -> str | None:
    value = fields.get(key)
    if value is None and isinstance(inner := fields.get(nested), Mapping):
        value = inner.get("id")
    return value if isinstance(value, str) else None


def _is_error(event: Event) -> bool:
    if event.type in ("error", UNREADABLE) or event.type.endswith(".failed"):
        return True
    response = event.fields.get("response")
    return (
        event.type == "response.done"
        and isinstance(response, Mapping)
        and response.get("status") == "failed"
    )


def _audio_ms(value: Any) -> float:
    """Return the duration of base64 PCM16 at 24 kHz without decoding it."""
    if not isinstance(value, str):
        return 0.0
    return pcm.bytes_to_ms(len(value) * 3 // 4 - value[-2:].count("="))
