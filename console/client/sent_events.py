"""Events that were sent lately, so that an error can name the one that caused it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from console.client.happenings import ErrorReport
from console.realtime.events import Event
from console.realtime.fields import mapping, text, text_or_none

MAX_EVENTS: Final = 256
MAX_EVENT_BYTES: Final = 64 * 1024
"""Of a longer event only type and id are remembered."""
PATIENCE_S: Final = 10.0
"""After this time an answer is not waited for any more: some servers do not answer everything."""

_CREATE = "conversation.item.create"
ANSWERS: Final = {
    "session.updated": "session.update",
    "input_audio_buffer.committed": "input_audio_buffer.commit",
    "input_audio_buffer.cleared": "input_audio_buffer.clear",
    "conversation.item.added": _CREATE,
    "conversation.item.created": _CREATE,
    "conversation.item.deleted": "conversation.item.delete",
    "conversation.item.truncated": "conversation.item.truncate",
    "conversation.item.retrieved": "conversation.item.retrieve",
    "response.created": "response.create",
}
"""Which event of the client an event of the server answers."""
_ASKING: Final = frozenset(ANSWERS.values())
_ABOUT: Final = {
    "input_audio_buffer_commit_empty": "input_audio_buffer.commit",
    "conversation_already_has_active_response": "response.create",
    "cannot_update_voice": "session.update",
    "item_delete_invalid_item_id": "conversation.item.delete",
    "item_truncate_invalid_item_id": "conversation.item.truncate",
    "item_retrieve_invalid_item_id": "conversation.item.retrieve",
}
"""Codes that only one type of event can cause."""
_PARAMS: Final = {"session": "session.update", "item": _CREATE, "response": "response.create"}
"""First steps of an error's `param` that only one type of event has."""


@dataclass(slots=True)
class _Question:
    """An event that the server has not answered yet."""

    event: Event
    item_id: str
    """Of the item that it is about; empty for none."""
    at_s: float


class SentEvents:
    """The newest events of the client by id, bounded in number and size."""

    def __init__(self, now_s: Callable[[], float] = lambda: 0.0) -> None:
        self._now_s = now_s
        self._events: OrderedDict[str, Event] = OrderedDict()
        self._questions: OrderedDict[str, _Question] = OrderedDict()

    def add(self, event: Event, size_bytes: int) -> None:
        """Remember an event; one without an id cannot be named by an error."""
        if event.event_id is None:
            return
        is_small = size_bytes <= MAX_EVENT_BYTES
        kept = event if is_small else Event(event.type, event.event_id)
        self._events[event.event_id] = kept
        if event.type in _ASKING:
            self._questions[event.event_id] = _Question(kept, _item_id(event), self._now_s())
        for events in (self._events, self._questions):
            if len(events) > MAX_EVENTS:
                events.popitem(last=False)

    def clear(self) -> None:
        """Forget all: the session ended."""
        self._events.clear()
        self._questions.clear()

    def answered(self, event: Event) -> None:
        """Take note of a server's event that may be the answer to one of ours."""
        item_id = _item_id(event)
        for event_id, question in self._questions.items():
            if question.event.type == ANSWERS.get(event.type) and (
                question.item_id in ("", item_id)
            ):
                del self._questions[event_id]
                return

    @property
    def is_waiting(self) -> bool:
        """Whether the server still owes an answer to something that was sent just now."""
        return any(map(self._is_recent, self._questions.values()))

    def is_asking(self, event_type: str) -> bool:
        """Return whether the server owes an answer to an event of this type, sent just now."""
        return any(
            question.event.type == event_type and self._is_recent(question)
            for question in self._questions.values()
        )

    def _is_recent(self, question: _Question) -> bool:
        return question.at_s >= self._now_s() - PATIENCE_S

    def unconfirmed_items(self) -> Iterator[tuple[str, Event]]:
        """Yield the items of the user that the server has said nothing of, and their events."""
        for question in self._questions.values():
            item = mapping(question.event.fields, "item")
            # What a tool has answered goes with its call; of a large item nothing is remembered.
            is_of_user = text(item, "type") != "function_call_output"
            if question.event.type == _CREATE and question.item_id and is_of_user:
                yield question.item_id, question.event

    def is_creating(self, item_id: str) -> bool:
        """Return whether the server was asked to create this item and has not answered yet."""
        return any(
            question.item_id == item_id and question.event.type == _CREATE
            for question in self._questions.values()
        )

    def report(self, error_event: Event) -> ErrorReport:
        """Return what an `error` of the server says, in whichever shape, and its cause."""
        error = mapping(error_event.fields, "error")
        code, event_id = text_or_none(error, "code"), text_or_none(error, "event_id")
        said = text(error, "message") or text(error_event.fields, "error") or code
        cause = self._events.get(event_id) if event_id is not None else self._blamed(error)
        if cause is not None and cause.event_id is not None:
            self._questions.pop(cause.event_id, None)
        return ErrorReport(
            said or "The server reported an error without words.",
            "server",
            type=text_or_none(error, "type"),
            code=code,
            param=text_or_none(error, "param"),
            event_id=event_id,
            cause=cause,
        )

    def _blamed(self, error: dict[str, object]) -> Event | None:
        """Return the event that an error without an id must be about; None when in doubt."""
        kind = _ABOUT.get(text(error, "code"))
        kind = kind or _PARAMS.get(text(error, "param").partition(".")[0])
        if kind is None:
            return None
        asked = [question for question in self._questions.values() if question.event.type == kind]
        message = text(error, "message")
        named = [each for each in asked if each.item_id and f"'{each.item_id}'" in message]
        if "'" in message and kind.startswith("conversation.item.") and kind != _CREATE:
            asked = named
        return asked[0].event if len(asked) == 1 else None


def _item_id(event: Event) -> str:
    return text(event.fields, "item_id") or text(mapping(event.fields, "item"), "id")
