"""JSON as it travels, strict in both directions: nothing passes that is not written by us."""

from __future__ import annotations

from typing import Any, Final

import orjson

from console.realtime.refusal import Refusal

_BINARY: Final = "Expected a text WebSocket message; binary frames are not supported."


def read(message: str | bytes) -> dict[str, Any]:
    """Return the event that a message holds; of a key that is given twice, the last value.

    Raises:
        Refusal: It is binary, no JSON, or no object.
    """
    if isinstance(message, bytes):
        raise Refusal(_BINARY, code="invalid_event")
    try:
        event = orjson.loads(message)
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        raise Refusal("Invalid event: failed to parse JSON value. ", code="invalid_json") from error
    if not isinstance(event, dict):
        raise Refusal("Invalid event: expected a JSON object.", code="invalid_event")
    return event


def write(event: dict[str, Any]) -> str:
    """Return an event as a message.

    Raises:
        Refusal: It is nested too deeply to be written.
    """
    try:
        return orjson.dumps(event).decode()
    except orjson.JSONEncodeError as error:
        raise Refusal("Invalid event: it is nested too deeply.", code="invalid_event") from error
