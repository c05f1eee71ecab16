"""What the list needs of every event: numbers in small columns, what it says on the shelf.

An event of the log is a *frame*; frames are counted from 0 and keep their numbers. They stand in
chunks of 512. A chunk that is full gives its lines to the shelf and keeps 27 bytes for each frame.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from console.app.event_shelf import EventShelf, Source

CHUNK_FRAMES: Final = 512
N_READ_CHUNKS: Final = 4
"""Chunks whose lines stay in memory after they were read."""

IS_CLIENT: Final = 1
IS_ERROR: Final = 2
BEGINS_SPAN: Final = 4
BEGINS_TURN: Final = 8

SEPARATOR: Final = "\x1f"
"""Between the words of a frame: a space that nobody can send."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One event as a row of the list."""

    t_ms: float
    """Since the log's first event."""
    source: Source
    type: str
    size_bytes: int
    """On the wire."""
    audio_ms: float
    is_error: bool
    span: int
    """Number of the first frame of its run."""
    turn: int
    """Number of the first frame of its turn."""
    summary: str
    event_id: str
    item_id: str
    response_id: str

    @property
    def line(self) -> str:
        """What is searched of it: its type and what it says."""
        parts = (self.type, self.summary, self.event_id, self.item_id, self.response_id)
        return SEPARATOR.join(plain(each) for each in parts) + SEPARATOR


def plain(text: str) -> str:
    """Return `text` on one line, with spaces for what cannot be printed."""
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


class Chunk:
    """Frames that follow one another, as columns."""

    __slots__ = ("audio_ms", "first", "flags", "key", "lines", "size_bytes", "span", "t_ms", "turn",
                 "type", "type_codes", "types")  # fmt: skip

    def __init__(self, first: int) -> None:
        self.first = first
        """Number of its first frame."""
        self.t_ms = array("d")
        self.size_bytes = array("I")
        self.audio_ms = array("f")
        self.type = array("H")
        self.flags = array("B")
        self.span = array("I")
        self.turn = array("I")
        self.types: list[str] = []
        """The types that `type` has the places of."""
        self.type_codes: dict[str, int] = {}
        self.lines: list[str] | bytes | None = []
        """As they come while it grows; then one text in bytes where there is no shelf, and None
        where there is."""
        self.key = 0
        """Of its lines on the shelf."""

    def __len__(self) -> int:
        return len(self.t_ms)

    def append(self, frame: Frame, flags: int) -> None:
        """Add a frame."""
        code = self.type_codes.get(frame.type)
        if code is None:
            code = self.type_codes[frame.type] = len(self.types)
            self.types.append(frame.type)
        self.t_ms.append(frame.t_ms)
        self.size_bytes.append(min(frame.size_bytes, 0xFFFFFFFF))
        self.audio_ms.append(frame.audio_ms)
        self.type.append(code)
        self.flags.append(flags)
        self.span.append(frame.span)
        self.turn.append(frame.turn)
        assert isinstance(self.lines, list)
        self.lines.append(frame.line)


