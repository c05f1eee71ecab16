"""Identifiers of events and items."""

from __future__ import annotations

import random
import string
from typing import Final

ALPHABET: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_PAIRS: Final = [first + second for first in ALPHABET for second in ALPHABET]
_N_PAIRS: Final = len(_PAIRS)
_STEM_CHARACTERS: Final = 15


class IdSource:
    """Makes identifiers that do not repeat: a prefix and 21 base62 characters.

    The first 15 characters are random and tell sources apart; the last six count, which costs a
    tenth of drawing them and keeps ids in order. `item_` ids stay within the allowed 32.
    """

    def __init__(self, source: random.Random | None = None) -> None:
        chosen = source if source is not None else random.Random()
        self._stem = "_" + "".join(chosen.choices(ALPHABET, k=_STEM_CHARACTERS))
        self._count = 0

    def new(self, prefix: str) -> str:
        """Return a new identifier such as `item_0aZ...` for the prefix `item`."""
        rest, low = divmod(self._count, _N_PAIRS)
        high, middle = divmod(rest, _N_PAIRS)
        self._count += 1
        return prefix + self._stem + _PAIRS[high % _N_PAIRS] + _PAIRS[middle] + _PAIRS[low]
