"""Sentences out of text that is still being written, each as soon as it is whole."""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 300
"""A sentence that goes on for longer is cut at a pause."""
# After a mark: quotes and brackets that close. The second form is that of Chinese and Japanese.
_END: Final = re.compile(
    r"[.!?\u2026]++[\"'\u201d\u2019\xbb)\]*_]*+(?=\s+(?P<next>\S))"
    r"|[\u3002\uff01\uff1f]++[\u201d\u2019\u300d\u300f\uff09]*+(?=(?P<any>[\s\S]))"
)
_OPENING: Final = "([\"'\u201c\u2018\xab"
_INITIALS: Final = re.compile(r"(?:[A-Za-z]\.)*[A-Z]|(?:[A-Za-z]\.)+[a-z]")
_ENUMERATOR: Final = re.compile(r"\s*(?:\d{1,3}|[A-Za-z])")
_TITLES: Final = (
    "mr mrs ms mx dr prof st sen rep gov gen col capt lt sgt rev hon mt ft vs fig vol no nos nr "
    "approx ca cf pp eq sec ch art dept est"
)
_NEVER_ENDS: Final = frozenset(_TITLES.split())
_MAY_END: Final = frozenset({"a.m", "p.m", "I"})
"""Look like initials, but do end sentences; what follows decides."""
_PAUSES: Final = ("; ", ": ", ", ", " ")


class SentenceSplitter:
    """Takes text in pieces of any length and gives back whole sentences.

    A sentence ends with its mark and something after it that begins another one, or with its
    line. A mark that is still the last of the text waits: "3." may become "3.14".
    """

    def __init__(self) -> None:
        self._text = ""

    def feed(self, text: str) -> list[str]:
        """Take more text and return the sentences that are whole now.

        Line breaks before a sentence stay with it; other white space around it does not.
        """
        self._text += text
        found: list[str] = []
        while (end := _end_of_first(self._text)) is not None:
            found.append(self._take(end))
        return [each for each in found if each.strip()]

    def flush(self) -> list[str]:
        """Return what is left, whole or not."""
        rest = self._take(len(self._text))
        return [rest] if rest.strip() else []

    def _take(self, end: int) -> str:
        taken, self._text = self._text[:end], self._text[end:]
        stripped = taken.strip()
        before = taken[: taken.find(stripped)] if stripped else ""
        if not stripped:
            # Empty lines belong to what comes after them.
            self._text = taken + self._text if self._text else ""
        return "\n" * before.count("\n") + stripped


def _end_of_first(text: str) -> int | None:
    """Return where the first sentence of `text` ends; None while that cannot be told."""
    start = len(text) - len(text.lstrip())
    line_end = text.find("\n", start)
    for match in _END.finditer(text, start):
        if 0 <= line_end < match.start():
            break
        if match.end(match.lastindex or 0) - start > LONGEST:
            break
        if _ends(text[start : match.start()], match):
            return match.end()
    if 0 <= line_end - start <= LONGEST:
        return line_end
    return _cut(text, start) if len(text) - start > LONGEST else None


def _ends(before: str, match: re.Match[str]) -> bool:
    """Return whether this mark after `before` ends a sentence."""
    following = match.group("next")
    if following is None:
        return True
    if following.islower():
        return False
    if not match.group().startswith("."):
        return True
    if _ENUMERATOR.fullmatch(before):
        return False
    word = before.split()[-1].lstrip(_OPENING) if before.split() else ""
    if word in _MAY_END:
        return True
    return word.lower() not in _NEVER_ENDS and not _INITIALS.fullmatch(word)


def _cut(text: str, start: int) -> int:
    last = start + LONGEST
    pauses = (text.rfind(each, start + LONGEST // 2, last) for each in _PAUSES)
    return next((at + 1 for at in pauses if at > 0), last)
