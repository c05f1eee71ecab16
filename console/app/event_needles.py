"""What every match of an expression has in it, read from how the expression is written.

A row without any of it need not be looked at by the expression itself, which takes many times as long.
Only what is certain is told: of groups, sets and escapes nothing, and of what may be missing nothing.
"""

from __future__ import annotations

import re
import string
from typing import Final

Needles = tuple[tuple[str, ...], ...]
"""For each alternative of an expression the texts that its matches have, the longest first; none at
all when there is an alternative of which nothing is certain."""

_ODD_GROUP: Final = re.compile(r"\(\?(?!:|=|!|<=|<!|>|P?<\w+>)")
"""Groups that may change what stands outside of them."""
_REPETITION: Final = re.compile(r"\{\d*,?\d*\}")
_WHOLE_ESCAPES: Final = frozenset("dDwWsSbBAZntrfv")
"""Letters that, behind a backslash, take nothing of what follows."""


class _UncertainError(Exception):
    """The expression has something in it whose end is not known here."""


def needles(body: str) -> Needles:
    """Return what every match of an expression has in it.

    Args:
        body: An expression that can be compiled, without flags that allow spaces and comments.
    """
    try:
        alternatives = _Reader(body).read()
    except _UncertainError:
        return ()
    return alternatives if all(alternatives) else ()


class _Reader:
    """Goes through an expression once."""

    def __init__(self, body: str) -> None:
        self._body = body
        self._at = 0
        self._text = ""
        """What has been read of a text that goes on."""
        self._alternatives: list[list[str]] = [[]]

    def read(self) -> Needles:
        if _ODD_GROUP.search(self._body):
            raise _UncertainError
        while self._at < len(self._body):
            self._step()
        self._end_text()
        return tuple(tuple(sorted(set(each), key=_longest)) for each in self._alternatives)

    def _step(self) -> None:
        match self._body[self._at]:
            case "\\":
                self._escape()
            case "(":
                self._skip_to(self._after_group(self._at))
            case "[":
                self._skip_to(self._after_set(self._at))
            case "|":
                self._skip_to(self._at + 1)
                self._alternatives.append([])
            case "." | "^" | "$" | "+":
                self._skip_to(self._at + 1)
            case "*" | "?":
                self._text = self._text[:-1]  # it may be missing
                self._skip_to(self._at + 1)
            case "{":
                self._text = self._text[:-1]
                self._skip_to(self._after_repetition())
            case char:
                self._text += char
                self._at += 1

    def _skip_to(self, at: int) -> None:
        self._end_text()
        self._at = at

    def _end_text(self) -> None:
        if self._text:
            self._alternatives[-1].append(self._text)
        self._text = ""

    def _escape(self) -> None:
        escaped = self._body[self._at + 1 : self._at + 2]
        if escaped in _WHOLE_ESCAPES:
            self._skip_to(self._at + 2)
        elif escaped and escaped in string.punctuation + " ":
            self._text += escaped
            self._at += 2
        else:
            raise _UncertainError

    def _after_repetition(self) -> int:
        if (repetition := _REPETITION.match(self._body, self._at)) is None:
            raise _UncertainError
        return repetition.end()

    def _after_group(self, at: int) -> int:
        depth = 0
        while at < len(self._body):
            match self._body[at]:
                case "\\":
                    at += 2
                    continue
                case "[":
                    at = self._after_set(at)
                    continue
                case "(":
                    depth += 1
                case ")":
                    depth -= 1
            at += 1
            if not depth:
                return at
        raise _UncertainError

    def _after_set(self, at: int) -> int:
        at += 2 if self._body.startswith("[^", at) else 1
        first = at
        while at < len(self._body):
            match self._body[at]:
                case "\\":
                    at += 1
                case "[":  # a class with a name, perhaps
                    raise _UncertainError
                case "]" if at > first:
                    return at + 1
            at += 1
        raise _UncertainError


def _longest(text: str) -> tuple[int, str]:
    return -len(text), text
