"""What the user wants to see of the list: words or an expression, directions, errors, types."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final, Literal

from console.app.event_search import FLAGS, Expression, FilterError, RowTest, Words
from console.printable import half_character

Zoom = Literal["frames", "spans", "turns"]
"""Each event; runs of events; turns."""

MAX_TEXT_CHARACTERS: Final = 400
_NO_FLAGS: Final = frozenset("vxy")
"""Flags of expressions elsewhere, which would change what is found; any other letters are words."""


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

    def row_test(self) -> RowTest | None:
        """Return the test of what rows say; None when all pass.

        Raises:
            FilterError: It is not a regular expression, or one with a flag that there is not; it is
                too long, or holds half a character.
        """
        typed = self.text.strip()
        if not typed:
            return None
        if len(typed) > MAX_TEXT_CHARACTERS:
            raise FilterError(f"it has more than {MAX_TEXT_CHARACTERS} characters")
        if half := half_character(typed):
            raise FilterError(f"it holds half a character, {half}, which no event does")
        body, slash, flags = typed[1:].rpartition("/")
        if not (
            typed.startswith("/") and slash and body and set(flags) <= FLAGS.keys() | _NO_FLAGS
        ):
            return Words(typed.split())
        if foreign := sorted(_NO_FLAGS & set(flags)):
            raise FilterError(
                f"{foreign[0]} is no flag of an expression here: there are i, m and s"
            )
        return Expression(body, flags)


class Stint:
    """Says when work that shares the event loop has gone on for long enough."""

    def __init__(self, seconds: float) -> None:
        """Begin now.

        Args:
            seconds: How long it may go on, in processor time: while other programs run, nothing is
                gained by giving way.
        """
        self._until = time.thread_time() + seconds

    @property
    def is_over(self) -> bool:
        """Whether it is time to give way."""
        return time.thread_time() >= self._until
