"""Taking over what the server says of an item, without losing what is known already."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from console import pcm
from console.realtime import mcp
from console.realtime.fields import flag, mappings, text, text_or_none
from console.realtime.items import ContentPart, Item

Keep = Callable[[ContentPart, bytes], None]

_ITEM_FIELDS: Final = frozenset({
    "id", "type", "role", "status", "phase", "content", "name", "call_id", "arguments", "output",
    "server_label", "tools", "error", "approval_request_id", "approve", "reason",
})  # fmt: skip
_PART_FIELDS: Final = frozenset({"type", "text", "transcript", "audio", "image_url", "detail"})
_MCP_FIELDS: Final = frozenset({
    "server_label", "tools", "error", "approval_request_id", "approve", "reason",
})  # fmt: skip
_FINAL: Final = ("completed", "incomplete", "failed")
_OLD_TYPES: Final = {"text": "output_text", "audio": "output_audio"}
"""What compatible servers with the older item shape send for the model's content."""
MAX_PARTS: Final = 64
"""Content parts of one item."""


def fill_item(item: Item, raw: dict[str, Any], keep: Keep, *, is_final: bool = False) -> None:
    """Take over what `raw` says; empty and absent fields change nothing.

    A status never goes back to `in_progress`, and text that is final never gets shorter.

    Args:
        item: Is changed.
        raw: An item as the wire has it.
        keep: Called with a part and audio for it.
        is_final: The server is done with the item, so what is told of it is all.
    """
    item.type = text(raw, "type") or item.type or "message"
    item.role = text_or_none(raw, "role") or item.role
    set_status(item, text(raw, "status"))
    item.phase = text_or_none(raw, "phase") or item.phase
    item.name = text_or_none(raw, "name") or item.name
    item.call_id = text_or_none(raw, "call_id") or item.call_id
    if arguments := text(raw, "arguments"):
        set_arguments(item, arguments, is_final=is_final or item.status in _FINAL)
    output = text_or_none(raw, "output")
    item.output = output if output is not None else item.output
    for index, part in enumerate(mappings(raw, "content")[:MAX_PARTS]):
        while len(item.content) <= index:
            item.content.append(ContentPart(""))
        fill_part(item.content[index], part, keep, is_final=is_final)
    if raw.keys() & _MCP_FIELDS:
        _fill_mcp(item, raw)
    item.other.update({key: raw[key] for key in raw.keys() - _ITEM_FIELDS})


def set_status(item: Item, status: str) -> None:
    """Take over a status; none, a step back, and a better one than `failed` change nothing."""
    is_step_back = status == "in_progress" and (item.is_done or item.status in _FINAL)
    if status and not is_step_back and item.status != "failed":
        item.status = status


def set_arguments(item: Item, arguments: str, *, is_final: bool) -> None:
    """Take over the arguments of a call; final ones never get shorter."""
    if item.is_arguments_final and len(arguments) < len(item.arguments):
        return
    item.arguments = arguments
    item.is_arguments_final = item.is_arguments_final or is_final


def _fill_mcp(item: Item, raw: dict[str, Any]) -> None:
    item.server_label = text_or_none(raw, "server_label") or item.server_label
    item.tools = mcp.tools_of(raw) or item.tools
    item.error = mcp.error_of(raw) or item.error
    request_id = text_or_none(raw, "approval_request_id")
    item.approval_request_id = request_id or item.approval_request_id
    approve = flag(raw, "approve")
    item.approve = approve if approve is not None else item.approve
    item.reason = text_or_none(raw, "reason") or item.reason


def fill_part(
    part: ContentPart, raw: dict[str, Any], keep: Keep, *, is_final: bool = False
) -> None:
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
    if is_final and (shown or transcript):
        part.is_text_final = True
    part.image_url = text_or_none(raw, "image_url") or part.image_url
    part.detail = text_or_none(raw, "detail") or part.detail
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
