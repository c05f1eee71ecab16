"""Hides a key that is said in pieces: each alone says little, and whoever joins them has it."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

from console.key_mask import MARK, KeyMask

MAX_STREAMS: Final = 64
"""Texts whose ends may be the beginning of a key; beyond it the oldest is given up."""
MAX_SHOWN: Final = 3
"""Characters of a beginning that are shown at once; of a short key less than a quarter. So many are
a matter of chance in any text, whose pieces shall stay as they came. They tell nothing: keys of one
service begin alike, and what stays hidden cannot be guessed from them."""


class KeyPieces:
    """Follows texts that grow, and keeps back the end of each that may go on to be the key.

    What is kept comes with the next piece of its text, or at its end: the mark in place of the key, or
    itself if it was something else. So nothing is lost, doubled or out of order.
    """

    def __init__(self, key: str) -> None:
        """Begin without texts.

        Raises:
            ValueError: The key is as short as a word.
        """
        self._mask = KeyMask(key)
        self._max_shown = min(MAX_SHOWN, len(key) // 4 - 1)
        self._ends: dict[Hashable, tuple[str, int]] = {}
        """Of each text the end that may be a beginning, and how much of that is shown."""

    def take(self, stream: Hashable, piece: str) -> str:
        """Return what may be shown after the next piece of a text.

        Args:
            stream: Which text; any number of them may grow side by side.
            piece: What comes next in it.
        """
        before, n_shown = self._ends.pop(stream, ("", 0))
        text = before + piece
        hidden = self._mask.hide(text)
        if hidden is not text:
            # Of a key that is found now a few characters may be shown.
            n_shown, text = min(n_shown, hidden.find(MARK)), hidden
        at = self._mask.beginning_at(text)
        if at == len(text):
            return text[n_shown:]
        end = text[at:]
        shown_to = len(text) if len(end) <= self._max_shown else max(at, n_shown)
        if len(self._ends) >= MAX_STREAMS:
            del self._ends[next(iter(self._ends))]
        self._ends[stream] = end, shown_to - at
        return text[n_shown:shown_to]

    def end(self, stream: Hashable) -> str:
        """Return what was kept of a text that has ended; it was not the key."""
        end, n_shown = self._ends.pop(stream, ("", 0))
        return end[n_shown:]

    def clear(self) -> None:
        """Forget all texts."""
        self._ends.clear()
