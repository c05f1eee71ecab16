"""Which event an error is likely about, where the server does not say so."""

from __future__ import annotations

import re
from typing import Any, Final

from console.app.event_log import EventLog
from console.realtime.events import Event
from console.realtime.fields import mapping, text

MOST_EVENTS: Final = 500
"""So far back it is looked for: servers answer at once."""
_PLACE: Final = re.compile(r"\[(\d+)\]")


def likely_cause(log: EventLog, number: int, error: Event) -> int | None:
    """Return the number of the newest client event before an error that has the field it names.

    Args:
        log: Of the session.
        number: Of the error in it.
        error: What the server said.

    Returns:
        None when the error names its event, when it names no field, or when no event has it.
    """
    told = mapping(error.fields, "error")
    steps = [each for each in _PLACE.sub(r".\1", text(told, "param")).split(".") if each]
    if text(told, "event_id") or not steps:
        return None
    first = max(number - MOST_EVENTS, 0)
    entries = log.payloads.get(first, number)
    for at, entry in zip(range(number - 1, -1, -1), reversed(entries), strict=False):
        if entry.source == "client" and _has(entry.event.fields, steps):
            return at
    return None


def _has(value: Any, steps: list[str]) -> bool:
    for step in steps:
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return False
    return True
