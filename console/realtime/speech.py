"""The user's audio, addressed as the server does: by milliseconds since the session began."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Final

from console import pcm

LOOKBACK_MS: Final = 30_000
"""How much is kept while nobody is known to speak: more than padding and the line's delay."""
MAX_KEPT_MS: Final = 600_000
"""How much is kept at most; of a longer turn the beginning is lost."""
MAX_COMMITS: Final = 64
"""Commits that wait for their answer."""
_FOR_EVER_MS: Final = 1e12
TRIM_EVERY_MS: Final = 1_000
"""How much may come before the next look at what can go."""


class InputSpeech:
    """What was appended to the input buffer and may still become the audio of an item.

    Positions are bytes since the session's first chunk. They go on counting through commits,
    clears and changes of the turn mode, as the server's do; only `reset` starts at zero.
    """

    def __init__(self, *, lookback_ms: int = LOOKBACK_MS, max_kept_ms: int = MAX_KEPT_MS) -> None:
        self._lookback = lookback_ms * pcm.BYTES_PER_MS
        self._max_kept = max_kept_ms * pcm.BYTES_PER_MS
        self.reset()

    def reset(self) -> None:
        """Forget everything and count from zero: a new session begins."""
        self._chunks: deque[bytes] = deque()
        self._first = 0
        self._end = 0
        self._trim_at = self._lookback
        self._turn_start = 0
        self._commits: deque[tuple[int, int, str | None]] = deque()
        self._segments: OrderedDict[str, tuple[int, int | None]] = OrderedDict()
        self.is_manual = True
        """The user ends each turn, so all since the last commit is kept."""

    @property
    def position_ms(self) -> float:
        """Milliseconds appended since the session began."""
        return pcm.bytes_to_ms(self._end)

    @property
    def pending_ms(self) -> float:
        """Milliseconds appended since the last commit or clear."""
        return pcm.bytes_to_ms(self._end - self._turn_start)

    @property
    def kept_bytes(self) -> int:
        """How much audio is held in memory."""
        return self._end - self._first

    def append(self, chunk: bytes) -> None:
        """Count and keep a chunk that was appended to the server's buffer."""
        self._chunks.append(chunk)
        self._end += len(chunk)
        if self._end >= self._trim_at:
            self._trim()

    def skip(self, n_bytes: int) -> None:
        """Count audio that was appended, and is not known here."""
        self._chunks.clear()
        self._end += n_bytes
        self._first = self._end
        self._trim_at = self._end + TRIM_EVERY_MS * pcm.BYTES_PER_MS

    def commit_sent(self, event_id: str | None = None) -> None:
        """Remember that a commit was sent here; its answer comes later."""
        self._commits.append((self._turn_start, self._end, event_id))
        if len(self._commits) > MAX_COMMITS:
            self._commits.popleft()
        self._turn_start = self._end

    def is_commit(self, event_id: str) -> bool:
        """Return whether an unanswered commit was sent by an event of this id."""
        return any(each == event_id for _, _, each in self._commits)

    def commit_failed(self) -> None:
        """Take the oldest unanswered commit back: the server still holds its audio."""
        if self._commits:
            self._turn_start = self._commits.popleft()[0]

    def cleared(self) -> None:
        """Forget what was not committed."""
        self._turn_start = self._end
        self._segments.clear()
        self._trim()

    def started(self, item_id: str, audio_start_ms: float) -> None:
        """Remember where the server heard speech begin."""
        self._segments[item_id] = (self._position(audio_start_ms), None)
        if len(self._segments) > 16:
            self._segments.popitem(last=False)

    def stopped(self, item_id: str, audio_end_ms: float) -> None:
        """Remember where the server heard speech end; an unknown start is ignored."""
        if (segment := self._segments.get(item_id)) is not None:
            self._segments[item_id] = (segment[0], self._position(audio_end_ms))

    def committed(self, item_id: str) -> bytes:
        """Return the audio that the server made an item of; empty when it is not known.

        Returns:
            PCM16 from the start of speech to its end where the server detected the turn,
            else all between this commit and the one (or the clear) before it.
        """
        segment = self._segments.pop(item_id, None)
        if segment is not None:
            start, end = segment[0], self._end if segment[1] is None else segment[1]
            # Turns follow one another: what began before this one will not be committed.
            for other in [key for key, (begin, _) in self._segments.items() if begin < start]:
                del self._segments[other]
            if self._commits:
                self._commits.popleft()
            self._turn_start = max(self._turn_start, min(end, self._end))
        elif self._commits:
            start, end, _ = self._commits.popleft()
        else:
            start, end = self._turn_start, self._end
            self._turn_start = self._end
        audio = self._cut(start, end)
        self._trim()
        return audio

    def _position(self, at_ms: float) -> int:
        return pcm.ms_to_samples(min(max(0.0, at_ms), _FOR_EVER_MS)) * pcm.BYTES_PER_SAMPLE

    def _cut(self, start: int, end: int) -> bytes:
        pieces: list[bytes] = []
        at = self._first
        for chunk in self._chunks:
            if at >= end:
                break
            if at + len(chunk) > start:
                pieces.append(chunk[max(0, start - at) : end - at])
            at += len(chunk)
        return b"".join(pieces)

    def _trim(self) -> None:
        keep_from = self._end - self._lookback
        needed = [start for start, _ in self._segments.values()]
        needed += [start for start, _, _ in self._commits]
        if self.is_manual:
            needed.append(self._turn_start)
        if needed:
            keep_from = min(keep_from, min(needed))
        keep_from = max(keep_from, self._end - self._max_kept)
        while self._chunks and self._first + len(self._chunks[0]) <= keep_from:
            self._first += len(self._chunks.popleft())
        self._trim_at = self._end + TRIM_EVERY_MS * pcm.BYTES_PER_MS
