"""The sound that waits for one browser, in order: the next of it in memory, the rest on a shelf.

A long answer arrives in seconds and is played in minutes, and a browser that has stopped reading takes
none of it: with many of them at once memory would fill with sound that nobody hears yet.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from console.realtime.audio_shelf import AudioShelf

Piece = tuple[str, bytes | None]
"""A track with PCM16, or with None for its end."""

SLICE_BYTES: Final = 128 * 1024
"""Sound moves to the shelf and back in slices of this size: one takes less than a millisecond."""


@dataclass(frozen=True, slots=True)
class _Slice:
    """Pieces that lie on the shelf together."""

    key: int
    pieces: list[tuple[str, int | None]]
    """Track and bytes of each; None for a track's end."""


class SoundQueue:
    """A queue of pieces; with a shelf, about three slices of it are in memory at the most.

    What is put in goes to the newest slice. When the oldest one is still being taken from, newer
    ones that are full go to the shelf, and come back in their turn.
    """

    def __init__(self, shelf: AudioShelf | None = None) -> None:
        """Make an empty queue.

        Args:
            shelf: Where sound goes that is not next; None, or one that refuses: it stays in memory.
        """
        self._shelf = shelf
        self._is_shelving = shelf is not None
        self._oldest: deque[Piece] = deque()
        self._oldest_bytes = 0
        self._shelved: deque[_Slice] = deque()
        self._newest: deque[Piece] = deque()
        self._newest_bytes = 0
        self._n_slices = 0
        self.n_bytes = 0
        """How much sound waits."""

    @property
    def memory_bytes(self) -> int:
        """How much of it is in memory."""
        return self._oldest_bytes + self._newest_bytes

    @property
    def first_track(self) -> str | None:
        """The track whose sound is next; None when none waits."""
        for track, part in self._oldest:
            if part is not None:
                return track
        for each in self._shelved:
            for track, size in each.pieces:
                if size is not None:
                    return track
        return next((track for track, part in self._newest if part is not None), None)

    def put(self, track: str, part: bytes | None) -> None:
        """Add sound of a track, or its end, behind everything."""
        size = len(part or b"")
        self.n_bytes += size
        self._newest.append((track, part))
        self._newest_bytes += size
        if self._newest_bytes >= SLICE_BYTES:
            self._close_newest()

    def put_first(self, pieces: Iterable[Piece]) -> None:
        """Add pieces ahead of everything, in their order."""
        returned = list(pieces)
        self._oldest.extendleft(reversed(returned))
        n_bytes = sum(len(part or b"") for _, part in returned)
        self._oldest_bytes += n_bytes
        self.n_bytes += n_bytes

    def take(self) -> Piece | None:
        """Take the next piece; None when there is none.

        Sound that cannot be read back from the shelf comes as silence of the same length.
        """
        while not self._oldest and (self._shelved or self._newest):
            self._next_slice()
        if not self._oldest:
            return None
        track, part = self._oldest.popleft()
        size = len(part or b"")
        self._oldest_bytes -= size
        self.n_bytes -= size
        return track, part

    def clear(self) -> None:
        """Forget everything; a shelf that has refused is tried again."""
        self._oldest.clear()
        self._newest.clear()
        if self._shelf is not None and (self._shelved or not self._is_shelving):
            self._shelf.clear()
            self._is_shelving = True
        self._shelved.clear()
        self._oldest_bytes = self._newest_bytes = self.n_bytes = 0

    def _close_newest(self) -> None:
        """The newest slice is full: it is the next to be taken from, or waits on the shelf."""
        if not self._oldest and not self._shelved:
            self._move_newest()
            return
        if self._shelf is None or not self._is_shelving:
            return
        self._n_slices += 1
        sound = b"".join(part for _, part in self._newest if part is not None)
        if not self._shelf.put(self._n_slices, sound):
            self._is_shelving = False  # what comes next waits in memory
            return
        pieces = [(track, None if part is None else len(part)) for track, part in self._newest]
        self._shelved.append(_Slice(self._n_slices, pieces))
        self._newest.clear()
        self._newest_bytes = 0

    def _next_slice(self) -> None:
        if not self._shelved:
            self._move_newest()
            return
        assert self._shelf is not None
        found = self._shelved.popleft()
        n_bytes = sum(size or 0 for _, size in found.pieces)
        sound = self._shelf.get(found.key) or bytes(n_bytes)
        self._shelf.drop(found.key)
        at = 0
        for track, size in found.pieces:
            if size is None:
                self._oldest.append((track, None))
            else:
                self._oldest.append((track, sound[at : at + size]))
                at += size
        self._oldest_bytes += n_bytes

    def _move_newest(self) -> None:
        self._oldest.extend(self._newest)
        self._oldest_bytes += self._newest_bytes
        self._newest.clear()
        self._newest_bytes = 0
