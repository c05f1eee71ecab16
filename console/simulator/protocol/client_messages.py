"""What a client has sent, as an event: JSON, its type, its id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import orjson

from console.simulator.protocol import defaults
from console.simulator.protocol.refusals import Refusal, too_long, wrong_type
from console.simulator.protocol.validation import choice

_BINARY: Final = "Expected a text WebSocket message; binary frames are not supported."


def read(message: str | bytes) -> dict[str, Any]:
    """Return the event that a message holds.

    Raises:
        Refusal: It is binary, no JSON, or no object.
    """
    if isinstance(message, bytes):
        raise Refusal(_BINARY, code="invalid_event")
    try:
        event = orjson.loads(message)
    except orjson.JSONDecodeError as error:
        raise Refusal("Invalid event: failed to parse JSON value. ", code="invalid_json") from error
    if not isinstance(event, dict):
        raise Refusal("Invalid event: expected a JSON object.", code="invalid_event")
    return event


def event_type(event: dict[str, Any], known: Sequence[str]) -> str:
    """Return the type of an event.

    Raises:
        Refusal: It has none, or none of the `known` ones.
    """
    if "type" not in event:
        raise Refusal("The 'type' field is missing.", code="invalid_event")
    return str(choice(*known)(event["type"], "type"))


def event_id(event: dict[str, Any]) -> str | None:
    """Return the id that the client gave to an event, or None.

    Raises:
        Refusal: It is no string, or too long.
    """
    given = event.get("event_id")
    if given is not None and not isinstance(given, str):
        raise wrong_type("a string", given, "event_id")
    if given is not None and len(given) > defaults.MAX_EVENT_ID_LENGTH:
        raise too_long("event_id", defaults.MAX_EVENT_ID_LENGTH, len(given))
    return given
