"""Words that were told before all was said: what is left to tell once all is known."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Final

_PIECE: Final = re.compile(r"\s*\S+")
_END: Final = re.compile(r"[.?!]+$")


def pieces(text: str) -> list[str]:
    """Return `text` word by word, each with the space before it."""
    return _PIECE.findall(text)


def rest(told: str, text: str) -> str:
    """Return what goes on after `told`, so that both together say `text` as far as they can.

    Where the words that were told turn out to be others, they stay, and what followed them
    follows: "I scream" is told, "Ice cream is cold." was said, " is cold." is left.
    """
    if text.startswith(told):
        return text[len(told) :]
    said, words = told.split(), text.split()
    matcher = SequenceMatcher(
        None, [_bare(each) for each in said], [_bare(each) for each in words], autojunk=False
    )
    common = [block for block in matcher.get_matching_blocks() if block.size]
    # What was told after the last word in common stands for as many words.
    shift = common[-1].b - common[-1].a if common else 0
    if left := words[max(0, len(said) + shift) :]:
        return " " + " ".join(left)
    end = _END.search(text)
    return end.group() if end is not None and not _END.search(told) else ""


def _bare(word: str) -> str:
    return re.sub(r"[^\w']", "", word).casefold()
