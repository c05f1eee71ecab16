"""What JSON cannot carry of a value in Python, and where it stands."""

from __future__ import annotations

import dataclasses
import enum
import math
from collections.abc import Iterator
from typing import Any

import orjson


def obstacle(value: Any) -> str:
    """Return in a clause why JSON cannot carry a value as it is; empty: it can.

    A number that is none (NaN, infinity) is such a value: it would be written as null, which often
    means something.
    """
    try:
        text = orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError as error:
        return str(error)
    # Nearly every value has none, and need not be looked through.
    return next(_no_numbers(value, ""), "") if b"null" in text else ""


def _no_numbers(value: Any, name: str) -> Iterator[str]:
    """Yield where a number is none; what is looked through is what orjson writes."""
    label = f"'{name}'" if name else "it"
    prefix = f"{name}." if name else ""
    if isinstance(value, enum.Enum):
        value = value.value
    if isinstance(value, float):
        if not math.isfinite(value):
            yield f"{label} is {_spelled(value)}"
    elif isinstance(value, dict):
        for key, each in value.items():
            if isinstance(key, float) and not math.isfinite(key):
                yield f"a name in {label} is {_spelled(key)}"
            yield from _no_numbers(each, f"{prefix}{key}")
    elif isinstance(value, list | tuple):
        for index, each in enumerate(value):
            yield from _no_numbers(each, f"{name}[{index}]")
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            if not field.name.startswith("_"):
                yield from _no_numbers(getattr(value, field.name), prefix + field.name)


def _spelled(number: float) -> str:
    if math.isnan(number):
        return "NaN"
    return "infinity" if number > 0 else "-infinity"
