"""The events themselves: the newest in memory, older ones on the shelf, bounded.

When all of them pass the budget, the oldest slice on the shelf goes. Without a shelf, or when it takes
no more, memory has a bound of its own: sound beyond its share goes first, and is marked in its event;
then whole events go.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from console.app.event_shelf import Entry, EventShelf
from console.realtime.events import Event

MAX_MEMORY_BYTES: Final = 256 * 1024
"""With a shelf, what the newest events may take of memory, give or take a slice."""
MAX_HELD_BYTES: Final = 8 * 1024 * 1024
"""Without one, what all of them may take."""
SOUND_SHARE: Final = 0.5
"""How much of that sound may have: events tell more when there is no room for all."""
SLICE_BYTES: Final = 256 * 1024
"""Events move to the shelf in slices of this size at least: one takes about a millisecond."""
ENTRY_BYTES: Final = 700
"""What an event takes of memory beside its payload."""
READ_AT_ONCE: Final = 64

AUDIO_FIELDS: Final = {
    "input_audio_buffer.append": "audio",
    "response.output_audio.delta": "delta",
    "response.audio.delta": "delta",
}
"""Where events have base64 of sound."""


@dataclass(frozen=True, slots=True)
class _Slice:
    """Events that went to the shelf together."""

    first: int
    count: int
    key: int
    payload_bytes: int


class PayloadStore:
    """Events by their numbers, from 0."""

    def __init__(
        self,
        shelf: EventShelf | None,
        *,
        max_payload_bytes: int,
        max_memory_bytes: int = MAX_MEMORY_BYTES,
        max_held_bytes: float = MAX_HELD_BYTES,
    ) -> None:
        """Begin without events.

        Args:
            shelf: Where older ones go; None: all stay in memory.
            max_payload_bytes: What all of them on the shelf may have had on the wire.
            max_memory_bytes: With a shelf, what may stay in memory.
            max_held_bytes: Without one, or when it takes no more, what they may take of memory.
        """
        self._shelf = shelf
        self._max_payload_bytes = max_payload_bytes
        self._max_memory_bytes = max_memory_bytes
        self._max_held_bytes = max_held_bytes
        self._is_shelving = shelf is not None
        self._newest: deque[Entry] = deque()
        self._slices: list[_Slice] = []
        self._audio: deque[tuple[int, Entry, str]] = deque()
        self._audio_bytes = 0
        self._memory_bytes = 0
        self.end = 0
        """Number of the next event."""
        self.payload_bytes = 0
        """On the wire, of the events that are held."""
        self.n_gone = 0
        """Events that had to go."""
        self.dropped_audio_events = 0
        """Events whose audio had to go."""

    @property
    def first(self) -> int:
        """Number of the oldest event that is held."""
        return self._slices[0].first if self._slices else self._first_in_memory

    @property
    def _first_in_memory(self) -> int:
        return self.end - len(self._newest)

    @property
    def n_in_memory(self) -> int:
        """How many events are in memory."""
        return len(self._newest)

    def append(self, entry: Entry) -> None:
        """Add an event; what is too much goes."""
        self._newest.append(entry)
        if not self._is_shelving:
            self._note_audio(self.end, entry)
        self.end += 1
        self.payload_bytes += entry.size_bytes
        self._memory_bytes += entry.size_bytes + ENTRY_BYTES
        if self._memory_bytes > self._max_memory_bytes + SLICE_BYTES:
            while self._is_shelving and self._memory_bytes > self._max_memory_bytes:
                self._shelve()
        while self.payload_bytes > self._max_payload_bytes and self._slices:
            self._drop_oldest_slice()
        if not self._is_shelving and self._memory_bytes > self._max_held_bytes:
            self._keep_bound()

    def get(self, first: int, last: int) -> list[Entry]:
        """Return the events from `first` to `last`, as far as they are held.

        Args:
            first: Number of the first.
            last: Number of the one after the last.
        """
        found: list[Entry] = []
        at = max(bisect_right(self._slices, first, key=lambda each: each.first) - 1, 0)
        for each in islice(self._slices, at, None):
            if each.first >= last:
                return found
            start, stop = max(first - each.first, 0), min(last - each.first, each.count)
            if self._shelf is not None and start < stop:
                found += self._shelf.get(each.key, start, stop)
        begins = self._first_in_memory
        return found + list(islice(self._newest, max(first - begins, 0), max(last - begins, 0)))

    def walk(self, first: int = 0, last: int | None = None) -> Iterator[Entry]:
        """Yield events that are held, oldest first, reading some at a time.

        Args:
            first: Number of the first.
            last: Number of the one after the last; None: all that there are now.
        """
        at, last = max(first, self.first), self.end if last is None else last
        while at < last:
            yield from self.get(at, min(at + READ_AT_ONCE, last))
            at += READ_AT_ONCE

    def forget_before(self, number: int) -> None:
        """Forget what came before an event, a slice at a time where it is on the shelf."""
        while self._slices and self._slices[0].first + self._slices[0].count <= number:
            self._drop_oldest_slice()
        while not self._slices and self._newest and self._first_in_memory < number:
            self._drop_oldest()

    def _shelve(self) -> None:
        """Move the oldest events of memory to the shelf; what it does not take stays."""
        assert self._shelf is not None
        first, moved, n_bytes = self._first_in_memory, list[Entry](), 0
        while self._newest and n_bytes < SLICE_BYTES:
            moved.append(self._newest.popleft())
            n_bytes += moved[-1].size_bytes + ENTRY_BYTES
        key = self._shelf.put(moved)
        if key is None:
            self._newest.extendleft(reversed(moved))
            self._stop_shelving()
            return
        self._memory_bytes -= n_bytes
        payload_bytes = n_bytes - len(moved) * ENTRY_BYTES
        self._slices.append(_Slice(first, len(moved), key, payload_bytes))

    def _stop_shelving(self) -> None:
        """Hold in memory what comes from now on: the shelf takes no more."""
        self._is_shelving = False
        for number, entry in enumerate(self._newest, self._first_in_memory):
            self._note_audio(number, entry)

    def _note_audio(self, number: int, entry: Entry) -> None:
        field = AUDIO_FIELDS.get(entry.event.type)
        audio = None if field is None else entry.event.fields.get(field)
        if field is not None and isinstance(audio, str):
            self._audio.append((number, entry, field))
            self._audio_bytes += len(audio)

    def _keep_bound(self) -> None:
        """Let go of what memory alone holds and is too much, but for the newest event."""
        while self._audio and self._audio_bytes > self._max_held_bytes * SOUND_SHARE:
            self._silence_oldest()
        while self._memory_bytes > self._max_held_bytes and len(self._newest) > 1:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        number, oldest = self._first_in_memory, self._newest.popleft()
        self.payload_bytes -= oldest.size_bytes
        self._memory_bytes -= oldest.size_bytes + ENTRY_BYTES
        self.n_gone += 1
        if self._audio and self._audio[0][0] == number:
            _, entry, field = self._audio.popleft()
            self._audio_bytes -= len(entry.event.fields[field])

    def _drop_oldest_slice(self) -> None:
        assert self._shelf is not None
        oldest = self._slices.pop(0)
        self._shelf.drop(oldest.key)
        self.payload_bytes -= oldest.payload_bytes
        self.n_gone += oldest.count

    def _silence_oldest(self) -> None:
        _, entry, field = self._audio.popleft()
        event = entry.event
        n_characters = len(event.fields[field])
        self._audio_bytes -= n_characters
        note = f"({n_characters} characters of base64 were dropped to bound memory)"
        if n_characters <= len(note):
            return
        entry.event = Event(event.type, event.event_id, {**event.fields, field: note})
        saved = entry.size_bytes - (max(0, entry.size_bytes - n_characters) + len(note))
        entry.size_bytes -= saved
        self.payload_bytes -= saved
        self._memory_bytes -= saved
        self.dropped_audio_events += 1
