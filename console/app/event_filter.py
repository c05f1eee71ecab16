"""What the user wants to see of the list: words or an expression, directions, errors, types."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Final, Literal, Protocol

import numpy as np
import regex

from console.app.event_frames import SEPARATOR
from console.errors import ConsoleError

Zoom = Literal["frames", "spans", "turns"]
"""Each event; runs of events; turns."""

MAX_TEXT_CHARACTERS: Final = 400
SLOW_S: Final = 0.002
"""What an expression may take for some rows. It is tried once more: the machine may have been busy."""
SECOND_TRY_S: Final = 0.02
FEW_ROWS: Final = 64
MANY_ROWS: Final = 256
"""How many are searched together, until an expression turns out to be slow."""
TOO_SLOW: Final = "it takes too long; make it simpler"

MAX_KNOWN_TYPES: Final = 500
"""There are 70; who sends others is asked for them each time."""
_SEES_OTHER_ROWS: Final = regex.compile(r"\(\?[^:]|\\[AZGK]")
"""Parts of an expression whose meaning changes where rows stand one below the other."""
_BEGINS_WITH_FLAGS: Final = regex.compile(r"\(\?([imsu]+)\)")
_FLAGS: Final = {"i": regex.IGNORECASE, "m": regex.MULTILINE, "s": regex.DOTALL, "u": 0}


class FilterError(ConsoleError):
    """What was typed is no filter; the message says why."""


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What rows have to be in order to be seen."""

    text: str = ""
    """Words that all have to be there, or `/an expression/` with flags."""
    client: bool = True
    server: bool = True
    errors: bool = False
    """Only errors."""
    types: frozenset[str] | None = None
    """Only these; None: all."""

    @property
    def is_open(self) -> bool:
        """Whether everything passes."""
        is_whole = self.client and self.server and not self.errors
        return is_whole and self.types is None and not self.text.strip()

    def words_test(self) -> WordsTest | None:
        """Return the test of what rows say; None when all pass.

        Raises:
            FilterError: It is not a regular expression, or too long.
        """
        typed = self.text.strip()
        if not typed:
            return None
        if len(typed) > MAX_TEXT_CHARACTERS:
            raise FilterError(f"it has more than {MAX_TEXT_CHARACTERS} characters")
        body, slash, flags = typed[1:].rpartition("/")
        if typed.startswith("/") and slash and body and set(flags) <= set(_FLAGS):
            return _Expression(body, flags)
        return _Words(typed.lower().split())


class Lines(Protocol):
    """Rows with what they say."""

    @property
    def types(self) -> Sequence[str]:
        """The types that there are."""

    @property
    def codes(self) -> Sequence[int]:
        """The place of each row's type among them."""

    @property
    def words(self) -> Sequence[str]:
        """What each row says."""


class WordsTest(Protocol):
    """Finds rows by what they say."""

    at_once: int
    """How many rows take about a millisecond; fewer when they turn out to take longer."""

    def passing(self, lines: Lines, places: Iterable[int]) -> list[int]:
        """Return those of `places` whose row passes.

        Raises:
            FilterError: It takes too long to find out.
        """


class _Words:
    """Each word stands in the row's type or in what it says."""

    at_once = 2_000

    def __init__(self, words: list[str]) -> None:
        self._words = words

    def passing(self, lines: Lines, places: Iterable[int]) -> list[int]:
        types = [each.lower() for each in lines.types]
        # Words that the type does not have already are looked for in what the row says.
        missing = [[word for word in self._words if word not in each] for each in types]
        codes, words = lines.codes, lines.words
        found = []
        for at in places:
            if not (wanted := missing[codes[at]]):
                found.append(at)
                continue
            line = words[at].lower()
            for word in wanted:
                if word not in line:
                    break
            else:
                found.append(at)
        return found