class FrameTable:
    """All frames that are held, oldest first."""

    def __init__(self, shelf: EventShelf | None, max_frames: int) -> None:
        """Begin without frames.

        Args:
            shelf: Where lines go; None: they stay in memory.
            max_frames: How many are held; a chunk goes when there are more.
        """
        self._shelf = shelf
        self._max_frames = max_frames
        self._chunks: deque[Chunk] = deque([Chunk(0)])
        self._read: OrderedDict[int, list[str]] = OrderedDict()
        self.n_errors = 0
        self.n_spans = 0
        self.n_turns = 0

    @property
    def first(self) -> int:
        """Number of the oldest frame that is held."""
        return self._chunks[0].first

    @property
    def end(self) -> int:
        """Number of the next frame."""
        return self._chunks[-1].first + len(self._chunks[-1])

    def __len__(self) -> int:
        return self.end - self.first

    def append(self, frame: Frame) -> bool:
        """Add a frame; return whether the oldest had to go."""
        number = self.end
        flags = (
            (IS_CLIENT if frame.source == "client" else 0)
            | (IS_ERROR if frame.is_error else 0)
            | (BEGINS_SPAN if frame.span == number else 0)
            | (BEGINS_TURN if frame.turn == number else 0)
        )
        self._count(flags, 1)
        chunk = self._chunks[-1]
        chunk.append(frame, flags)
        if len(chunk) < CHUNK_FRAMES:
            return False
        self._put_away(chunk)
        self._chunks.append(Chunk(number + 1))
        return self._keep_bound()

    def get(self, number: int) -> Frame | None:
        """Return a frame; None when it never was or is gone."""
        if not self.first <= number < self.end:
            return None
        chunk = self._chunk_of(number)
        at = number - chunk.first
        parts = self._lines_of(chunk)[at].split(SEPARATOR)
        summary, event_id, item_id, response_id = parts[1:5] if len(parts) > 4 else ("",) * 4
        flags = chunk.flags[at]
        return Frame(
            t_ms=chunk.t_ms[at],
            source="client" if flags & IS_CLIENT else "server",
            type=chunk.types[chunk.type[at]],
            size_bytes=chunk.size_bytes[at],
            audio_ms=chunk.audio_ms[at],
            is_error=bool(flags & IS_ERROR),
            span=chunk.span[at],
            turn=chunk.turn[at],
            summary=summary,
            event_id=event_id,
            item_id=item_id,
            response_id=response_id,
        )

    def time_of(self, number: int) -> float:
        """Return when a frame that is held was seen."""
        chunk = self._chunk_of(number)
        return chunk.t_ms[number - chunk.first]

    def chunks(self, first: int = 0) -> Iterator[Chunk]:
        """Yield the chunks from the one that holds frame `first`; while it grows, new ones too."""
        at = (max(first, self.first) - self.first) // CHUNK_FRAMES
        chunk: Chunk | None = self._chunks[at] if at < len(self._chunks) else None
        while chunk is not None:
            yield chunk
            at = max((chunk.first - self.first) // CHUNK_FRAMES + 1, 0)
            chunk = self._chunks[at] if at < len(self._chunks) else None

    def text(self, chunk: Chunk) -> str:
        """Return the lines of a chunk's frames; empty ones when they cannot be read."""
        if isinstance(chunk.lines, list):
            return "\n".join(chunk.lines)
        return self._bytes_of(chunk).decode(errors="replace") or "\n" * (len(chunk) - 1)

    def first_with(self, name: str, *, newest: bool = False) -> int | None:
        """Return the number of the first frame with this id of an event, item or response.

        Args:
            name: The id.
            newest: Return the last such frame instead.
        """
        token = SEPARATOR + plain(name) + SEPARATOR
        chunks = reversed(self._chunks) if newest else iter(self._chunks)
        for chunk in chunks:
            found = self._places_of(token, chunk)
            if found:
                return chunk.first + found[-1 if newest else 0]
        return None

    def frames_of(self, span: int, last_ms: float) -> Iterator[int]:
        """Yield the numbers of the frames of a run, in their order.

        Args:
            span: Number of its first frame.
            last_ms: When its last one was seen.
        """
        for chunk in self.chunks(span):
            if not len(chunk) or chunk.t_ms[0] > last_ms:
                return
            at, n_found = -1, chunk.span.count(span)
            for _ in range(n_found):
                at = chunk.span.index(span, at + 1)
                yield chunk.first + at

    def at_time(self, t_ms: float) -> int:
        """Return the number of the first frame that was seen at `t_ms` or later; else `end`."""
        low, high = self.first, self.end
        while low < high:
            middle = (low + high) // 2
            if self.time_of(middle) < t_ms:
                low = middle + 1
            else:
                high = middle
        return low

    def _chunk_of(self, number: int) -> Chunk:
        return self._chunks[(number - self.first) // CHUNK_FRAMES]

    def _lines_of(self, chunk: Chunk) -> list[str]:
        """Return the lines of a chunk; those that are looked at are neighbours, as a rule."""
        if isinstance(chunk.lines, list):
            return chunk.lines
        lines = self._read.get(chunk.first)
        if lines is None:
            lines = self._read[chunk.first] = self.text(chunk).split("\n")
            if len(self._read) > N_READ_CHUNKS:
                self._read.popitem(last=False)
        return lines

    def _bytes_of(self, chunk: Chunk) -> bytes:
        if isinstance(chunk.lines, bytes):
            return chunk.lines
        assert self._shelf is not None
        return self._shelf.read(chunk.key)

    def _places_of(self, token: str, chunk: Chunk) -> list[int]:
        if isinstance(chunk.lines, list):
            return [at for at, line in enumerate(chunk.lines) if token in line]
        packed, wanted = self._bytes_of(chunk), token.encode(errors="replace")
        places, at = [], packed.find(wanted)
        while at >= 0:
            places.append(packed.count(b"\n", 0, at))
            at = packed.find(wanted, at + 1)
        return places

    def _put_away(self, chunk: Chunk) -> None:
        assert isinstance(chunk.lines, list)
        packed = "\n".join(chunk.lines).encode(errors="replace")
        key = self._shelf.write(packed) if self._shelf is not None else None
        chunk.lines, chunk.key = (packed, 0) if key is None else (None, key)

    def _keep_bound(self) -> bool:
        if len(self) <= self._max_frames:
            return False
        oldest = self._chunks.popleft()
        if oldest.lines is None and self._shelf is not None:
            self._shelf.drop(oldest.key)
        self._read.pop(oldest.first, None)
        for flags in oldest.flags:
            self._count(flags, -1)
        return True

    def _count(self, flags: int, by: int) -> None:
        self.n_errors += by if flags & IS_ERROR else 0
        self.n_spans += by if flags & BEGINS_SPAN else 0
        self.n_turns += by if flags & BEGINS_TURN else 0
