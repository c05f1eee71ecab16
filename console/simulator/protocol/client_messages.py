"""What a client has sent, as an event: JSON, its type, its id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from console.serving.messages import read as read
from console.simulator.protocol import defaults
from console.simulator.protocol.refusals import Refusal, too_long, wrong_type
from console.simulator.protocol.validation import choice


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
