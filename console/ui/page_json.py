"""The JSON between server and page, which gets there whatever stands in it.

A page's changes travel many at a time. One value that cannot be written, half a character or a number of
more than 64 bits, would take all of them with it, and the page would never see them: so what cannot be
written is replaced, and said in the log. What a browser sends is read even where it holds half a
character: whoever uses the text says so to the user.
"""

from __future__ import annotations

import json as standard
import logging
import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson
from nicegui import json

from console.printable import half_character, printable

logger = logging.getLogger(__name__)

MAX_DEPTH: Final = 200
"""What is nested deeper than this cannot be written."""
MAX_WHOLE: Final = 2**64 - 1
MIN_WHOLE: Final = -(2**63)
_MAX_CHARACTERS: Final = 200
_written: Final = json.dumps
_read: Final = json.loads
_told: Final[set[str]] = set()


def install() -> None:
    """Have the toolkit write and read all of its JSON by `dumps` and `loads`.

    It looks both up in its module at each use; that module is there so that they can be replaced.
    """
    json.dumps = dumps
    json.loads = loads


def dumps(
    obj: Any,
    sort_keys: bool = False,
    separators: tuple[str, str] | None = None,
    *,
    indent: bool = False,
) -> str:
    """Return a value as the toolkit's own function does; what cannot be written is replaced."""
    try:
        return _written(obj, sort_keys, separators, indent=indent)
    except TypeError:
        return _written(writable(obj, _tell), sort_keys, separators, indent=indent)


def loads(value: str) -> Any:
    """Return what a browser sent; its texts may hold half a character.

    Raises:
        ValueError: It is no JSON.
    """
    try:
        return _read(value)
    except orjson.JSONDecodeError:
        if "\\u" not in value:
            raise
        try:
            return standard.loads(
                value, parse_constant=_refuse, parse_float=_number, parse_int=_whole
            )
        except RecursionError as error:
            raise ValueError("it is nested too deep") from error


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def _number(digits: str) -> float:
    found = float(digits)
    return found if math.isfinite(found) else _refuse(digits)


def _whole(digits: str) -> int | float:
    found = int(digits)
    return found if MIN_WHOLE <= found <= MAX_WHOLE else _number(digits)


def _tell(place: str, what: str) -> None:
    """Log that something was replaced, once for each kind of thing: a page is sent often."""
    if what not in _told:
        _told.add(what)
        logger.warning("%s at %s of what a page is sent was replaced: it is no JSON", what, place)


def writable(value: Any, tell: Callable[[str, str], None], place: str = "$", depth: int = 0) -> Any:
    """Return a value as JSON can carry it, what it cannot carry replaced.

    Half a character is spelled out, a number of more than 64 bits becomes the nearest float, and
    what is no JSON at all a text.

    Args:
        value: Anything.
        tell: Called for each that is replaced, with its place and what it is.
        place: Of the value.
        depth: Of the value.
    """
    match value:
        case str():
            if half_character(value):
                tell(place, "half a character")
            return printable(value)
        case None | bool() | float():
            return value
        case int():
            return value if MIN_WHOLE <= value <= MAX_WHOLE else _rounded(value, tell, place)
        case Mapping() | list() | tuple() if depth == MAX_DEPTH:
            tell(place, "what is nested too deep")
            return "..."
        case Mapping():
            return {
                _key(name, tell, place): writable(each, tell, f"{place}[{name!r:.40}]", depth + 1)
                for name, each in value.items()
            }
        case list() | tuple():
            return [
                writable(each, tell, f"{place}[{n}]", depth + 1) for n, each in enumerate(value)
            ]
        case _:
            return _other(value, tell, place)


def _key(name: Any, tell: Callable[[str, str], None], place: str) -> Any:
    found = writable(name, tell, place)
    return str(found) if isinstance(found, list | float) else found


def _rounded(value: int, tell: Callable[[str, str], None], place: str) -> float | str:
    tell(place, "a number of more than 64 bits")
    try:
        return float(value)
    except OverflowError:
        return f"a number of {value.bit_length():,} bits"


def _other(value: Any, tell: Callable[[str, str], None], place: str) -> Any:
    """Return what the toolkit can write as it is, and of all else its words."""
    try:
        _written(value)
    except TypeError:
        tell(place, f"a value of the type {type(value).__name__}")
        return printable(repr(value))[:_MAX_CHARACTERS]
    return value
