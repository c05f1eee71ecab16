"""Bounds and defaults that the documentation of a field tells in words."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from console.app.reference.shapes import (
    Choice,
    Flag,
    Listing,
    Null,
    Number,
    OneOf,
    Shape,
    Table,
    Text,
    one_of,
)

_N: Final = r"`?(\d+(?:\.\d+)?)`?"
_SPANS: Final = (
    re.compile(rf"\bbetween {_N} and {_N}", re.IGNORECASE),
    re.compile(rf"\({_N} (?:to|-|–) {_N}\)"),  # noqa: RUF001  # an en dash, as it is printed
)
_LOWEST: Final = re.compile(rf"{_N} is the minimum|\b(?:minimum|at least) (?:of )?{_N}\b")
_HIGHEST: Final = re.compile(rf"{_N} is the maximum|\b(?:maximum|at most) (?:of )?{_N}\b")
_LENGTHS: Final = re.compile(
    r"Keys are strings with a maximum length of (\d+) characters\.\s+"
    r"Values are strings with a maximum length of (\d+) characters"
)
_WORD: Final = r"""`?\[?"?([A-Za-z_\d][\w-]*(?:\.\d+)?)"?\]?`?"""
_NUMBER: Final = re.compile(r"(\d+(?:\.\d+)?)(?:ms)?")
_CAN_BE_NULL: Final = re.compile(r"\bset to `?null\b", re.IGNORECASE)
_DEFAULTS: Final = (
    re.compile(rf"\bdefaults? (?:to|is|of) {_WORD}", re.IGNORECASE),
    re.compile(rf"{_WORD} (?:is|as) the default\b", re.IGNORECASE),
)


def with_limits(shape: Shape, text: str) -> Shape:
    """Return a shape with the bounds that its documentation names, and null where it may be set."""
    told = " ".join(text.split())
    limited = _limited(shape, told)
    return one_of([limited, Null()]) if _CAN_BE_NULL.search(told) else limited


def _limited(shape: Shape, told: str) -> Shape:
    match shape:
        case Number():
            return _bounded(shape, told)
        case Table() if isinstance(shape.value, Text) and (found := _LENGTHS.search(told)):
            return Table(Text(int(found[2])), int(found[1]))
        case OneOf():
            return OneOf(tuple(_limited(each, told) for each in shape.variants))
        case _:
            return shape


def _bounded(number: Number, told: str) -> Number:
    for span in _SPANS:
        if found := span.search(told):
            return _within(number, float(found[1]), float(found[2]))
    low, high = _LOWEST.search(told), _HIGHEST.search(told)
    if low is None or high is None:  # one alone is as often about something else
        return number
    return _within(number, float(low[1] or low[2]), float(high[1] or high[2]))


def _within(number: Number, low: float, high: float) -> Number:
    return replace(number, low=low, high=high) if low < high else number


def default_of(shape: Shape, text: str) -> Any:
    """Return the default that the documentation names, as a value of the shape; None: none."""
    told = " ".join(text.split())
    for pattern in _DEFAULTS:
        for found in pattern.finditer(told):
            value = _as_value(shape, found[1])
            if value is not None:
                return value
    return None


def _as_value(shape: Shape, word: str) -> Any:
    match shape:
        case Number():
            return _number(shape, word)
        case Flag():
            return {"true": True, "false": False}.get(word.lower())
        case Choice():
            return word if word in shape.options else None
        case Listing():
            inner = _as_value(shape.item, word)
            return None if inner is None else [inner]
        case OneOf():
            found = (_as_value(each, word) for each in shape.variants if not isinstance(each, Null))
            return next((each for each in found if each is not None), None)
        case _:
            return None


def _number(shape: Number, word: str) -> int | float | None:
    found = _NUMBER.fullmatch(word)
    if found is None or (shape.is_whole and "." in found[1]):
        return None
    value = int(found[1]) if shape.is_whole else float(found[1])
    is_low = shape.low is not None and value < shape.low
    is_high = shape.high is not None and value > shape.high
    return None if is_low or is_high else value
