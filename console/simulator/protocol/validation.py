"""Checks of JSON values: each names the parameter that is wrong, by its path.

A `Check` takes a value and its path and returns the value to use, or raises `Refusal`. Checks
are built once, as data, and know nothing of sessions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from console.simulator.protocol.refusals import (
    Refusal,
    missing,
    too_long,
    too_short,
    unknown,
    unsupported_value,
)
from console.simulator.protocol.refusals import wrong_type as _wrong_type

Check = Callable[[Any, str], Any]


def string(*, min_length: int = 0, max_length: int | None = None) -> Check:
    """Return a check for a string of `min_length` to `max_length` characters."""

    def check(value: Any, path: str) -> str:
        if not isinstance(value, str):
            raise _wrong_type("a string", value, path)
        if len(value) < min_length:
            raise too_short(path, min_length, len(value))
        if max_length is not None and len(value) > max_length:
            raise too_long(path, max_length, len(value))
        return value

    return check


def boolean(value: Any, path: str) -> bool:
    """Check for true or false."""
    if not isinstance(value, bool):
        raise _wrong_type("a boolean", value, path)
    return value


def integer(low: int | None = None, high: int | None = None) -> Check:
    """Return a check for a whole number from `low` to `high`, both included."""

    def check(value: Any, path: str) -> int:
        # A JavaScript client may write 300.0 for 300; true is not a number.
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise _wrong_type("an integer", value, path)
        return int(_in_range(value, low, high, path))

    return check


def number(low: float, high: float) -> Check:
    """Return a check for a number from `low` to `high`, both included."""

    def check(value: Any, path: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _wrong_type("a decimal", value, path)
        return float(_in_range(value, low, high, path))

    return check


def choice(*allowed: str) -> Check:
    """Return a check for one of the strings `allowed`."""

    def check(value: Any, path: str) -> str:
        if not isinstance(value, str):
            raise _wrong_type("a string", value, path)
        if value not in allowed:
            raise unsupported_value(shown(value), allowed, path)
        return str(value)

    return check


def nullable(inner: Check) -> Check:
    """Return a check for null or what `inner` accepts."""
    return lambda value, path: None if value is None else inner(value, path)


def array(inner: Check) -> Check:
    """Return a check for an array of what `inner` accepts."""

    def check(value: Any, path: str) -> list[Any]:
        if not isinstance(value, list):
            raise _wrong_type("an array", value, path)
        return [inner(each, f"{path}[{index}]") for index, each in enumerate(value)]

    return check


def anything(value: Any, path: str) -> Any:
    """Accept any value."""
    return value


def json_object(value: Any, path: str) -> dict[str, Any]:
    """Check for an object of any content."""
    if not isinstance(value, dict):
        raise _wrong_type("an object", value, path)
    return value


def dictionary(inner: Check) -> Check:
    """Return a check for an object of any names, each with what `inner` accepts."""

    def check(value: Any, path: str) -> dict[str, Any]:
        given = json_object(value, path)
        return {name: inner(each, _join(path, name)) for name, each in given.items()}

    return check


def by_json_type(
    *, word: Check | None = None, items: Check | None = None, fields: Check | None = None
) -> Check:
    """Return a check for what may come as a string (`word`), an array or an object.

    What is none of those given is left to the first of them to refuse.
    """
    first = next(each for each in (word, items, fields) if each is not None)

    def check(value: Any, path: str) -> Any:
        by_type: dict[type[Any], Check | None] = {str: word, list: items, dict: fields}
        return (by_type.get(type(value)) or first)(value, path)

    return check


def record(fields: Mapping[str, Check], *, required: Sequence[str] = ()) -> Check:
    """Return a check for an object of known `fields`, of which some are `required`.

    The result holds only the fields that were given.
    """

    def check(value: Any, path: str) -> dict[str, Any]:
        given = json_object(value, path)
        for name in given:
            if name not in fields:
                raise unknown(_join(path, name))
        for name in required:
            if name not in given:
                raise missing(_join(path, name))
        return {name: fields[name](each, _join(path, name)) for name, each in given.items()}

    return check


def tagged(variants: Mapping[str, Check], tag: str = "type") -> Check:
    """Return a check for an object whose field `tag` chooses the check for the whole."""

    def check(value: Any, path: str) -> Any:
        given = json_object(value, path)
        if tag not in given:
            raise missing(_join(path, tag))
        kind = given[tag]
        if not isinstance(kind, str) or kind not in variants:
            if not isinstance(kind, str):
                raise _wrong_type("a string", kind, _join(path, tag))
            raise unsupported_value(shown(kind), tuple(variants), _join(path, tag))
        return variants[kind](given, path)

    return check


def metadata(value: Any, path: str) -> dict[str, str]:
    """Check for at most 16 pairs of strings, of 64 and 512 characters at most."""
    pairs = json_object(value, path)
    if len(pairs) > 16:
        raise Refusal(
            f"Invalid '{path}': too many properties. Expected an object with at most 16 "
            f"properties, but got an object with {len(pairs)} properties instead.",
            param=path,
        )
    for key, each in pairs.items():
        if len(key) > 64:
            raise too_long(path, 64, len(key))
        string(max_length=512)(each, _join(path, key))
    return pairs


def _in_range(value: float, low: float | None, high: float | None, path: str) -> float:
    if (low is not None and value < low) or (high is not None and value > high):
        allowed = f"at least {low}" if high is None else f"between {low} and {high}"
        raise Refusal(f"Invalid value: {value}. Expected a value {allowed}.", param=path)
    return value


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def shown(value: object) -> str:
    """Return `value` as a message repeats it: short."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 64 else text[:61] + "..."
