"""The events of a log that nothing but memory holds: within a bound, the oldest go first."""

from __future__ import annotations

from collections import deque
from typing import Final, Protocol

from console.app.event_shelf import Entry
from console.realtime.events import Event

ENTRY_BYTES: Final = 700
"""What an event takes of memory beside its payload."""
SOUND_SHARE: Final = 0.5
"""How much of the memory sound may have: events tell more when there is no room for all."""


class Run(Protocol):
    """Whose events they are."""

    entries: list[Entry]
    """The newest of them, oldest first."""
    n_gone: int
    """How many had to go."""


class HeldEvents:
    """Events of runs, and what goes of them: sound beyond its share, then whole events."""

    def __init__(self, max_bytes: float) -> None:
        """Begin with none.

        Args:
            max_bytes: What they may take of memory.
        """
        self._max_bytes = max_bytes
        self._held: deque[Run] = deque()
        """Whose event came when: the oldest of all is the oldest of its run."""
        self._audio: deque[tuple[Run, Entry, str, int]] = deque()
        self._audio_bytes = 0
        self.n_bytes = 0
        """What they take of memory."""
        self.n_gone = 0
        """Events that had to go."""
        self.n_silenced = 0
        """Events whose sound had to go."""

    def add(self, run: Run, entry: Entry, audio_field: str | None) -> None:
        """Hold the newest event of a run, which has it already.

        Args:
            run: The run.
            entry: The event.
            audio_field: Where its sound is, if it is of a kind that has some.
        """
        self._held.append(run)
        self.n_bytes += memory_of(entry)
        audio = None if audio_field is None else entry.event.fields.get(audio_field)
        if audio_field is not None and isinstance(audio, str):
            self._audio.append((run, entry, audio_field, len(audio)))
            self._audio_bytes += len(audio)

    def keep_bounds(self) -> None:
        """Let go of what is too much, but for the newest event."""
        if self.n_bytes <= self._max_bytes:
            return
        while self._audio and self._audio_bytes > self._max_bytes * SOUND_SHARE:
            self._silence_oldest()
        while len(self._held) > 1 and self.n_bytes > self._max_bytes:
            self._drop_oldest()

    def forget(self, run: Run) -> None:
        """Let go of all events of a run; it gets no more."""
        self.n_bytes -= sum(memory_of(each) for each in run.entries)
        run.entries = []  # what is still in line for it is passed over when its turn comes
        while self._held and not self._held[0].entries:
            self._held.popleft()
        while self._audio and not self._audio[0][0].entries:
            self._audio_bytes -= self._audio.popleft()[3]

    def _silence_oldest(self) -> None:
        run, entry, field, n_characters = self._audio.popleft()
        self._audio_bytes -= n_characters
        note = f"({n_characters} characters of base64 were dropped to bound memory)"
        if not run.entries or n_characters <= len(note):
            return
        event = entry.event
        entry.event = Event(event.type, event.event_id, {**event.fields, field: note})
        before = entry.size_bytes
        entry.size_bytes = max(0, before - n_characters) + len(note)
        self.n_bytes += entry.size_bytes - before
        self.n_silenced += 1

    def _drop_oldest(self) -> None:
        run = self._held.popleft()
        if not run.entries:
            return
        entry = run.entries.pop(0)
        if self._audio and self._audio[0][1] is entry:
            self._audio_bytes -= self._audio.popleft()[3]
        run.n_gone += 1
        self.n_bytes -= memory_of(entry)
        self.n_gone += 1


def memory_of(entry: Entry) -> int:
    """Return what an event takes of memory."""
    return entry.size_bytes + ENTRY_BYTES
