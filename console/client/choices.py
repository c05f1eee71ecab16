"""Arguments that are one of a few words."""

from __future__ import annotations

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
