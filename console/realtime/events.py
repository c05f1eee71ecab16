"""Events as they travel: parsed, built and written, nothing interpreted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import orjson

from console import pcm as pcm_units
from console.errors import ProtocolError

Detail = Literal["auto", "low", "high"]
MAX_DEPTH: Final = 200
"""Objects and lists inside one another; what is deeper could be read, but not written again."""
_IMAGES: Final = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
"""How the files begin."""


@dataclass(slots=True)
class Event:
    """One event in either direction. Treat it as read-only: many hold the same one."""

    type: str
    event_id: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    """All fields but `type` and `event_id`, unknown ones included."""

    def as_dict(self) -> dict[str, Any]:
        """Return the whole event as a new dictionary, `type` first, then `event_id`."""
        if self.event_id is None:
            return {"type": self.type, **self.fields}
        return {"type": self.type, "event_id": self.event_id, **self.fields}


def parse(message: str | bytes) -> Event:
    """Return the event that `message` holds.

    An `event_id` that is no string stays among the fields; null counts as none.

    Raises:
        ProtocolError: The message is not JSON, not an object, nested too deep, or has no usable
            `type`.
    """
    try:
        fields = orjson.loads(message)
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        raise ProtocolError(f"A message is not JSON: {error}.") from error
    if not isinstance(fields, dict):
        raise ProtocolError(
            f"A message holds {_kind(fields)} where an event, a JSON object, belongs."
        )
    if _n_openings(message) > MAX_DEPTH and _is_too_deep(fields):
        raise ProtocolError(f"A message is nested more than {MAX_DEPTH} levels deep.")
    return _take_apart(fields)


def from_dict(event: Mapping[str, Any]) -> Event:
    """Return the event of a dictionary, which is not changed.

    Raises:
        ProtocolError: There is no usable `type`.
    """
    return _take_apart(dict(event))


def _take_apart(fields: dict[str, Any]) -> Event:
    event_type, event_id = fields.pop("type", None), fields.pop("event_id", None)
    if not isinstance(event_type, str) or not event_type:
        raise ProtocolError(
            "An event has no 'type'."
            if event_type is None
            else f"An event's 'type' is {_kind(event_type)}, not a name."
        )
    if event_id is not None and not isinstance(event_id, str):
        fields["event_id"] = event_id
        event_id = None
    return Event(event_type, event_id, fields)


def _n_openings(message: str | bytes) -> int:
    # Counted for each message, so it has to be quick; nearly none has that many.
    if isinstance(message, str):
        return message.count("{") + message.count("[")
    return message.count(b"{") + message.count(b"[")


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        containers = [each for each in level if isinstance(each, dict | list)]
        if not containers:
            return False
        level = [
            inner
            for each in containers
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return any(isinstance(each, dict | list) for each in level)


def _kind(value: Any) -> str:
    match value:
        case None | True | False:
            return "null" if value is None else str(value).lower()
        case str():
            return "a text" if value else "an empty text"
        case list():
            return "a list"
        case dict():
            return "an object"
        case _:
            return "a number"


def dump(event: Event) -> str:
    """Return the event as JSON text, `type` first and `event_id` second.

    Raises:
        ValueError: A field holds something that JSON cannot carry.
    """
    try:
        return orjson.dumps(event.as_dict()).decode()
    except orjson.JSONEncodeError as error:
        raise ValueError(f"{event.type} cannot be written as JSON: {error}.") from error


def dump_audio_append(event: Event) -> str:
    """Return what `dump` returns for an event of `input_audio_append` that has an id from us.

    Neither base64 nor our ids need escaping; this takes a third of the time, for each chunk of
    the microphone.
    """
    assert event.type == "input_audio_buffer.append"
    return (
        f'{{"type":"input_audio_buffer.append","event_id":"{event.event_id}",'
        f'"audio":"{event.fields["audio"]}"}}'
    )


def session_update(session: Mapping[str, Any]) -> Event:
    """Return the event that changes the session; `session` must hold its `type`."""
    return Event("session.update", fields={"session": dict(session)})


def input_audio_append(pcm: bytes | bytearray | memoryview) -> Event:
    """Return the event that appends PCM16 to the input buffer; base64 happens here only."""
    return Event("input_audio_buffer.append", fields={"audio": pcm_units.encode(pcm)})


def input_audio_commit() -> Event:
    """Return the event that makes a user item of the input buffer."""
    return Event("input_audio_buffer.commit")


def input_audio_clear() -> Event:
    """Return the event that empties the input buffer."""
    return Event("input_audio_buffer.clear")


def output_audio_clear() -> Event:
    """Return the event that silences the server's end of a WebRTC or SIP call.

    Elsewhere it is an error. Cancel the response first, or it goes on.
    """
    return Event("output_audio_buffer.clear")


def item_create(item: Mapping[str, Any], previous_item_id: str | None = None) -> Event:
    """Return the event that adds an item: at the end, at the front (`"root"`), or after an id."""
    fields: dict[str, Any] = {"item": dict(item)}
    if previous_item_id is not None:
        fields["previous_item_id"] = previous_item_id
    return Event("conversation.item.create", fields=fields)


def item_retrieve(item_id: str) -> Event:
    """Return the event that asks for an item as the server holds it, audio included."""
    return Event("conversation.item.retrieve", fields={"item_id": item_id})


def item_truncate(item_id: str, content_index: int, audio_end_ms: int) -> Event:
    """Return the event that tells the server how much of an item was heard."""
    return Event(
        "conversation.item.truncate",
        fields={"item_id": item_id, "content_index": content_index, "audio_end_ms": audio_end_ms},
    )


def item_delete(item_id: str) -> Event:
    """Return the event that deletes an item."""
    return Event("conversation.item.delete", fields={"item_id": item_id})


def response_create(response: Mapping[str, Any] | None = None) -> Event:
    """Return the event that asks for a response, with what shall differ from the session."""
    return Event("response.create", fields={"response": dict(response)} if response else {})


def response_cancel(response_id: str | None = None) -> Event:
    """Return the event that cancels a response; without an id, the conversation's own."""
    return Event("response.cancel", fields={"response_id": response_id} if response_id else {})


