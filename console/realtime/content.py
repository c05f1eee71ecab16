"""Taking over what the server says of an item, without losing what is known already."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from console import pcm
from console.realtime.fields import mappings, text, text_or_none
from console.realtime.items import ContentPart, Item

Keep = Callable[[ContentPart, bytes], None]

_ITEM_FIELDS: Final = frozenset({
    "id", "type", "role", "status", "content", "name", "call_id", "arguments", "output",
})  # fmt: skip
_PART_FIELDS: Final = frozenset({"type", "text", "transcript", "audio", "image_url"})
_OLD_TYPES: Final = {"text": "output_text", "audio": "output_audio"}
"""What compatible servers with the older item shape send for the model's content."""
MAX_PARTS: Final = 64
"""Content parts of one item."""


def fill_item(item: Item, raw: dict[str, Any], keep: Keep) -> None:
    """Take over what `raw` says; empty and absent fields change nothing.

    A status never goes back to `in_progress`, and text that is final stays.

    Args:
        item: Is changed.
        raw: An item as the wire has it.
        keep: Called with a part and audio for it.
    """
    item.type = text(raw, "type") or item.type or "message"
    item.role = text_or_none(raw, "role") or item.role
    status = text_or_none(raw, "status")
    if status is not None and not (item.is_done and status == "in_progress"):
        item.status = status
    item.name = text_or_none(raw, "name") or item.name
    item.call_id = text_or_none(raw, "call_id") or item.call_id
    if arguments := text(raw, "arguments"):
        item.arguments = arguments
        item.is_arguments_final = item.status in ("completed", "incomplete")
    output = text_or_none(raw, "output")
    item.output = output if output is not None else item.output
    for index, part in enumerate(mappings(raw, "content")[:MAX_PARTS]):
        while len(item.content) <= index:
            item.content.append(ContentPart(""))
        fill_part(item.content[index], part, keep)
    item.other.update({key: raw[key] for key in raw.keys() - _ITEM_FIELDS})


def fill_part(part: ContentPart, raw: dict[str, Any], keep: Keep) -> None:
    """Take over what `raw` says of a part; an emptied transcript does not erase what was said."""
    raw_type = text(raw, "type")
    part.type = _OLD_TYPES.get(raw_type, raw_type) or part.type
    # A longer text was streamed and its end was not: what came is more than what is told now.
    if (shown := text(raw, "text")) and len(shown) >= len(part.text):
        part.text = shown
    if (transcript := text(raw, "transcript")) and len(transcript) >= len(part.transcript or ""):
        part.transcript = transcript
        if part.transcription == "pending":
            part.transcription = "completed"
    part.image_url = text_or_none(raw, "image_url") or part.image_url
    if (audio := text(raw, "audio")) and not part.received_bytes:
        _take_audio(part, audio, keep)
    part.other.update({key: raw[key] for key in raw.keys() - _PART_FIELDS})


def _take_audio(part: ContentPart, audio: str, keep: Keep) -> None:
    try:
        decoded = pcm.decode(audio)
    except ValueError:
        part.other["audio"] = audio
        return
    keep(part, decoded[: len(decoded) & ~1])
