"""Identifiers as the service makes them: a prefix and 21 characters, the first ones by time."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from typing import Final

ALPHABET: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_TIME_LENGTH: Final = 6
_RANDOM_LENGTH: Final = 15

NewId = Callable[[str], str]
"""Makes an identifier that begins with the given prefix."""


class IdMaker:
    """Makes identifiers that sort by the second in which they were made.

    Randomness and time come from outside, so that a test can repeat them.
    """

    def __init__(self, source: random.Random, wall_s: Callable[[], float]) -> None:
        self._source = source
        self._wall_s = wall_s

    def __call__(self, prefix: str) -> str:
        """Return a new identifier: `prefix` (such as ``"item_"``) and 21 characters."""
        rest = "".join(self._source.choices(ALPHABET, k=_RANDOM_LENGTH))
        return prefix + _base62(int(self._wall_s()), _TIME_LENGTH) + rest


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))
