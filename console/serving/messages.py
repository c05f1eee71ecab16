"""JSON as it travels, strict in both directions: nothing passes that is not written by us."""

from __future__ import annotations

from typing import Any, Final

import orjson

from console.realtime.refusal import Refusal

MAX_DEPTH: Final = 200
"""So many objects and lists may be one inside the other; what is read can be written again, even
inside of something else."""
_TOO_DEEP: Final = "Invalid event: it is nested too deeply."
_BINARY: Final = "Expected a text WebSocket message; binary frames are not supported."


def read(message: str | bytes) -> dict[str, Any]:
    """Return the event that a message holds; of a key that is given twice, the last value.

    Raises:
        Refusal: It is binary, no JSON, no object, or nested too deeply.
    """
    if isinstance(message, bytes):
        raise Refusal(_BINARY, code="invalid_event")
    try:
        event = orjson.loads(message)
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        raise Refusal("Invalid event: failed to parse JSON value. ", code="invalid_json") from error
    if not isinstance(event, dict):
        raise Refusal("Invalid event: expected a JSON object.", code="invalid_event")
    if _is_too_deep(event):
        raise Refusal(_TOO_DEEP, code="invalid_event")
    return event


def write(event: dict[str, Any]) -> str:
    """Return an event as a message.

    Raises:
        Refusal: It is nested too deeply to be written.
    """
    try:
        return orjson.dumps(event).decode()
    except orjson.JSONEncodeError as error:
        raise Refusal(_TOO_DEEP, code="invalid_event") from error


def size_bytes(message: str | bytes) -> int:
    """Return how large a message is on the wire."""
    if isinstance(message, bytes) or message.isascii():
        return len(message)
    return len(message.encode(errors="surrogatepass"))


def _is_too_deep(event: dict[str, Any]) -> bool:
    depth = 0
    level: list[dict[str, Any] | list[Any]] = [event]
    while level and depth <= MAX_DEPTH:
        depth += 1
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]
    return depth > MAX_DEPTH
