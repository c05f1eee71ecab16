"""Finds a key in what others say, also where JSON writes it with escapes, and hides it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from typing import Final

MARK: Final = "[secret]"
SHORTEST: Final = 8
"""Characters: a key as short as a word is left where it stands, among the words."""
_ESCAPED_BY_NAME: Final = frozenset('"\\/')
"""Of the characters of keys: JSON writes these with a backslash, the others by their number."""
_BY_NUMBER: Final = re.compile(r"\\u00[2-7]")
"""How JSON begins a character by its number, if keys have it."""
_ESCAPE: Final = re.compile(r"\\++(?:u00([0-7][0-9a-fA-F]))?")
"""Many backslashes count as one: JSON that is a text in JSON doubles them."""
_CUT: Final = re.compile(r"\\++(?:u(?:0(?:0[0-7]?)?)?)?\Z")
"""A text that ends in the middle of an escape."""
LONGEST_ESCAPE: Final = 16
"""Characters that one of the key takes at most where its beginning is looked for: JSON that is a text
in JSON, and that in JSON, writes seven backslashes before `u0073`."""


class KeyMask:
    """Hides one key in texts: plain, in JSON, and in JSON that is a text in JSON.

    A text is searched before it is decoded, so what is no JSON is clean as well. One without a
    backslash takes two searches for a substring.
    """

    def __init__(self, key: str) -> None:
        """Prepare the search for a key of at least `SHORTEST` characters.

        Raises:
            ValueError: It is shorter.
        """
        if len(key) < SHORTEST:
            raise ValueError(f"a key of fewer than {SHORTEST} characters would hide words")
        self._key = key
        self._bare_key = _bare(key)
        self._is_named = not _ESCAPED_BY_NAME.isdisjoint(key)

    def hide(self, text: str) -> str:
        """Return `text` with `MARK` for the key; the same one where it does not stand."""
        if self._key in text:
            text = text.replace(self._key, MARK)
        # That one character is looked for quickly, and nearly no message of sound has it.
        if "\\" in text and self._bare_key and (self._is_named or _BY_NUMBER.search(text)):
            bare = _bare(text)
            if self._bare_key in bare:
                text = self._hide_escaped(text, bare)
        return text

    def hide_in_message(self, message: str | bytes) -> str | bytes:
        """Return what `hide` makes of a message, whose encoding is a superset of ASCII."""
        if isinstance(message, str):
            return self.hide(message)
        text = message.decode("latin-1")
        hidden = self.hide(text)
        return message if hidden is text else hidden.encode("latin-1")

    def beginning_at(self, text: str) -> int:
        """Return where the end of `text` begins that may go on to be the key; its length if none.

        That end is never a whole key. It may be written in any way that `hide` knows, and break
        off in the middle of an escape.
        """
        key = self._bare_key
        if "\\" not in text:
            return _beginning_at(text, key)
        text_at = max(0, len(text) - LONGEST_ESCAPE * len(key))
        text = text[text_at:]
        bare, found = _bare(text), _beginning_at(text, self._key)
        if (at := _beginning_at(bare, key)) < len(bare):
            found = min(found, _place_in(text)(at))
        if key and (cut := _CUT.search(text)) is not None:
            # It may be half of an escape, or the characters that it looks like: the longer counts.
            bare = _bare(whole := text[: cut.start()])
            found = min(found, _place_in(whole)(_beginning_at(bare, key)))
        return text_at + found

    def _hide_escaped(self, text: str, bare: str) -> str:
        """Return `text` without the parts of it that say the key in `bare`."""
        place_in_text = _place_in(text)
        parts, end = [], 0
        found = bare.find(self._bare_key)
        while found >= 0:
            parts += [text[end : place_in_text(found)], MARK]
            found += len(self._bare_key)
            end = place_in_text(found)
            found = bare.find(self._bare_key, found)
        return "".join([*parts, text[end:]])


def _bare(text: str) -> str:
    """Return a text without backslashes, with the characters that are given by number."""
    return _ESCAPE.sub(_meant, text)


def _place_in(text: str) -> Callable[[int], int]:
    """Return what tells by a place in `_bare(text)` the one in `text`, before an escape there."""
    places, shifts = [], [0]
    for each in _ESCAPE.finditer(text):
        places.append(each.start() - shifts[-1])
        shifts.append(shifts[-1] + len(each[0]) - len(_meant(each)))
    return lambda place: place + shifts[bisect_left(places, place)]


def _beginning_at(text: str, key: str) -> int:
    """Return where the longest end of `text` begins that `key` begins with, but is not all of it."""
    at = text.find(key[:1], max(0, len(text) - len(key) + 1))
    while 0 <= at < len(text) and not key.startswith(text[at:]):
        at = text.find(key[:1], at + 1)
    return at if at >= 0 else len(text)


def _meant(escape: re.Match[str]) -> str:
    character = chr(int(escape[1] or "5c", 16))
    return "" if character == "\\" else character
