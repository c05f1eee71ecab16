"""Identifiers of events and items."""

from __future__ import annotations

import random
import string
from typing import Final

ALPHABET: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
RANDOM_CHARACTERS: Final = 22
"""Even, since they are drawn in pairs; `item_` and these stay within the allowed 32."""

_PAIRS: Final = [first + second for first in ALPHABET for second in ALPHABET]


class IdSource:
    """Makes identifiers that do not repeat: a prefix and 22 base62 characters (131 bits)."""

    def __init__(self, source: random.Random | None = None) -> None:
        self._random = source if source is not None else random.Random()

    def new(self, prefix: str) -> str:
        """Return a new identifier such as `item_0aZ...` for the prefix `item`."""
        return prefix + "_" + "".join(self._random.choices(_PAIRS, k=RANDOM_CHARACTERS // 2))
