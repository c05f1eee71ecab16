"""Events that were sent lately, so that an error can name the one that caused it."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from console.client.happenings import ErrorReport
from console.realtime.events import Event
from console.realtime.fields import mapping, text, text_or_none

MAX_EVENTS: Final = 256
MAX_EVENT_BYTES: Final = 64 * 1024
"""Of a longer event only type and id are remembered."""


class SentEvents:
    """The newest events of the client by id, bounded in number and size."""

    def __init__(self) -> None:
        self._events: OrderedDict[str, Event] = OrderedDict()

    def add(self, event: Event, size_bytes: int) -> None:
        """Remember an event; one without an id cannot be named by an error."""
        if event.event_id is None:
            return
        is_small = size_bytes <= MAX_EVENT_BYTES
        self._events[event.event_id] = event if is_small else Event(event.type, event.event_id)
        if len(self._events) > MAX_EVENTS:
            self._events.popitem(last=False)

    def clear(self) -> None:
        """Forget all: the session ended."""
        self._events.clear()

    def report(self, error_event: Event) -> ErrorReport:
        """Return what an `error` of the server says, in whichever shape, and its cause."""
        error = mapping(error_event.fields, "error")
        code, event_id = text_or_none(error, "code"), text_or_none(error, "event_id")
        said = text(error, "message") or text(error_event.fields, "error") or code
        return ErrorReport(
            said or "The server reported an error without words.",
            "server",
            type=text_or_none(error, "type"),
            code=code,
            param=text_or_none(error, "param"),
            event_id=event_id,
            cause=self._events.get(event_id) if event_id is not None else None,
        )
