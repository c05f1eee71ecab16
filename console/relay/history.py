"""What is remembered of one session for those who begin to watch it later."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator
from operator import itemgetter
from typing import Final

from console.realtime.fields import text
from console.realtime.observed import Observed, ObservedEvent, ObservedGap

ENTRY_BYTES: Final = 700
"""What an event takes in memory beside its text."""
_APPEND: Final = "input_audio_buffer.append"
_AUDIO: Final = frozenset({_APPEND, "response.output_audio.delta"})
_SESSION: Final = frozenset({"session.created", "session.updated"})


class History:
    """The newest events of a session: of sound the oldest go first, and then of all else."""

    def __init__(self) -> None:
        self._n_added = 0
        self._audio: deque[tuple[int, ObservedEvent]] = deque()
        self._others: deque[tuple[int, ObservedEvent]] = deque()
        self._session: ObservedEvent | None = None
        self._n_forgotten = 0
        self._n_audio_forgotten = 0
        self.size_bytes = 0
        """About how much memory it takes."""

    def add(self, event: ObservedEvent, max_bytes: int) -> None:
        """Remember an event; forget others until all fit into `max_bytes`."""
        self._n_added += 1
        is_audio = text(event.event, "type") in _AUDIO
        (self._audio if is_audio else self._others).append((self._n_added, event))
        self.size_bytes += event.size_bytes + ENTRY_BYTES
        while self.size_bytes > max_bytes and (self._audio or self._others):
            self._forget_oldest()

    def __iter__(self) -> Iterator[Observed]:
        """Yield what is remembered, in order; first how much is not."""
        if self._n_forgotten:
            yield ObservedGap(self._n_forgotten, self._n_audio_forgotten)
        if self._session is not None:
            yield self._session
        for _, event in heapq.merge(self._audio, self._others, key=itemgetter(0)):
            yield event

    def _forget_oldest(self) -> None:
        _, event = (self._audio or self._others).popleft()
        self.size_bytes -= event.size_bytes + ENTRY_BYTES
        event_type = text(event.event, "type")
        if event_type in _SESSION:
            # The newest of them is kept apart: it says in which form the sound is.
            self._n_forgotten += self._session is not None
            self._session = event
            return
        self._n_forgotten += 1
        if event_type == _APPEND and not event.refused:
            self._n_audio_forgotten += len(text(event.event, "audio"))
