"""Values to begin with: the least that an event must have, and one that shows what it looks like."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any, Final

from console.app.reference.shapes import (
    Choice,
    Field,
    Flag,
    Listing,
    Null,
    Number,
    OneOf,
    Record,
    Shape,
    Text,
)

_SAMPLES: Final[Mapping[str, Any]] = {
    "event_id": "event_BfX2mQ8rT1vK",
    "item_id": "item_BfX2kR7sV9wA",
    "previous_item_id": "item_BfX2jL5nP3qC",
    "response_id": "resp_BfX2nT6uW8yE",
    "conversation_id": "conv_BfX2hJ4kM6pG",
    "call_id": "call_BfX2pV7xZ9bD",
    "id": "item_BfX2kR7sV9wA",
    "audio": "AAAAAAAAAAA=",
    "delta": "It is 19",
    "text": "It is 19 degrees in Toronto.",
    "transcript": "It is 19 degrees in Toronto.",
    "name": "get_weather",
    "arguments": '{"location": "Toronto"}',
    "model": "gpt-realtime-2.1",
    "instructions": "Answer in one short sentence.",
    "message": "Invalid value.",
    "code": "invalid_value",
    "expires_at": 1767225600,
    "audio_start_ms": 1280,
    "audio_end_ms": 2400,
    "total_tokens": 153,
    "input_tokens": 119,
    "output_tokens": 34,
}
"""What stands in an example for a field of this name."""
_TELLING: Final = ("text", "delta", "instructions", "code")
"""What an example holds even where it may be left out."""
_KINDS: Final = ("type", "role")
_CONTENTS: Final = ("text", "name")
Suggest = Callable[[str], Any]


def nothing(name: str) -> Any:
    """Suggest no value for a field of any name."""
    return None


def blank(shape: Shape, suggest: Suggest = nothing) -> Any:
    """Return the least value of a shape: what is required, with what `suggest` has for a name."""
    match shape:
        case Record():
            return {each.name: blank_field(each, suggest) for each in _beginning(shape)}
        case Choice():
            return "" if shape.is_open else shape.options[0]
        case Text():
            return ""
        case Number():
            low = shape.low if shape.low is not None else 0
            return int(low) if shape.is_whole else low
        case Flag():
            return False
        case Null():
            return None
        case Listing():
            return []
        case OneOf():
            return blank(_usual(shape), suggest)
        case _:
            return {}


def _beginning(shape: Record) -> list[Field]:
    """Return the fields to begin with, what tells objects apart first.

    Where nothing is required, the service still needs to know what it gets.
    """
    is_free = not any(each.is_required for each in shape.fields if each.name not in _KINDS)
    wanted = (*_KINDS, *_CONTENTS) if is_free else _KINDS
    found = [each for each in shape.fields if each.is_required or each.name in wanted]
    return sorted(found, key=lambda each: each.name not in _KINDS)


def blank_field(field: Field, suggest: Suggest = nothing) -> Any:
    """Return what a field begins with: its default, what is suggested, or the least value."""
    if field.default is not None:
        return copy.deepcopy(field.default)
    suggested = suggest(field.name)
    if suggested is not None and _takes_text(field.shape):
        return suggested
    value = blank(field.shape, suggest)
    if field.is_required and isinstance(field.shape, Listing):
        return [blank(field.shape.item, suggest)]
    return value


def _takes_text(shape: Shape) -> bool:
    if isinstance(shape, OneOf):
        return any(_takes_text(each) for each in shape.variants)
    return isinstance(shape, Text) or (isinstance(shape, Choice) and shape.is_open)


def example_event(event_type: str, shape: Record) -> dict[str, Any]:
    """Return what an event of a type looks like."""
    event: dict[str, Any] = example(shape)
    if "delta" in event and event_type.endswith("audio.delta"):
        event["delta"] = _SAMPLES["audio"]
    elif "delta" in event and "arguments" in event_type:
        event["delta"] = '{"location'
    return event


def example(shape: Shape) -> Any:
    """Return a value with plausible content in all that is required."""
    match shape:
        case Record():
            constants = shape.constants()
            return {
                each.name: constants.get(each.name, _example_field(each))
                for each in sorted(shape.fields, key=lambda each: each.name not in constants)
                if each.is_required or each.name in constants or each.name in _TELLING
            }
        case Listing():
            return [example(shape.item)]
        case OneOf():
            return example(_usual(shape))
        case Choice():
            return shape.options[0]
        case Text():
            return "..."
        case _:
            return blank(shape)


def _usual(shape: OneOf) -> Shape:
    """Return the variant to begin with: what the user says, where there is a choice of roles."""
    records = [each for each in shape.variants if isinstance(each, Record)]
    is_users = (each for each in records if each.constants().get("role") == "user")
    return next(is_users, shape.variants[0])


def _example_field(field: Field) -> Any:
    sample = _SAMPLES.get(field.name)
    if isinstance(sample, str) and _takes_text(field.shape):
        return sample
    if isinstance(sample, int) and isinstance(field.shape, Number):
        return sample
    return copy.deepcopy(field.default) if field.default is not None else example(field.shape)
