"""The conversation of one session: items, their order, and their audio."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal

from console import pcm
from console.simulator.refusals import Refusal

MAX_AUDIO_BYTES: Final = 32 * 1024 * 1024
"""Audio that a conversation remembers (11 minutes); the oldest is forgotten first."""

Status = Literal["in_progress", "completed", "incomplete"]


@dataclass(slots=True)
class Part:
    """One content part of a message."""

    type: str
    text: str = ""
    transcript: str | None = None
    """What the wire shows."""
    heard: str | None = None
    """What the recogniser has understood, also when the client wants no transcript."""
    audio: bytearray = field(default_factory=bytearray)
    audio_ms: float = 0.0
    """Stays when the audio itself has been forgotten."""
    image: dict[str, Any] = field(default_factory=dict)

    def wire(self, *, with_audio: bool = False) -> dict[str, Any]:
        """Return the part as the wire shows it; audio only on request."""
        if self.type in ("input_text", "output_text"):
            return {"type": self.type, "text": self.text}
        if self.type == "input_image":
            return {"type": self.type, **self.image}
        audio = {"audio": pcm.encode(self.audio)} if with_audio else {}
        return {"type": self.type, **audio, "transcript": self.transcript}

    def for_brain(self) -> dict[str, Any]:
        """Return the part as the assistant sees it: with what was heard."""
        shown = self.wire()
        if "transcript" in shown and self.heard is not None:
            shown["transcript"] = self.heard
        return shown


@dataclass(slots=True)
class Item:
    """One item of the conversation."""

    id: str
    type: str
    status: Status = "completed"
    role: str = ""
    content: list[Part] = field(default_factory=list)
    name: str = ""
    call_id: str = ""
    arguments: str = ""
    output: str = ""

    def wire(self, *, with_audio: bool = False) -> dict[str, Any]:
        """Return the item as the wire shows it, keys in its order."""
        return self._wire([part.wire(with_audio=with_audio) for part in self.content])

    def for_brain(self) -> dict[str, Any]:
        """Return the item as the assistant sees it: with what was heard."""
        return self._wire([part.for_brain() for part in self.content])

    def _wire(self, content: list[dict[str, Any]]) -> dict[str, Any]:
        shown: dict[str, Any] = {"id": self.id, "type": self.type}
        if self.type == "function_call_output":
            return {**shown, "call_id": self.call_id, "output": self.output}
        shown["status"] = self.status
        if self.type == "function_call":
            called = {"name": self.name, "call_id": self.call_id, "arguments": self.arguments}
            return {**shown, **called}
        return {**shown, "role": self.role, "content": content}

    @property
    def is_spoken_by_assistant(self) -> bool:
        """Whether the assistant has said this with its voice."""
        return any(part.type == "output_audio" and part.audio_ms for part in self.content)


class Conversation:
    """The items of a session in their order."""

    def __init__(self) -> None:
        self._items: dict[str, Item] = {}
        self._order: list[str] = []

    def __contains__(self, item_id: str) -> bool:
        return item_id in self._items

    def items(self) -> list[Item]:
        """Return all items, oldest first."""
        return [self._items[item_id] for item_id in self._order]

    def get(self, item_id: str) -> Item | None:
        """Return an item, or None."""
        return self._items.get(item_id)

    def find(self, item_id: str, action: str, gerund: str) -> Item:
        """Return an item that an event names.

        Raises:
            Refusal: There is none; `action` and `gerund` word the code and the message.
        """
        if (item := self._items.get(item_id)) is None:
            raise Refusal(
                f"Error {gerund} item: the item with id '{item_id}' does not exist.",
                code=f"item_{action}_invalid_item_id",
            )
        return item

    def last_id(self) -> str | None:
        """Return the id of the newest item, or None."""
        return self._order[-1] if self._order else None

    def previous_id(self, item: Item) -> str | None:
        """Return the id of the item before `item`; None at the front and for a deleted item."""
        if item.id not in self._items:
            return None
        position = self._order.index(item.id)
        return self._order[position - 1] if position else None

    def add(self, item: Item, previous_item_id: str | None = None) -> None:
        """Insert `item`: at the end, at the front (``"root"``), or after another item.

        Raises:
            Refusal: The id is taken, or there is no such item to stand after.
        """
        if item.id in self._items:
            raise Refusal(
                f"Error adding item: an item with id '{item.id}' already exists.", param="item.id"
            )
        if previous_item_id is None:
            position = len(self._order)
        elif previous_item_id == "root":
            position = 0
        elif previous_item_id in self._items:
            position = self._order.index(previous_item_id) + 1
        else:
            raise Refusal(
                f"Error adding item: the previous item with id '{previous_item_id}' "
                "does not exist.",
                param="previous_item_id",
            )
        self._items[item.id] = item
        self._order.insert(position, item.id)

    def delete(self, item_id: str) -> None:
        """Remove an item.

        Raises:
            Refusal: There is none with this id.
        """
        self.find(item_id, "delete", "deleting")
        del self._items[item_id]
        self._order.remove(item_id)

    def truncate(self, item_id: str, content_index: int, audio_end_ms: int) -> None:
        """Cut the assistant's audio and forget its transcript.

        Raises:
            Refusal: No such item, not the assistant's audio, or shorter than that already.
        """
        item = self.find(item_id, "truncate", "truncating")
        part = item.content[content_index] if content_index < len(item.content) else None
        if item.role != "assistant" or part is None or part.type != "output_audio":
            raise Refusal("Only model output audio messages can be truncated", code=None)
        if audio_end_ms > part.audio_ms:
            raise Refusal(
                f"Audio content of {int(part.audio_ms)}ms is already shorter than {audio_end_ms}ms",
                param="audio_end_ms",
            )
        del part.audio[audio_end_ms * pcm.BYTES_PER_MS :]
        part.audio_ms = audio_end_ms
        part.transcript = None

    def has_spoken(self) -> bool:
        """Return whether the assistant has said something that is still in here."""
        return any(item.is_spoken_by_assistant for item in self._items.values())

    def forget_old_audio(self, limit_bytes: int = MAX_AUDIO_BYTES) -> None:
        """Drop the oldest audio until `limit_bytes` remain; its length stays known."""
        parts = [part for item in self.items() for part in item.content if part.audio]
        held = sum(len(part.audio) for part in parts)
        for part in parts:
            if held <= limit_bytes:
                return
            held -= len(part.audio)
            part.audio = bytearray()


def from_client(fields: dict[str, Any], item_id: str) -> Item:
    """Return an item that a client has made.

    Args:
        fields: The checked `item` of `conversation.item.create`.
        item_id: The id to use when the client has chosen none.

    Raises:
        Refusal: Its audio is not base64 of PCM16.
    """
    return Item(
        id=fields.get("id") or item_id,
        type=fields["type"],
        status=fields.get("status") or "completed",
        role=fields.get("role", ""),
        content=[
            _part(part, f"item.content[{index}]")
            for index, part in enumerate(fields.get("content", []))
        ],
        name=fields.get("name", ""),
        call_id=fields.get("call_id", ""),
        arguments=fields.get("arguments", ""),
        output=fields.get("output", ""),
    )


def decode_audio(text: str, param: str) -> bytes:
    """Return the PCM16 that `text` holds.

    Raises:
        Refusal: Not base64, or half a sample is missing.
    """
    try:
        audio = pcm.decode(text)
        pcm.check_chunk(audio)
    except ValueError as error:
        raise Refusal(
            f"Invalid '{param}': expected base64 of 16-bit PCM audio. {error}", param=param
        ) from error
    return audio


def _part(fields: dict[str, Any], path: str) -> Part:
    audio = bytearray(decode_audio(fields.get("audio") or "", f"{path}.audio"))
    transcript = fields.get("transcript")
    return Part(
        type=fields["type"],
        text=fields.get("text", ""),
        transcript=transcript,
        heard=transcript,
        audio=audio,
        audio_ms=pcm.bytes_to_ms(len(audio)),
        image={key: fields[key] for key in ("image_url", "detail") if key in fields},
    )
