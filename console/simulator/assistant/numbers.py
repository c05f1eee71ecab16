"""Numbers in English words, both ways."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_SMALL: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL_WORDS: Final = tuple(_SMALL.split())
_TENS_WORDS: Final = tuple(_TENS.split())
_VALUES: Final = {word: value for value, word in enumerate(_SMALL_WORDS)} | {
    word: 10 * value for value, word in enumerate(_TENS_WORDS, start=2)
}
_NEGATIVE: Final = frozenset({"minus", "negative"})
_MINUS_SIGN: Final = re.compile(r"(?<![\w.])[-\N{MINUS SIGN}](?=\d)")
_PLUS_SIGN: Final = re.compile(r"(?<=\d)\s*\+\s*(?=[\d.\N{MINUS SIGN}-])")
_SCALES: Final = {"hundred": 100, "thousand": 1000, "million": 1_000_000}


def to_words(number: int) -> str:
    """Return a whole number below a thousand million in words: "minus twenty-one"."""
    if number < 0:
        return f"minus {to_words(-number)}"
    if number < len(_SMALL_WORDS):
        return _SMALL_WORDS[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS_WORDS[tens - 2] + (f"-{_SMALL_WORDS[ones]}" if ones else "")
    if number < 1000:
        head, rest = divmod(number, 100)
        return f"{_SMALL_WORDS[head]} hundred" + (f" and {to_words(rest)}" if rest else "")
    name, size = ("million", 1_000_000) if number >= 1_000_000 else ("thousand", 1000)
    head, rest = divmod(number, size)
    return f"{to_words(head)} {name}" + (f" {to_words(rest)}" if rest else "")


def with_signs_in_words(text: str) -> str:
    """Return `text` with the signs of "2 + -3" as words, which survive folding."""
    return _MINUS_SIGN.sub("minus ", _PLUS_SIGN.sub(" plus ", text))


def find(words: Sequence[str]) -> list[float]:
    """Return the numbers in folded words, in order: digits, or words such as "twenty five".

    After "minus" a number is negative, unless something is subtracted: "ten minus three".
    """
    found: list[float] = []
    at, end = 0, -1
    while at < len(words):
        value, used = _one(words, at)
        if used:
            is_negative = at - 1 > end and words[at - 1] in _NEGATIVE
            found.append(-value if is_negative else value)
            end = at + used
        at += used or 1
    return found


def _one(words: Sequence[str], start: int) -> tuple[float, int]:
    if (digits := _digits(words[start])) is not None:
        return digits, 1
    total, part, at = 0, 0, start
    last = 0
    while at < len(words):
        word = words[at]
        if word in _VALUES:
            # "twenty five" is one number, "two three" are two.
            if last and not (last >= 20 and last < 100 and _VALUES[word] < 10):
                break
            last = _VALUES[word]
            part += last
        elif word in _SCALES and (part or words[at - 1 : at] == ["a"]):
            part = max(1, part) * _SCALES[word]
            last = 0
            if _SCALES[word] > 100:
                total, part = total + part, 0
        elif not (
            word == "and" and at > start and words[at - 1] in _SCALES and _follows(words, at)
        ):
            break
        at += 1
    return total + part, at - start


def _follows(words: Sequence[str], at: int) -> bool:
    return at + 1 < len(words) and words[at + 1] in _VALUES


def _digits(word: str) -> float | None:
    try:
        return float(word) if word[:1].isdigit() else None
    except ValueError:
        return None
