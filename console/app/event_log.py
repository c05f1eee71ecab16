"""Every event of a session in both directions: bounded, at three zooms.

Each event is a *frame* with a number. Frames of a run are one *span*; frames of a turn are one
*turn*; both have the number of their first frame. With a shelf, memory holds small columns of
numbers and the newest events, and the rest is read back when somebody looks at it.

When the payload of all events passes the budget, the oldest go; their rows stay, and say so.
Without a shelf, or when it takes no more, memory has a bound of its own: the oldest audio goes first
and is marked in its event, then whole events. `dropped_events` counts. When there are too many rows,
the oldest rows go as well.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from console.app import event_summary
from console.app.event_filter import Zoom
from console.app.event_frames import Frame, FrameTable
from console.app.event_payloads import MAX_HELD_BYTES, MAX_MEMORY_BYTES, PayloadStore
from console.app.event_shelf import Entry, EventShelf, Source
from console.app.event_sound import EventSound
from console.app.event_spans import Run, RunFold
from console.app.event_summary import UNREADABLE
from console.app.event_turns import TurnFold
from console.app.turn_times import TurnTimes
from console.realtime.audio_shelf import AudioShelf
from console.realtime.events import Event

MAX_FRAMES: Final = 250_000
MAX_SHELVED_BYTES: Final = 192 * 1024 * 1024
"""With a shelf: half an hour of voices in both directions, which never pause."""

MAX_GROWN: Final = 4_096
"""Runs and turns whose changes are remembered; a page asks for them many times a second."""


class EventLog:
    """The events of one session, oldest first."""

    def __init__(
        self,
        *,
        max_frames: int = MAX_FRAMES,
        max_payload_bytes: int = MAX_SHELVED_BYTES,
        shelf: AudioShelf | None = None,
        max_memory_bytes: int = MAX_MEMORY_BYTES,
        max_held_bytes: float = MAX_HELD_BYTES,
    ) -> None:
        """Begin without events.

        Args:
            max_frames: How many rows of single events there may be.
            max_payload_bytes: With a shelf, what all events may have had on the wire.
            shelf: Where older events go; None: all of them stay in memory.
            max_memory_bytes: With a shelf, what may stay in memory.
            max_held_bytes: Without one, or when it takes no more, what events may take of memory.
        """
        self._max_frames = max_frames
        self._max_payload_bytes = max_payload_bytes
        self._max_memory_bytes = max_memory_bytes
        self._max_held_bytes = max_held_bytes
        self._shelf = None if shelf is None else EventShelf(shelf)
        self.epoch = 0
        """Counts how often the log was cleared; numbers of another epoch mean nothing."""
        self.where = ""
        """The URL of who is talked to, without secrets; empty: nobody has said."""
        self._start()

    def _start(self) -> None:
        if self._shelf is not None:
            self._shelf.clear()
        self.frames = FrameTable(self._shelf, self._max_frames)
        self.payloads = PayloadStore(
            self._shelf,
            max_payload_bytes=self._max_payload_bytes,
            max_memory_bytes=self._max_memory_bytes,
            max_held_bytes=self._max_held_bytes,
        )
        self.turns = TurnTimes()
        self.sound = EventSound()
        self._runs = RunFold()
        self._turn_rows = TurnFold(self.turns)
        self._grown: OrderedDict[tuple[Zoom, int], int] = OrderedDict()
        self._turns_version = 0
        self._origin_s: float | None = None
        self.version = 0
        """Grows with every change of a row."""
        self.seen: Counter[str] = Counter()
        """How many events of each type there were, held or not."""
        self.began_wall_s: float | None = None
        """When the first event was seen, in seconds since 1970; None: nobody has said."""

    def clear(self) -> None:
        """Forget everything; a new epoch begins."""
        self.epoch += 1
        self._start()

    def close(self) -> None:
        """Give back what the shelf holds."""
        if self._shelf is not None:
            self._shelf.clear()

    def __len__(self) -> int:
        """Return how many events have a row."""
        return len(self.frames)

    @property
    def dropped_events(self) -> int:
        """Events that had to go to keep within the bounds; some still have a row."""
        return max(self.payloads.n_gone, self.frames.first)

    @property
    def longest_run(self) -> int:
        """How many events the longest run has had."""
        return self._runs.longest

    def ms_at(self, at_s: float) -> float:
        """Return a reading of the clock that `add` is told, in ms since the first event."""
        return 0.0 if self._origin_s is None else (at_s - self._origin_s) * 1000

    def add(self, at_s: float, source: Source, event: Event, size_bytes: int) -> int:
        """Append an event and return its number.

        Args:
            at_s: When it was seen, on any clock that never goes back.
            source: Who sent it.
            event: The event; it is kept, not copied.
            size_bytes: Its size on the wire.
        """
        if self._origin_s is None:
            self._origin_s = at_s
        entry = Entry(self.ms_at(at_s), source, event, size_bytes)
        self.seen[event.type] += 1
        self.turns.take(entry.t_ms, source, event)
        number = self.frames.end
        if self.frames.append(self._fold(number, entry)):
            self._runs.forget_before(self.frames.first)
            self._turn_rows.forget_before(self.frames.first)
            self.payloads.forget_before(self.frames.first)
        self.payloads.append(entry)
        self.version += 1
        return number

    def count(self, zoom: Zoom) -> int:
        """Return how many rows there are."""
        match zoom:
            case "frames":
                return len(self.frames)
            case "spans":
                return self.frames.n_spans
            case "turns":
                return self.frames.n_turns

    def row_at(self, zoom: Zoom, number: int) -> int:
        """Return the number of the row that holds a frame."""
        frame = None if zoom == "frames" else self.frames.get(number)
        if frame is None:
            return number
        return frame.span if zoom == "spans" else frame.turn

    def row(self, zoom: Zoom, number: int) -> dict[str, Any] | None:
        """Return a row as the session channel sends it (`Row` in ARCHITECTURE.md).

        Args:
            zoom: Of which list.
            number: Of its first frame.

        Returns:
            None when there is no such row, or it is gone.
        """
        frame = self.frames.get(number)
        if frame is None:
            return None
        row = _row_of(number, frame)
        if zoom == "spans" and (run := self._runs.runs.get(number)) is not None:
            row |= {"d": run.summary, "n": run.count, "b": run.size_bytes}
            row |= {"a": round(run.audio_ms), "u": round(run.last_ms, 1)}
        if zoom == "turns" and (turn := self._turn_rows.rows.get(number)) is not None:
            row |= {"s": "turn", "y": turn.name, "d": turn.summary, "n": turn.count}
            row |= {"b": turn.size_bytes, "a": round(turn.audio_ms), "u": round(turn.last_ms, 1)}
            row |= {"e": turn.is_error, "item": None, "resp": None, "id": None}
        return row

    def times(self, zoom: Zoom, number: int) -> tuple[float, float]:
        """Return when a row that is held began, and when its last event was seen, in ms.

        Args:
            zoom: Of which list.
            number: Of its first frame.
        """
        began_ms = last_ms = self.frames.time_of(number)
        if zoom == "spans" and (run := self._runs.runs.get(number)) is not None:
            last_ms = run.last_ms
        if zoom == "turns" and (turn := self._turn_rows.rows.get(number)) is not None:
            last_ms = turn.last_ms
        return round(began_ms, 1), round(last_ms, 1)

    def runs_of(self, numbers: Iterable[int]) -> list[Run]:
        """Return the runs that began with one of these frames."""
        runs = self._runs.runs
        return [runs[number] for number in numbers if number in runs]

    def grown_after(self, zoom: Zoom, version: int) -> list[int]:
        """Return the numbers of runs or turns that changed after `version`."""
        self._note_turns()
        found = []
        for (grown, number), changed in reversed(self._grown.items()):
            if changed <= version:
                break
            if grown == zoom:
                found.append(number)
        return found

    def entries(self, first: int = 0, last: int | None = None) -> Iterator[Entry]:
        """Yield the events that are held, in the order in which they were seen.

        Args:
            first: Number of the first.
            last: Number of the one after the last; None: all.
        """
        return self.payloads.walk(first, last)

    def entries_of(self, zoom: Zoom, number: int, offset: int = 0, limit: int = 1) -> list[Entry]:
        """Return events of a frame or a span that are held, oldest first.

        Args:
            zoom: Of which list; a turn's events are not asked for.
            number: Of its first frame.
            offset: How many to leave out.
            limit: The most to return.
        """
        run = self._runs.runs.get(number) if zoom == "spans" else None
        if run is None:
            return self.payloads.get(number, number + 1) if offset == 0 else []
        wanted = islice(self.frames.frames_of(number, run.last_ms), offset, offset + limit)
        return [entry for each in wanted for entry in self.payloads.get(each, each + 1)]

    def turn_facts(self, number: int) -> dict[str, Any] | None:
        """Return what there is to tell of a turn, by the number of its first frame."""
        row = self._turn_rows.rows.get(number)
        return None if row is None else row.as_json()

    def _fold(self, number: int, entry: Entry) -> Frame:
        """Put an event into its run and its turn; return it as a frame."""
        fields = entry.event.fields
        self.sound.take(entry.source, entry.event)
        audio_ms = self.sound.duration_ms(entry.source, entry.event)
        item_id = _id_of(fields, "item_id", "item")
        response_id = _id_of(fields, "response_id", "response")
        is_error = _is_error(entry.event)
        span = self._runs.take(number, entry, audio_ms)
        turn = self._turn_rows.take(number, entry, (item_id, response_id), audio_ms)
        turn.is_error = turn.is_error or is_error
        if span in self._runs.runs:
            self._note("spans", span)
        self._note("turns", turn.first)
        return Frame(
            t_ms=entry.t_ms,
            source=entry.source,
            type=entry.event.type,
            size_bytes=entry.size_bytes,
            audio_ms=audio_ms,
            is_error=is_error,
            span=span,
            turn=turn.first,
            summary=event_summary.summarise(entry.event.type, fields),
            event_id=entry.event.event_id or "",
            item_id=item_id,
            response_id=response_id,
        )

    def _note(self, zoom: Zoom, number: int) -> None:
        """Remember that a row has changed; only runs and turns do, after they have begun."""
        key = (zoom, number)
        self._grown[key] = self.version + 1
        self._grown.move_to_end(key)
        while len(self._grown) > MAX_GROWN:
            self._grown.popitem(last=False)

    def _note_turns(self) -> None:
        """Take in what has changed of turns without an event: what was heard of them."""
        if self.turns.version == self._turns_version:
            return
        for turn in self.turns.changed_after(self._turns_version):
            if (row := self._turn_rows.row_of(turn)) is not None:
                self._note("turns", row.first)
        self._turns_version = self.turns.version
        self.version += 1


def _row_of(number: int, frame: Frame) -> dict[str, Any]:
    return {
        "i": number,
        "t": round(frame.t_ms, 1),
        "s": frame.source,
        "y": frame.type,
        "d": frame.summary,
        "n": 1,
        "b": frame.size_bytes,
        "a": round(frame.audio_ms),
        "u": round(frame.t_ms, 1),
        "e": frame.is_error,
        "item": frame.item_id or None,
        "resp": frame.response_id or None,
        "id": frame.event_id or None,
    }


def _id_of(fields: Mapping[str, Any], key: str, nested: str) -> str:
    value = fields.get(key)
    if value is None and isinstance(inner := fields.get(nested), Mapping):
        value = inner.get("id")
    return value if isinstance(value, str) else ""


def _is_error(event: Event) -> bool:
    if event.type in ("error", UNREADABLE) or event.type.endswith(".failed"):
        return True
    response = event.fields.get("response")
    return (
        event.type == "response.done"
        and isinstance(response, Mapping)
        and response.get("status") == "failed"
    )
