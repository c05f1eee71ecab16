"""Arguments that a type checker may not have seen: one of a few words, of a kind, or a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import UnionType
from typing import get_args


def check(name: str, given: object, choices: object) -> None:
    """Check an argument that a type checker may not have seen.

    Args:
        name: The argument's.
        given: What it is.
        choices: What it may be, a `Literal`.

    Raises:
        ValueError: It is none of them; all three are named.
    """
    allowed = get_args(choices)
    if given not in allowed:
        *others, last = (repr(each) for each in allowed)
        raise ValueError(f"{name} must be {', '.join(others)} or {last}, not {given!r}.")


def check_kind(name: str, given: object, kind: type | UnionType, wanted: str) -> None:
    """Check that an argument is of the kind that it has to be.

    Args:
        name: The argument's.
        given: What it is; it is not shown, since it may be secret.
        kind: Its type or types.
        wanted: What it should be, in words.

    Raises:
        TypeError: It is of another type, which is named.
    """
    if not isinstance(given, kind):
        raise TypeError(f"{name} must be {wanted}, not of type {type(given).__name__}.")


def check_mappings(name: str, given: object, wanted: str) -> None:
    """Check that an argument is a list of mappings, or as good as one.

    Args:
        name: The argument's.
        given: What it is; it is not shown.
        wanted: What it should be, in words.

    Raises:
        TypeError: It is none, or something in it is no mapping; its type is named.
    """
    if isinstance(given, str | bytes | bytearray) or not isinstance(given, Sequence):
        raise TypeError(f"{name} must be {wanted}, not of type {type(given).__name__}.")
    for each in given:
        if not isinstance(each, Mapping):
            raise TypeError(f"{name} must be {wanted}; one has the type {type(each).__name__}.")


def check_time(name: str, given: object) -> None:
    """Check that an argument is a time that something may take.

    Raises:
        TypeError: It is no number.
        ValueError: It is not more than 0 seconds.
    """
    if not _seconds(name, given, "a number of seconds") > 0:
        raise ValueError(f"{name} must be more than 0 seconds, not {given}.")


def check_delay(name: str, given: object) -> None:
    """Check that an argument is a time, which may be none at all.

    Raises:
        TypeError: It is no number.
        ValueError: It is less than 0 seconds.
    """
    if not _seconds(name, given, "a number of seconds") >= 0:
        raise ValueError(f"{name} must be 0 seconds or more, not {given}.")


def check_patience(name: str, given: object) -> None:
    """Check that an argument is how long to wait at the most; None waits for ever.

    Raises:
        TypeError: It is neither a number nor None.
        ValueError: It is less than 0 seconds.
    """
    wanted = "a number of seconds, or None to wait for ever"
    if given is not None and not _seconds(name, given, wanted) >= 0:
        raise ValueError(f"{name} must be 0 seconds or more, not {given}.")


def check_count(name: str, given: object) -> None:
    """Check that an argument is a whole number.

    Raises:
        TypeError: It is none.
    """
    if isinstance(given, bool) or not isinstance(given, int):
        raise TypeError(f"{name} must be a whole number, not of type {type(given).__name__}.")


def _seconds(name: str, given: object, wanted: str) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise TypeError(f"{name} must be {wanted}, not of type {type(given).__name__}.")
    return given
