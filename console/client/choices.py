"""Arguments that a type checker may not have seen: one of a few words, or of a kind."""

from __future__ import annotations

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


def check_time(name: str, given: object) -> None:
    """Check that an argument is a time to wait.

    Raises:
        TypeError: It is no number.
        ValueError: It is not more than 0 seconds.
    """
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise TypeError(f"{name} must be a number of seconds, not of type {type(given).__name__}.")
    if not given > 0:
        raise ValueError(f"{name} must be more than 0 seconds, not {given}.")
