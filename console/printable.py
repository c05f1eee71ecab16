"""Texts from elsewhere as every file, socket and browser can take them."""

from __future__ import annotations

import re
from typing import Final

_HALF: Final = re.compile("[\ud800-\udfff]")


def printable(text: str) -> str:
    r"""Return a text with its lone surrogates, which UTF-8 cannot carry, spelled out as `\ud83d`.

    Half of a character comes of a text that was cut in UTF-16, and of names of files that are not
    UTF-8.
    """
    # Nearly every text has none, and is returned as it is.
    return text if text.isascii() else text.encode(errors="backslashreplace").decode()


def half_character(text: str) -> str:
    """Return the first lone surrogate of a text, spelled out; empty: there is none."""
    found = None if text.isascii() else _HALF.search(text)
    return "" if found is None else printable(found[0])
