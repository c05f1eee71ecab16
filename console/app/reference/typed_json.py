"""JSON that somebody has written by hand: read as it is meant, and only what can be written again."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, Final

from console.app.reference.checks import MAX_WHOLE, MIN_WHOLE, Path, written
from console.printable import half_character

_MAX_DIGITS: Final = 20
"""Of a number of 64 bits; longer ones need not be read."""
_MAX_SHOWN: Final = 24


def read_json(text: str) -> Any:
    """Read JSON, and nothing that only looks like it or could not be sent.

    Raises:
        ValueError: It is none, or holds a number that is too big or half a character; the message
            says where, or which.
    """
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_float, parse_int=_whole)
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno}, column {error.colno}: {error.msg}") from error
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    if "\\u" in text or half_character(text):
        for path, half in _halves(value, ()):
            where = written(path) or "it"
            raise ValueError(f"{where} holds half a character, {half}, which cannot be sent")
    return value


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def _float(digits: str) -> float:
    found = float(digits)
    if not math.isfinite(found):
        raise ValueError(f"{_cut(digits)} is too big a number")
    return found


def _whole(digits: str) -> int:
    if len(digits) > _MAX_DIGITS or not MIN_WHOLE <= int(digits) <= MAX_WHOLE:
        raise ValueError(f"{_cut(digits)} is too big a number: a whole one has 64 bits at the most")
    return int(digits)


def _cut(digits: str) -> str:
    return digits if len(digits) <= _MAX_SHOWN else f"{digits[:_MAX_SHOWN]}..."


def _halves(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Yield where half a character stands, and which; what holds a name that does is its place."""
    match value:
        case str():
            if half := half_character(value):
                yield path, half
        case dict():
            for name, each in value.items():
                if half := half_character(name):
                    yield path, half
                yield from _halves(each, (*path, name))
        case list():
            for n, each in enumerate(value):
                yield from _halves(each, (*path, n))
