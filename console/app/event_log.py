"""Every event of a session in both directions: bounded, with runs of the same kind folded.

A *row* stands for one event, or for a run: events of one type (audio, transcript and argument
deltas, microphone chunks) about one item that only other runs interrupt. Every event of a run
stays available. With a shelf, memory holds the newest events only, and older ones are read back when
somebody looks at them; when the payload of all events passes the budget, the oldest on the shelf go.
Without a shelf, or when it takes no more, memory has a bound of its own: the oldest audio goes first
and is marked in its event, then whole events. Their rows stay, up to so many; `dropped_events` counts.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from console import pcm
from console.app import event_summary
from console.app.event_shelf import Entry, EventShelf, Source, Stretch
from console.app.event_summary import UNREADABLE
from console.app.held_events import ENTRY_BYTES, HeldEvents, memory_of
from console.realtime.audio_shelf import AudioShelf
from console.realtime.events import Event

MAX_ROWS = 100_000
MAX_PAYLOAD_BYTES = 96 * 1024 * 1024
MAX_MEMORY_BYTES = 1024 * 1024
"""With a shelf, what the newest events may take of memory, give or take a slice."""
MAX_HELD_BYTES = 8 * 1024 * 1024
"""What events may take of memory that no shelf takes."""
SLICE_BYTES: Final = 256 * 1024
"""Events move to the shelf in slices of this size at least: one takes about a millisecond."""
RUN_GAP_MS = 2_000.0
"""A silence longer than this ends a run."""

_AUDIO_FIELDS = {
    "input_audio_buffer.append": "audio",
    "response.output_audio.delta": "delta",
    "response.audio.delta": "delta",
}
_TEXT_DELTAS = ("transcript.delta", "text.delta", "arguments.delta", "transcription.delta")


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
    stretches: list[Stretch] = field(default_factory=list)
    """Of its events, those on the shelf."""
    entries: list[Entry] = field(default_factory=list)
    """Those in memory; they are newer."""
    n_gone: int = 0
    """How many had to go."""

    @property
    def n_held(self) -> int:
        """How many of its events can still be looked at."""
        return self.count - self.n_gone

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


@dataclass(frozen=True, slots=True)
class _Slice:
    """Events that went to the shelf together."""

    key: int
    rows: list[Row]
    payload_bytes: int


class EventLog:
    """The events of one session, oldest first."""

    def __init__(
        self,
        *,
        max_rows: int = MAX_ROWS,
        max_payload_bytes: int = MAX_PAYLOAD_BYTES,
        shelf: AudioShelf | None = None,
        max_memory_bytes: int = MAX_MEMORY_BYTES,
        max_held_bytes: float = MAX_HELD_BYTES,
    ) -> None:
        """Begin without events.

        Args:
            max_rows: How many rows there may be.
            max_payload_bytes: With a shelf, what all events may have had on the wire.
            shelf: Where older events go; None: all of them stay in memory.
            max_memory_bytes: With a shelf, what may stay in memory.
            max_held_bytes: Without one, or when it takes no more, what events may take of memory.
        """
        self._max_rows = max_rows
        self._max_payload_bytes = max_payload_bytes
        self._max_memory_bytes = max_memory_bytes
        self._max_held_bytes = max_held_bytes
        self._shelf = None if shelf is None else EventShelf(shelf)
        self.epoch = 0
        """Counts how often the log was cleared; rows of another epoch mean nothing."""
        self.version = 0
        """Grows with every change of a row."""
        self._start()

    def _start(self) -> None:
        self._rows: OrderedDict[int, Row] = OrderedDict()
        self._changed: OrderedDict[int, int] = OrderedDict()
        self._runs: dict[tuple[str, str, str], Row] = {}
        self._held = HeldEvents(self._max_held_bytes)
        self._is_shelving = self._shelf is not None
        if self._shelf is not None:
            self._shelf.clear()
        self._in_memory: OrderedDict[int, Row] = OrderedDict()
        self._memory_bytes = 0
        self._slices: deque[_Slice] = deque()
        self._next_index = 0
        self._origin_s: float | None = None
        self._last_row_ms = 0.0
        self.seen: Counter[str] = Counter()
        """How many events of each type there were, held or not."""
        self.payload_bytes = 0
        """On the wire, of the events that are on the shelf or on their way there."""
        self._n_dropped = 0

    @property
    def dropped_events(self) -> int:
        """How many events had to go to keep within the bounds."""
        return self._n_dropped + self._held.n_gone

    @property
    def dropped_audio_events(self) -> int:
        """How many events are there whose audio had to go."""
        return self._held.n_silenced

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
        held = (each for row in self._rows.values() for each in self.entries_of(row))
        return iter(sorted(held, key=lambda entry: entry.t_ms))

    def entries_of(self, row: Row, offset: int = 0, limit: int | None = None) -> list[Entry]:
        """Return events of a row that are held, oldest first.

        Args:
            row: The row.
            offset: How many to leave out.
            limit: The most to return; None: all.
        """
        stop = row.n_held if limit is None else min(row.n_held, offset + limit)
        found: list[Entry] = []
        begins = 0
        for stretch in row.stretches:
            start, end = max(offset - begins, 0), min(stop - begins, stretch.count)
            if self._shelf is not None and start < end:
                found += self._shelf.get(stretch, start, end)
            begins += stretch.count
        return found + row.entries[max(offset - begins, 0) : max(stop - begins, 0)]

    def close(self) -> None:
        """Give back what the shelf holds."""
        if self._shelf is not None:
            self._shelf.clear()

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
        audio_field = _AUDIO_FIELDS.get(row.type)
        if self._is_shelving:
            self._in_memory.setdefault(row.index, row)
            self._memory_bytes += memory_of(entry)
            self.payload_bytes += entry.size_bytes
        else:
            self._held.add(row, entry, audio_field)
        row.count += 1
        row.size_bytes += entry.size_bytes
        row.last_ms = entry.t_ms
        if audio_field is not None:
            row.audio_ms += _audio_ms(fields.get(audio_field))
        elif not row.type.endswith(_TEXT_DELTAS):
            row.summary = event_summary.summarise(row.type, fields)
        elif len(row.text) <= event_summary.MAX_SUMMARY_CHARACTERS:
            delta = fields.get("delta")
            row.text += delta if isinstance(delta, str) else ""
            row.summary = event_summary.shorten(row.text)
        self.version += 1
        row.version = self.version
        self._changed[row.index] = self.version
        self._changed.move_to_end(row.index)

    def _keep_bounds(self) -> None:
        if self._memory_bytes > self._max_memory_bytes + SLICE_BYTES:
            while self._is_shelving and self._memory_bytes > self._max_memory_bytes:
                self._shelve()
        while self.payload_bytes > self._max_payload_bytes and self._slices:
            self._drop_oldest_slice()
        self._held.keep_bounds()
        while len(self._rows) > max(1, self._max_rows):
            self._drop_oldest_row()

    def _shelve(self) -> None:
        """Move the oldest events of memory to the shelf; what it does not take stays."""
        assert self._shelf is not None
        rows: list[Row] = []
        n_bytes = 0
        while self._in_memory and n_bytes < SLICE_BYTES:
            _, row = self._in_memory.popitem(last=False)
            rows.append(row)
            n_bytes += sum(memory_of(each) for each in row.entries)
        key = self._shelf.put([each for row in rows for each in row.entries])
        if key is None:
            self._stop_shelving(rows)
            return
        first = 0
        for row in rows:
            row.stretches.append(Stretch(key, first, len(row.entries)))
            first += len(row.entries)
            row.entries = []
        self._memory_bytes -= n_bytes
        self._slices.append(_Slice(key, rows, n_bytes - first * ENTRY_BYTES))

    def _stop_shelving(self, rows: list[Row]) -> None:
        """Hold in memory what comes from now on: the shelf takes no more."""
        self._is_shelving = False
        in_memory = [*rows, *self._in_memory.values()]
        entries = [(row, each) for row in in_memory for each in row.entries]
        for row, entry in sorted(entries, key=lambda pair: pair[1].t_ms):
            self._held.add(row, entry, _AUDIO_FIELDS.get(row.type))
            self.payload_bytes -= entry.size_bytes
        self._in_memory.clear()
        self._memory_bytes = 0

    def _drop_oldest_slice(self) -> None:
        assert self._shelf is not None
        oldest = self._slices.popleft()
        self._shelf.drop(oldest.key)
        self.payload_bytes -= oldest.payload_bytes
        for row in oldest.rows:
            stretch = row.stretches.pop(0)
            row.n_gone += stretch.count
            if row.index in self._rows:  # else it was counted when it went
                self._n_dropped += stretch.count

    def _drop_oldest_row(self) -> None:
        index, row = self._rows.popitem(last=False)
        self._changed.pop(index, None)
        self._n_dropped += row.n_held
        if self._in_memory.pop(index, None) is None:
            self._held.forget(row)
            return
        # What it has on the shelf counts until that goes.
        self._memory_bytes -= sum(memory_of(each) for each in row.entries)
        self.payload_bytes -= sum(each.size_bytes for each in row.entries)


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
