"""The conversation of one session: items, their order, and their audio."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from console import pcm
from console.audio_format import AudioFormat, Decoder, Encoder
from console.simulator.protocol import images
from console.simulator.protocol.refusals import Refusal

MAX_AUDIO_BYTES: Final = 32 * 1024 * 1024
"""Audio that a conversation remembers (11 minutes); the oldest is forgotten first."""
MAX_ITEMS: Final = 2000
"""Items that a conversation holds; what happens beyond depends on the session's `truncation`."""

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
    """PCM16 mono 24 kHz, whatever the wire's format."""
    audio_ms: float = 0.0
    """Stays when the audio itself has been forgotten."""
    image: dict[str, Any] = field(default_factory=dict)
    image_tokens: int = 0

    def wire(self, audio_format: AudioFormat | None = None) -> dict[str, Any]:
        """Return the part as the wire shows it; audio only in a format that is asked for."""
        if self.type in ("input_text", "output_text"):
            return {"type": self.type, "text": self.text}
        if self.type == "input_image":
            return {"type": self.type, **self.image}
        audio = {}
        if audio_format is not None:
            whole = Encoder(audio_format).encode(bytes(self.audio), last=True)
            audio = {"audio": pcm.encode(whole)}
        return {"type": self.type, **audio, "transcript": self.transcript}

    def for_brain(self) -> dict[str, Any]:
        """Return the part as the assistant sees it: with what was heard of it."""
        shown = self.wire()
        if "transcript" in shown and self.heard is not None:
            shown["transcript"] = self.heard
        return shown


@dataclass(slots=True)
class Item:
    """One item of the conversation. Which fields count depends on its type."""

    id: str
    type: str
    status: Status = "completed"
    role: str = ""
    content: list[Part] = field(default_factory=list)
    phase: str | None = None
    """`commentary` or `final_answer`: said by models of the second generation."""
    voice: str = ""
    """In which this server has said it."""
    name: str = ""
    call_id: str = ""
    arguments: str = ""
    output: str | None = ""
    server_label: str = ""
    tools: list[dict[str, Any]] = field(default_factory=list)
    error: dict[str, Any] | None = None
    approval_request_id: str | None = None
    approve: bool = False
    reason: str | None = None

    def wire(self, audio_format: AudioFormat | None = None) -> dict[str, Any]:
        """Return the item as the wire shows it, keys in its order."""
        if self.type == "message":
            content = [part.wire(audio_format) for part in self.content]
            phase = {} if self.phase is None else {"phase": self.phase}
            names = ("id", "type", "status", "role")
            return {**self._shown(*names), "content": content, **phase}
        return self._shown("id", "type", *_FIELDS[self.type])

    def _shown(self, *names: str) -> dict[str, Any]:
        return {name: getattr(self, name) for name in names}

    @property
    def is_spoken_by_assistant(self) -> bool:
        """Whether the assistant has said this with its voice."""
        return any(part.type == "output_audio" and part.audio_ms for part in self.content)


_FIELDS: Final = {
    "function_call": ("status", "name", "call_id", "arguments"),
    "function_call_output": ("call_id", "output"),
    "mcp_list_tools": ("server_label", "tools"),
    "mcp_call": (
        "approval_request_id",
        "server_label",
        "name",
        "arguments",
        "output",
        "error",
    ),
    "mcp_approval_request": ("server_label", "name", "arguments"),
    "mcp_approval_response": ("approval_request_id", "approve", "reason"),
}
"""What the wire shows of each type beside `id` and `type`, in its order."""


class Conversation:
    """The items of a session in their order."""

    def __init__(self) -> None:
        self._items: dict[str, Item] = {}
        self._order: list[str] = []

    def __contains__(self, item_id: str) -> bool:
        return item_id in self._items

    def __len__(self) -> int:
        return len(self._order)

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

    def voices(self) -> set[str]:
        """Return the voices in which the assistant has said what is still in here."""
        return {item.voice for item in self._items.values() if item.is_spoken_by_assistant}

    def oldest_surplus(self) -> str | None:
        """Return the id of the oldest item, if there are more than `MAX_ITEMS`."""
        return self._order[0] if len(self._order) > MAX_ITEMS else None

    def forget_old_audio(self, limit_bytes: int = MAX_AUDIO_BYTES) -> None:
        """Drop the oldest audio until `limit_bytes` remain; its length stays known."""
        parts = [part for item in self.items() for part in item.content if part.audio]
        held = sum(len(part.audio) for part in parts)
        for part in parts:
            if held <= limit_bytes:
                return
            held -= len(part.audio)
            part.audio = bytearray()


def from_client(
    fields: Mapping[str, Any],
    item_id: str,
    *,
    path: str = "item",
    audio_formats: Mapping[str, AudioFormat] | None = None,
) -> Item:
    """Return an item that a client has made.

    Args:
        fields: The checked `item` of `conversation.item.create`.
        item_id: The id to use when the client has chosen none.
        path: Where the item stands in its event.
        audio_formats: Of audio by who says it, `user` or `assistant`; None: PCM.

    Raises:
        Refusal: Its audio or its pictures cannot be read.
    """
    role = fields.get("role", "")
    audio_format = (audio_formats or {}).get(role, AudioFormat.PCM)
    content = [
        _part(part, f"{path}.content[{index}]", audio_format)
        for index, part in enumerate(fields.get("content", []))
    ]
    given = {name: fields[name] for name in _GIVEN if name in fields}
    if fields["type"] == "mcp_call":
        given.setdefault("output", None)
    return Item(
        id=fields.get("id") or item_id,
        type=fields["type"],
        status=fields.get("status") or "completed",
        role=role,
        content=content,
        **given,
    )


_GIVEN: Final = (
    *("phase", "name", "call_id", "arguments", "output"),
    *("server_label", "tools", "error", "approval_request_id", "approve", "reason"),
)
"""Fields of a client's item that are taken as they are."""


def decode_audio(text: str, param: str, audio_format: AudioFormat = AudioFormat.PCM) -> bytes:
    """Return as PCM16 24 kHz the audio that `text` holds as a whole.

    Raises:
        Refusal: Not base64, or half a sample is missing.
    """
    try:
        return Decoder(audio_format).decode(pcm.decode(text), last=True)
    except ValueError as error:
        kind = "16-bit PCM" if audio_format is AudioFormat.PCM else "G.711"
        raise Refusal(
            f"Invalid '{param}': expected base64 of {kind} audio. {error}", param=param
        ) from error


def _part(fields: Mapping[str, Any], path: str, audio_format: AudioFormat) -> Part:
    audio = bytearray(decode_audio(fields.get("audio") or "", f"{path}.audio", audio_format))
    transcript = fields.get("transcript")
    image = {key: fields[key] for key in ("image_url", "detail") if key in fields}
    image_tokens = 0
    if image:
        size = images.size_of(image["image_url"], f"{path}.image_url")
        image_tokens = size.tokens(image.get("detail") or "auto")
    return Part(
        type=fields["type"],
        text=fields.get("text", ""),
        transcript=transcript,
        heard=transcript,
        audio=audio,
        audio_ms=pcm.bytes_to_ms(len(audio)),
        image=image,
        image_tokens=image_tokens,
    )