# Items, as `item_create` takes them, and as `response_create` takes them for its `input`


def message_item(
    item_id: str, content: Sequence[Mapping[str, Any]], role: str = "user"
) -> dict[str, Any]:
    """Return a message."""
    return {
        "id": item_id,
        "type": "message",
        "role": role,
        "content": [dict(each) for each in content],
    }


def function_output_item(item_id: str, call_id: str, output: str) -> dict[str, Any]:
    """Return the answer to a function call."""
    return {"id": item_id, "type": "function_call_output", "call_id": call_id, "output": output}


def approval_item(
    item_id: str, request_id: str, *, approve: bool, reason: str | None = None
) -> dict[str, Any]:
    """Return the answer to an `mcp_approval_request`: whether the server may make the call."""
    item = {
        "id": item_id,
        "type": "mcp_approval_response",
        "approval_request_id": request_id,
        "approve": approve,
    }
    return item if reason is None else {**item, "reason": reason}


def item_reference(item_id: str) -> dict[str, Any]:
    """Return what stands for an item of the conversation in the `input` of a response."""
    return {"type": "item_reference", "id": item_id}


# Content of messages


def text_content(text: str, role: str = "user") -> dict[str, Any]:
    """Return a text; the model's own has another type than everybody else's."""
    return {"type": "output_text" if role == "assistant" else "input_text", "text": text}


def audio_content(pcm: bytes | bytearray | memoryview) -> dict[str, Any]:
    """Return sound of the user, from PCM16 mono 24 kHz."""
    return {"type": "input_audio", "audio": pcm_units.encode(pcm)}


def image_content(image: bytes | str, detail: Detail = "auto") -> dict[str, Any]:
    """Return an image.

    Args:
        image: A PNG or JPEG file, or a `data:` URI of one.
        detail: How closely the model shall look at it.

    Raises:
        ValueError: It is neither.
    """
    if isinstance(image, str):
        url = image
        is_known = any(url.startswith(f"data:{kind};base64,") for kind in _IMAGES)
    else:
        found = [kind for kind, begin in _IMAGES.items() if image.startswith(begin)]
        url = f"data:{found[0]};base64,{pcm_units.encode(image)}" if found else ""
        is_known = bool(found)
    if not is_known:
        raise ValueError("An image is a PNG or JPEG file, or a data: URI of one; this is neither.")
    return {"type": "input_image", "image_url": url, "detail": detail}
