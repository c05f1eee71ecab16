"""Finds rows by what they say: words, or a regular expression, which may not hold up the process.

Rows are looked at many together, as the lines of one text: searching one text is many times as quick
as searching each of its lines. Whoever searches gives way to others between two pieces.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Sequence
from itertools import compress
from typing import Final, Protocol

import regex

from console.app.event_frames import SEPARATOR
from console.app.event_needles import Needles, needles
from console.errors import ConsoleError

SLOW_S: Final = 0.004
"""What an expression may take for some rows; then it is given fewer."""
SECOND_TRY_S: Final = 0.02
"""What it may take for one row at last: the machine may have been busy."""
MOST_SECOND_TRIES: Final = 50
"""No machine is busy as often as that."""
MANY_ROWS: Final = 512
"""How many are searched together at the most."""
TOO_SLOW: Final = "it takes too long; make it simpler"

_SEES_OTHER_ROWS: Final = regex.compile(r"\(\?[^:]|\\[AZzGK]")
"""Parts of an expression whose meaning changes where rows stand one below the other."""
_BEGINS_WITH_FLAGS: Final = regex.compile(r"\(\?([imsu]+)\)")
FLAGS: Final = {"i": regex.IGNORECASE, "m": regex.MULTILINE, "s": regex.DOTALL} | dict.fromkeys(
    "dgu", 0
)
"""Of an expression; some of other languages change nothing here, where a row is found or is not."""

Passing = Generator[None, None, list[int]]
"""A search: each step is a piece of it, and it returns the places of the lines that pass."""


class FilterError(ConsoleError):
    """What was typed is no filter; the message says why."""


class RowTest(Protocol):
    """Finds rows by what they say."""

    def passing(self, text: str) -> Passing:
        """Search rows, in pieces of 24 ms of work at the most.

        Args:
            text: Each of its lines is a row.

        Raises:
            FilterError: It takes too long to find out.
        """


class Words:
    """Each word stands somewhere in the row, in capitals or not."""

    def __init__(self, words: Iterable[str]) -> None:
        """Look for these.

        Args:
            words: At least one.
        """
        # The longest is the rarest, as a rule: the others need not be looked for where it is not.
        self._words = sorted({each.lower() for each in words}, key=len, reverse=True)

    def passing(self, text: str) -> Passing:
        """Search rows; see `RowTest`."""
        lines = _lowered(text)
        yield
        return list(lines.with_all(self._words))


class Expression:
    """A regular expression is found in the row."""

    def __init__(self, body: str, flags: str) -> None:
        """Look for this.

        Args:
            body: As it stands between the slashes.
            flags: Of `FLAGS`.

        Raises:
            FilterError: It is no expression.
        """
        wanted = regex.MULTILINE
        if begins := _BEGINS_WITH_FLAGS.match(body):
            body, flags = body[begins.end() :], flags + begins[1]
        for each in flags:
            wanted |= FLAGS[each]
        try:
            self._pattern = regex.compile(body, wanted)
            # With the rest of its row each match is the only one there.
            self._in_rows = regex.compile(rf"(?:{body}).*", wanted)
        except (regex.error, OverflowError, RecursionError) as error:
            why = str(error) or "it cannot be understood"
            raise FilterError(f"it is no regular expression: {why}") from error
        self._is_alone = "s" in flags or _SEES_OTHER_ROWS.search(body) is not None
        self._ignores_case = "i" in flags
        self._needles: Needles = needles(body)
        self._is_plain = body == "|".join("".join(each) for each in self._needles)
        if self._ignores_case:
            self._needles = _plain_needles(self._needles)
        self._at_once = MANY_ROWS
        self._second_tries = 0

    def passing(self, text: str) -> Passing:
        """Search rows; see `RowTest`."""
        lines = _Lines(text.replace(SEPARATOR, " "))
        places = self._promising(lines)
        yield
        if self._is_plain and not (self._ignores_case and not text.isascii()):
            return list(places)
        found: list[int] = []
        at = 0
        while at < len(places):
            some = places[at : at + self._at_once]
            passed = self._passed([lines.each[place] for place in some])
            if passed is not None:
                found += compress(some, passed)
                at += len(some)
            yield
        return found

    def _promising(self, lines: _Lines) -> Sequence[int]:
        """Return the places of lines that may have a match."""
        if not self._needles:
            return range(len(lines.each))
        looked_at = _lowered(lines.text) if self._ignores_case else lines
        found: set[int] = set()
        for alternative in self._needles:
            found.update(looked_at.with_all(alternative))
        if self._ignores_case and not lines.text.isascii():
            # Other alphabets have letters that are the same as "k" or "s" to an expression.
            found.update(at for at, line in enumerate(lines.each) if not line.isascii())
        return sorted(found)

    def _passed(self, lines: list[str]) -> list[bool] | None:
        """Return which lines have a match; None when so many take too long together."""
        if len(lines) == 1:
            self._at_once = 2
            return [self._is_in(lines[0])]
        began = time.perf_counter()
        try:
            look = self._each_alone if self._is_alone else self._all_together
            passed = look(lines, began + SLOW_S)
        except TimeoutError:
            self._at_once = max(1, len(lines) // 8)
            return None
        if time.perf_counter() - began < SLOW_S / 4:
            self._at_once = min(MANY_ROWS, 2 * self._at_once)
        return passed

    def _each_alone(self, lines: list[str], until_s: float) -> list[bool]:
        passed = []
        for line in lines:
            left_s = until_s - time.perf_counter()
            if left_s <= 0:
                raise TimeoutError
            passed.append(self._pattern.search(line, timeout=left_s) is not None)
        return passed

    def _all_together(self, lines: list[str], until_s: float) -> list[bool]:
        marked = self._in_rows.sub(SEPARATOR, "\n".join(lines), timeout=SLOW_S).split("\n")
        if len(marked) < len(lines):  # a match went on in the next row: not what was meant
            return self._each_alone(lines, until_s)
        return [SEPARATOR in each for each in marked]

    def _is_in(self, line: str) -> bool:
        # Whoever watches a session may type what never ends, and this process has other sessions.
        try:
            return self._pattern.search(line, timeout=SLOW_S) is not None
        except TimeoutError:
            self._second_tries += 1
        try:
            if self._second_tries <= MOST_SECOND_TRIES:
                return self._pattern.search(line, timeout=SECOND_TRY_S) is not None
        except TimeoutError as error:
            raise FilterError(TOO_SLOW) from error
        raise FilterError(TOO_SLOW)


class _Lines:
    """A text and its lines."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.each = text.split("\n")

    def with_all(self, texts: Iterable[str]) -> Sequence[int]:
        """Return the places of the lines in which all of `texts` stand."""
        if not all(each in self.text for each in texts):
            return ()
        places: Sequence[int] = range(len(self.each))
        for text in texts:
            places = [at for at in places if text in self.each[at]]
        return places


def _lowered(text: str) -> _Lines:
    if text.isascii():
        return _Lines(text.lower())
    # One letter of another alphabet makes a text as slow to change as if it had no others.
    return _Lines("\n".join([each.lower() for each in text.split("\n")]))


def _plain_needles(wanted: Needles) -> Needles:
    """Return needles for texts in small letters; none where capitals are no simple matter."""
    if not all(each.isascii() for alternative in wanted for each in alternative):
        return ()
    return tuple(tuple(each.lower() for each in alternative) for alternative in wanted)
