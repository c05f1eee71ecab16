"""What one page sees of a log: the rows that pass its filter, and of these the ones in view.

Finding them takes a while when the log is long, so it is done in pieces: `scan` goes on for some
milliseconds and says whether there is more. Until it is done the page sees what it saw before.
What is new in the log is looked at in the same way: an expression may be slow for it, too.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np

from console.app.event_filter import EventFilter, Stint, Zoom
from console.app.event_frames import BEGINS_SPAN, IS_CLIENT, IS_ERROR, SEPARATOR, Chunk, plain
from console.app.event_log import EventLog
from console.app.event_search import FilterError, RowTest

MAX_WINDOW: Final = 400
"""Rows that a page may have in view at once."""
MAX_TOLD_TYPES: Final = 200
SCAN_S: Final = 0.008
"""How long the search goes on before others get their turn; with a piece of it that is slow, 32 ms."""

_Places = np.ndarray[Any, np.dtype[np.int64]]

By = Literal["time", "frame", "name", "newest"]
"""`name`: the first row with this id of an event, item or response; `newest`: the last one."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a page wants to see."""

    view: int
    """Its number for this filter, zoom and session; rows are told with it."""
    zoom: Zoom = "spans"
    filter: EventFilter = field(default_factory=EventFilter)
    first: int = 0
    """Place of the first row in view, among those that pass."""
    count: int = 100
    is_tail: bool = True
    """Whether the newest `count` rows are in view, whatever `first` says."""
    wants_types: bool = False
    """Whether it shows how many rows there are of each type."""


@dataclass(frozen=True, slots=True)
class Find:
    """A page asks where a row is."""

    question: int
    """Its number, which the answer has too."""
    by: By
    value: float | str


@dataclass(slots=True)
class _Found:
    """Rows that pass, by the numbers of their first frames."""

    numbers: array[int] = field(default_factory=lambda: array("I"))
    types: Counter[str] = field(default_factory=Counter)
    """How many rows there are of each type, if the types were not chosen."""
    end: int = 0
    """Number of the first frame that was not looked at."""
    version: int = 0
    """Of the log, when it was looked at for what has grown."""


