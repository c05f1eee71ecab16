"""Reading what a peer sent without trusting its shape."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def text(fields: Mapping[str, Any], key: str) -> str:
    """Return the text at `key`; empty when there is none."""
    value = fields.get(key)
    return value if isinstance(value, str) else ""


def text_or_none(fields: Mapping[str, Any], key: str) -> str | None:
    """Return the text at `key`; None when there is none."""
    value = fields.get(key)
    return value if isinstance(value, str) else None


def number(fields: Mapping[str, Any], key: str) -> float | None:
    """Return the finite number at `key`; None when there is none."""
    value = fields.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:  # an integer of more than 300 digits
        return None
    return found if math.isfinite(found) else None


def flag(fields: Mapping[str, Any], key: str) -> bool | None:
    """Return the truth value at `key`; None when there is none."""
    value = fields.get(key)
    return value if isinstance(value, bool) else None


def mapping(fields: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return the object at `key`; empty when there is none."""
    value = fields.get(key)
    return value if isinstance(value, dict) else {}


def mappings(fields: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """Return the objects of the list at `key`; whatever else it holds is left out."""
    value = fields.get(key)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