class _Expression:
    """A regular expression is found in the row's type and what it says, as one line."""

    def __init__(self, body: str, flags: str) -> None:
        wanted = regex.MULTILINE
        if begins := _BEGINS_WITH_FLAGS.match(body):
            body, flags = body[begins.end() :], flags + begins[1]
        for each in flags:
            wanted |= _FLAGS[each]
        try:
            self._pattern = regex.compile(body, wanted)
            # With the rest of its row each match is the only one there.
            self._in_rows = regex.compile(rf"(?:{body}).*", wanted)
        except (regex.error, OverflowError, RecursionError) as error:
            raise FilterError(str(error) or "it cannot be understood") from error
        self._types: dict[str, bool] = {}
        self._is_alone = "s" in flags or _SEES_OTHER_ROWS.search(body) is not None
        self.at_once = FEW_ROWS if self._is_alone else MANY_ROWS

    def passing(self, lines: Lines, places: Iterable[int]) -> list[int]:
        types, codes, words = lines.types, lines.codes, lines.words
        wanted = list(places)
        present = {codes[at] for at in wanted}
        is_sure = [code in present and self._is_in_type(each) for code, each in enumerate(types)]
        unsure = [at for at in wanted if not is_sure[codes[at]]] if any(is_sure) else wanted
        if not unsure:
            return wanted
        rows = [types[codes[at]] + words[at] for at in unsure]
        found = self._found_alone(rows) if self._is_alone else self._found_together(rows)
        passing = list(compress(unsure, found))
        if unsure is wanted:
            return passing
        others = set(passing)
        return [at for at in wanted if is_sure[codes[at]] or at in others]

    def _is_in_type(self, event_type: str) -> bool:
        """Return whether every row of a type passes, since the type does; False says nothing."""
        if self._is_alone:
            return False
        known = self._types.get(event_type)
        if known is None:
            match = self._search(event_type + " ")
            known = match is not None and match.end() <= len(event_type)
            if len(self._types) < MAX_KNOWN_TYPES:
                self._types[event_type] = known
        return known

    def _found_alone(self, rows: list[str]) -> list[bool]:
        return [self._search(row.replace(SEPARATOR, " ")) is not None for row in rows]

    def _found_together(self, rows: list[str]) -> list[bool]:
        """Return which rows pass; one search through all of them is many times as quick."""
        text = "\n".join(rows).replace(SEPARATOR, " ")
        try:
            spans = self._spans(text, SLOW_S)
        except TimeoutError:
            if len(rows) > FEW_ROWS:  # fewer at once from now on: other work has to go on between
                self.at_once = FEW_ROWS
                parts = [rows[at : at + FEW_ROWS] for at in range(0, len(rows), FEW_ROWS)]
                return [each for part in parts for each in self._found_together(part)]
            spans = self._spans_at_last(text)
        lengths = np.fromiter(map(len, rows), np.int64, len(rows))
        ends = np.cumsum(lengths + 1) - 1
        found = [False] * len(rows)
        rows_of = np.searchsorted(ends, np.array(spans, np.int64).reshape(-1, 2)).tolist()
        for first, last in rows_of:
            if first == last:
                found[first] = True
            else:  # it goes on in the next row: not what was meant
                found[first : last + 1] = self._found_alone(rows[first : last + 1])
        return found

    def _spans(self, text: str, timeout_s: float) -> list[tuple[int, int]]:
        return [each.span() for each in self._in_rows.finditer(text, timeout=timeout_s)]

    def _spans_at_last(self, text: str) -> list[tuple[int, int]]:
        try:
            return self._spans(text, SECOND_TRY_S)
        except TimeoutError as error:
            raise FilterError(TOO_SLOW) from error

    def _search(self, text: str) -> regex.Match[str] | None:
        # Whoever watches a session may type what never ends, and this process has other sessions.
        try:
            return self._pattern.search(text, timeout=SLOW_S)
        except TimeoutError:
            pass
        try:
            return self._pattern.search(text, timeout=SECOND_TRY_S)
        except TimeoutError as error:
            raise FilterError(TOO_SLOW) from error


class Stint:
    """Says when work that shares the event loop has gone on for long enough."""

    def __init__(self, seconds: float) -> None:
        """Begin now.

        Args:
            seconds: How long it may go on.
        """
        self._until = time.perf_counter() + seconds

    @property
    def is_over(self) -> bool:
        """Whether it is time to give way."""
        return time.perf_counter() >= self._until