class EventView:
    """One page's view of one log."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._look = Look(0)
        self._test: RowTest | None = None
        self._wrong = ""
        self._found = _Found()
        self._scan: Iterator[None] | None = None
        self._has_kept_up = False
        """Whether all that was new has been looked at, and nobody was told yet."""
        self._sent: set[int] = set()
        self._is_new = True
        self._has_looked = False
        self._told: Mapping[str, Any] = {}
        self._questions: list[Find] = []
        self._epoch = log.epoch
        self._first = log.frames.first
        self._n_cut = 0
        self._grown: set[int] = set()

    @property
    def is_scanning(self) -> bool:
        """Whether there is more to search."""
        return self._scan is not None

    def look(self, look: Look) -> None:
        """Show this from now on."""
        older, self._look = self._look, look
        is_new = not self._has_looked or (older.zoom, older.filter) != (look.zoom, look.filter)
        self._has_looked = True
        if is_new or (look.wants_types and not older.wants_types):
            self._begin()
        elif older.view != look.view:  # a page that has forgotten what it held
            self._is_new = True

    def find(self, find: Find) -> None:
        """Look for a row; where it is comes with the next message."""
        self._questions.append(find)

    def _answer(self, find: Find) -> dict[str, Any]:
        number = self._number_of(find)
        place = -1
        if number is not None and self._log.frames.first <= number < self._log.frames.end:
            number = self._log.row_at(self._look.zoom, number)
            place = self._place_of(number, is_near=find.by == "time")
        answer = {"k": "found", "id": find.question, "view": self._look.view, "p": place}
        return answer | {"i": self._found.numbers[place] if place >= 0 else None}

    def scan(self) -> bool:
        """Search on for a few milliseconds; return whether there is more to do."""
        stint: Stint | None = None
        while self._scan is not None:
            try:
                next(self._scan)
            except StopIteration:
                self._scan = None
            except FilterError as error:
                self._refuse(str(error))
            else:
                # Mostly one piece is all there is: what time it takes is not asked then.
                stint = stint or Stint(SCAN_S)
                if stint.is_over:
                    break
        return self.is_scanning

    def messages(self) -> list[dict[str, Any]]:
        """Return what the page has to be told: rows in view that it has not, and answers.

        Nothing before it has said what it wants to see.
        """
        if not self._has_looked:
            return []
        if self._epoch != self._log.epoch:
            self._epoch, self._first = self._log.epoch, self._log.frames.first
            self._begin()
        if self._scan is not None:
            return []
        if not self._has_kept_up:
            self._scan = self._keep_up()
            if self.scan():
                return []
        self._has_kept_up = False
        self._cut()
        was_cut = self._n_cut > 0
        told = self._tell()
        questions, self._questions = self._questions, []
        answers = [self._answer(each) for each in questions]
        if was_cut and self._look.wants_types and not self._wrong:
            # What went of each type nobody remembers.
            self._scan = self._search(_Found(version=self._log.version))
        elif self._found.version != self._log.version:  # it has grown since it was searched
            self._scan = self._keep_up()
        return [*([told] if told is not None else []), *answers]

    # What passes

    def _begin(self) -> None:
        """Search from the beginning."""
        self._wrong, self._test = "", None
        self._is_new, self._has_kept_up = True, False
        try:
            self._test = self._look.filter.row_test()
        except FilterError as error:
            self._refuse(str(error))
            return
        self._scan = self._search(_Found(version=self._log.version))

    def _refuse(self, why: str) -> None:
        self._scan, self._wrong = None, why
        self._found = _Found(end=self._log.frames.end, version=self._log.version)
        self._is_new = True

    def _search(self, found: _Found) -> Iterator[None]:
        yield from self._extend(found)
        self._found = found
        self._first = self._log.frames.first
        # What went meanwhile; the page has not seen it.
        del found.numbers[: bisect_left(found.numbers, self._first)]

    def _extend(self, found: _Found) -> Iterator[None]:
        """Look at the frames that have not been looked at."""
        for n, chunk in enumerate(self._log.frames.chunks(found.end)):
            if n:
                yield
            end = len(chunk)
            places = self._candidates(chunk, max(0, found.end - chunk.first), end)
            if (test := self._test) is not None and len(places):
                passed = yield from test.passing(self._text_of(chunk, places))
                places = places[np.array(passed, dtype=np.int64)]
            self._take(found, chunk, places)
            found.end = chunk.first + end

    def _text_of(self, chunk: Chunk, places: _Places) -> str:
        """Return rows of a chunk as the lines of one text, with what runs say in all."""
        text, numbers = self._log.frames.text(chunk), (places + chunk.first).tolist()
        runs = self._log.runs_of(numbers) if self._look.zoom != "frames" else []
        if not runs and len(places) == len(chunk):
            return text
        lines = text.split("\n")
        for run in runs:
            lines[run.first - chunk.first] += SEPARATOR + plain(run.text)
        return "\n".join([lines[number - chunk.first] for number in numbers])

    def _candidates(self, chunk: Chunk, start: int, stop: int) -> _Places:
        """Return the places of frames that pass by what they are, not by what they say."""
        wanted, flags = self._look.filter, np.array(chunk.flags[start:stop], dtype=np.uint8)
        passes = np.ones(len(flags), dtype=bool)
        if self._look.zoom != "frames":
            passes &= flags & BEGINS_SPAN > 0
        if wanted.errors:
            passes &= flags & IS_ERROR > 0
        if not wanted.client:
            passes &= flags & IS_CLIENT == 0
        if not wanted.server:
            passes &= flags & IS_CLIENT > 0
        return np.flatnonzero(passes) + start

    def _take(self, found: _Found, chunk: Chunk, places: _Places) -> None:
        """Count what has passed by type, and add what is of a type that is wanted."""
        codes = np.frombuffer(chunk.type[:], dtype=np.uint16)[places]
        for code, n in enumerate(np.bincount(codes).tolist()):
            if n:
                found.types[chunk.types[code]] += n
        if (types := self._look.filter.types) is not None:
            wanted = [code for code, name in enumerate(chunk.types) if name in types]
            places = places[np.isin(codes, wanted)]
        if self._look.zoom == "turns":
            first = self._log.frames.first
            for each in sorted({chunk.turn[at] for at in places.tolist()}):
                if each >= first:
                    _insert(found.numbers, each)
        else:
            found.numbers.frombytes((places + chunk.first).astype(np.uint32).tobytes())

    # Keeping up with the log

    def _keep_up(self) -> Iterator[None]:
        """Take in what is new, what has grown, and what went."""
        self._cut()
        found, log = self._found, self._log
        if self._wrong:  # nothing passes
            found.end = log.frames.end
        yield from self._extend(found)
        zoom: Zoom = self._look.zoom
        grown = [] if zoom == "frames" else log.grown_after(zoom, found.version)
        found.version = log.version
        self._grown.update(grown)
        if zoom == "spans" and self._test is not None and not self._wrong:
            for number in grown:
                yield from self._reconsider(self._test, number)
        self._has_kept_up = True

    def _cut(self) -> None:
        """Forget rows that are gone."""
        first = self._log.frames.first
        if self._first == first:
            return
        self._first = first
        cut = bisect_left(self._found.numbers, first)
        del self._found.numbers[:cut]
        self._found.end = max(self._found.end, first)
        self._n_cut += cut
        self._is_new = True

    def _reconsider(self, test: RowTest, number: int) -> Iterator[None]:
        """Add a run that has come to say what is looked for."""
        numbers = self._found.numbers
        place = bisect_left(numbers, number)
        is_in = place < len(numbers) and numbers[place] == number
        frames = self._log.frames
        if is_in or not frames.first <= number < frames.end:
            return
        chunk = next(frames.chunks(number))
        at = number - chunk.first
        places = self._candidates(chunk, at, at + 1)
        if len(places) and (yield from test.passing(self._text_of(chunk, places))):
            before = len(numbers)
            self._take(found := _Found(), chunk, places)
            self._found.types += found.types
            for each in found.numbers:
                _insert(numbers, each)
            self._is_new = self._is_new or len(numbers) > before

    # What is told

    def _tell(self) -> dict[str, Any] | None:
        """Return the message about the rows; None when the page knows all of it."""
        look, log, numbers = self._look, self._log, self._found.numbers
        count = min(look.count, MAX_WINDOW)
        first = max(0, len(numbers) - count if look.is_tail else look.first)
        if self._is_new:
            self._sent.clear()
        in_view = numbers[first : first + count]
        cut, self._n_cut = self._n_cut, 0
        grown, self._grown = self._grown, set()
        wanted = set(in_view)
        due = sorted((wanted - self._sent) | (wanted & grown))
        rows = [self._row(first + bisect_left(in_view, number), number) for number in due]
        self._sent = wanted
        told = {
            "k": "rows",
            "epoch": log.epoch,
            "view": look.view,
            "first": first,
            "count": count,
            "total": len(numbers),
            "all": log.count(look.zoom),
            "gone": log.frames.first,
            "errors": log.frames.n_errors,
            "longest": log.longest_run,
            "wrong": self._wrong,
            "types": self._types() if look.wants_types else None,
        }
        is_news = self._is_new or cut or rows or told != self._told
        is_new, self._is_new, self._told = self._is_new, False, told
        return told | {"anew": is_new, "cut": cut, "rows": rows} if is_news else None

    def _types(self) -> list[tuple[str, int]]:
        return sorted(self._found.types.items())[:MAX_TOLD_TYPES]

    def _row(self, place: int, number: int) -> dict[str, Any]:
        row = self._log.row(self._look.zoom, number)
        assert row is not None, "a row that passes is held"
        gap = silence = None
        if place:
            before_ms, last_ms = self._log.times(self._look.zoom, self._found.numbers[place - 1])
            gap = round(row["t"] - before_ms, 1)
            silence = round(max(0.0, row["t"] - max(before_ms, last_ms)), 1)
        return row | {"p": place, "g": gap, "q": silence}

    def _number_of(self, find: Find) -> int | None:
        frames = self._log.frames
        match find.by, find.value:
            case "time", float() | int() as t_ms:
                return min(frames.at_time(float(t_ms)), frames.end - 1)
            case "frame", float() | int() as number:
                return int(number)
            case ("name" | "newest") as by, str() as name:
                return frames.first_with(name, newest=by == "newest")
            case _:
                return None

    def _place_of(self, number: int, *, is_near: bool) -> int:
        """Return where a row stands, or the next one that passes; -1 when it does not pass."""
        numbers = self._found.numbers
        place = bisect_left(numbers, number)
        if place < len(numbers) and (is_near or numbers[place] == number):
            return place
        return len(numbers) - 1 if is_near else -1


def _insert(numbers: array[int], number: int) -> None:
    """Put a number in its place, if it is not there."""
    if not numbers or numbers[-1] < number:
        numbers.append(number)
        return
    place = bisect_left(numbers, number)
    if place == len(numbers) or numbers[place] != number:
        numbers.insert(place, number)
