"""The mistakes of clients that the simulator knows, with the codes that it uses.

Codes that are not established for the live service are `invalid_value` with the parameter that is
wrong; those are a choice of this server.
"""

from __future__ import annotations

from collections.abc import Sequence

from console.realtime.refusal import Refusal as Refusal


def unsupported_value(value: object, allowed: Sequence[str], param: str) -> Refusal:
    """Return the refusal of a value that is not one of `allowed`."""
    return Refusal(
        f"Invalid value: '{value}'. Supported values are: {_listed(allowed)}.", param=param
    )


def missing(param: str) -> Refusal:
    """Return the refusal of an event that lacks `param`."""
    return Refusal(
        f"Missing required parameter: '{param}'.",
        code="missing_required_parameter",
        param=param,
    )


def unknown(param: str) -> Refusal:
    """Return the refusal of a parameter that does not exist."""
    return Refusal(f"Unknown parameter: '{param}'.", code="unknown_parameter", param=param)


def wrong_type(expected: str, value: object, param: str) -> Refusal:
    """Return the refusal of a value of another JSON type than `expected`."""
    return Refusal(
        f"Invalid type for '{param}': expected {expected}, but got {json_type(value)} instead.",
        param=param,
    )


def too_long(param: str, limit: int, length: int) -> Refusal:
    """Return the refusal of a string over `limit` characters."""
    return Refusal(
        f"Invalid '{param}': string too long. Expected a string with maximum length {limit}, "
        f"but got a string with length {length} instead.",
        code="string_above_max_length",
        param=param,
    )


def too_short(param: str, limit: int, length: int) -> Refusal:
    """Return the refusal of a string under `limit` characters."""
    return Refusal(
        f"Invalid '{param}': string too short. Expected a string with minimum length {limit}, "
        f"but got a string with length {length} instead.",
        code="string_below_min_length",
        param=param,
    )


def json_type(value: object) -> str:
    """Return the JSON type of `value` with its article."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int):
        return "an integer"
    if isinstance(value, float):
        return "a decimal"
    if isinstance(value, str):
        return "a string"
    return "an array" if isinstance(value, list) else "an object"


def _listed(values: Sequence[str]) -> str:
    quoted = [f"'{value}'" for value in values]
    if len(quoted) < 2:
        return "".join(quoted)
    comma = "," if len(quoted) > 2 else ""
    return f"{', '.join(quoted[:-1])}{comma} and {quoted[-1]}"
