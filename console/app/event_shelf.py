"""Events that are no longer in memory: written to a shelf in slices, read back when looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import orjson

from console.realtime import events
from console.realtime.audio_shelf import AudioShelf
from console.realtime.events import Event

Source = Literal["client", "server"]
UNWRITABLE: Final = "(this event cannot be written as JSON)"


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


class EventShelf:
    """Holds events, and what is told of them, outside memory, in slices of which each has a key."""

    def __init__(self, shelf: AudioShelf) -> None:
        """Begin with nothing.

        Args:
            shelf: Where the bytes go; it is this object's alone.
        """
        self._shelf = shelf
        self._n_slices = 0
        self._looked_at: tuple[int, list[bytes]] = (0, [])

    def put(self, entries: Sequence[Entry]) -> int | None:
        """Write entries as one slice.

        Returns:
            Its key; None when it cannot be held.
        """
        return self.write(b"\n".join(_line(each) for each in entries))

    def get(self, key: int, start: int, stop: int) -> list[Entry]:
        """Return entries `start` to `stop` of a slice; none when it cannot be read."""
        looked_at, lines = self._looked_at
        if looked_at != key:  # a page of events after the other is read from one slice
            lines = self.read(key).split(b"\n")
            self._looked_at = (key, lines)
        return [_entry(each) for each in lines[start:stop] if each]

    def write(self, data: bytes) -> int | None:
        """Write bytes as one slice.

        Returns:
            Its key; None when it cannot be held.
        """
        self._n_slices += 1
        return self._n_slices if self._shelf.put(self._n_slices, data) else None

    def read(self, key: int) -> bytes:
        """Return the bytes of a slice; none when it cannot be read."""
        return self._shelf.get(key) or b""

    def drop(self, key: int) -> None:
        """Forget a slice."""
        self._shelf.drop(key)

    def clear(self) -> None:
        """Forget everything."""
        self._looked_at = (0, [])
        self._shelf.clear()


def _line(entry: Entry) -> bytes:
    told = (entry.t_ms, entry.source, entry.size_bytes)
    try:
        return orjson.dumps((*told, entry.event.as_dict()))
    except orjson.JSONEncodeError:  # no peer can send such a one
        return orjson.dumps((*told, {"type": entry.event.type, "note": UNWRITABLE}))


def _entry(line: bytes) -> Entry:
    t_ms, source, size_bytes, event = orjson.loads(line)
    return Entry(t_ms, source, events.from_dict(event), size_bytes)
