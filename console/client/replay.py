"""A conversation told again: the client events that bring a new session to where the old one was.

Text stays text, speech becomes what was said in it. Audio is never sent again: it would be paid
for twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from console.realtime import events
from console.realtime.events import Event
from console.realtime.ids import IdSource
from console.realtime.items import ContentPart, Item

MAX_ITEMS: Final = 200
"""Older items are left out."""
MAX_BYTES: Final = 256 * 1024
"""Of JSON, images apart; older items are left out."""
MAX_IMAGE_BYTES: Final = 8 * 1024 * 1024
"""Of images together; older ones are left out."""
MAX_ID_LENGTH: Final = 32
"""What the service takes as the id of a client's item."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What to send, in order, and what it means for the items that are here."""

    events: list[Event]
    """`session.update` first, if anything is asked for, then the items. Never a `response.create`."""
    ids: dict[str, str]
    """Items that are told: their id here, and their id at the server."""
    n_left_out: int
    """Finished items of user and model that could not be told."""
    has_audio: bool
    """Whether speech is told as text."""

    @property
    def sentence(self) -> str:
        """What was carried over, and what was not.

        Of what was, no number: a page may count otherwise, a call and its answer as one.
        """
        if not self.ids and not self.n_left_out:
            return "There was no conversation to carry over yet."
        parts = ["The conversation was carried over as text."] if self.ids else []
        if self.has_audio:
            parts.append("The model no longer hears how it was said.")
        if self.n_left_out:
            parts.append(f"{_count(self.n_left_out, 'item')} could not be carried over.")
        return " ".join(parts)


def replay(
    session: Mapping[str, Any],
    items: Iterable[Item],
    ids: IdSource,
    *,
    cut_off: Iterable[str] = (),
    max_items: int = MAX_ITEMS,
    max_bytes: int = MAX_BYTES,
) -> Replay:
    """Return what tells a new session of the configuration and of the conversation so far.

    Args:
        session: The configuration, tools included; empty: the session stays as it begins.
        items: The conversation, in protocol order.
        ids: Names items whose own id the service would not take.
        cut_off: Ids of items that the end of the line left unfinished: they are left out.
        max_items: How many items are told at most, the newest.
        max_bytes: How much is told at most.
    """
    unfinished = set(cut_off)
    known = [item for item in items if item.id not in unfinished]
    told = [(item, raw) for item in _with_answers(known) if (raw := _raw(item)) is not None]
    kept = _newest(told, max_items, max_bytes)
    names = {item.id: _name(item.id, ids) for item, _ in kept}
    n_told_of = sum(1 for item in known if item.is_done and item.type == "message")
    return Replay(
        [
            *([events.session_update(session)] if session else []),
            *(events.item_create({"id": names[item.id], **raw}) for item, raw in kept),
        ],
        names,
        n_told_of - sum(1 for item, _ in kept if item.type == "message"),
        any(item.audio_part is not None for item, _ in kept),
    )


def _with_answers(items: list[Item]) -> list[Item]:
    """Return the finished items without calls that have no answer, and answers without a call."""
    calls = {item.call_id for item in items if item.type == "function_call" and item.is_done}
    answers = {item.call_id for item in items if item.type == "function_call_output"}
    paired = calls & answers
    return [
        item
        for item in items
        if item.is_done
        and (
            item.type == "message"
            or (item.type in ("function_call", "function_call_output") and item.call_id in paired)
        )
    ]


def _raw(item: Item) -> dict[str, Any] | None:
    """Return an item as it is created, but for its id; None when nothing of it can be told."""
    if item.type == "function_call":
        return {
            "type": "function_call",
            "call_id": item.call_id,
            "name": item.name or "",
            "arguments": item.arguments,
        }
    if item.type == "function_call_output":
        return {
            "type": "function_call_output",
            "call_id": item.call_id,
            "output": item.output or "",
        }
    role = item.role or "user"
    content = [raw for part in item.content if (raw := _part(part, role)) is not None]
    return {"type": "message", "role": role, "content": content} if content else None


def _part(part: ContentPart, role: str) -> dict[str, Any] | None:
    if part.type == "input_image":
        if not part.image_url:
            return None
        detail = {"detail": part.detail} if part.detail is not None else {}
        return {"type": "input_image", "image_url": part.image_url, **detail}
    text = part.shown_text
    if role == "assistant" and part.heard_characters is not None:
        text = text[: part.heard_characters]
    if not text.strip():
        return None
    return {"type": "output_text" if role == "assistant" else "input_text", "text": text}


def _newest(
    told: list[tuple[Item, dict[str, Any]]], max_items: int, max_bytes: int
) -> list[tuple[Item, dict[str, Any]]]:
    """Return the newest items within the bounds; a call and its answer stay or go together."""
    kept: list[tuple[Item, dict[str, Any]]] = []
    room, image_room = max_bytes, MAX_IMAGE_BYTES
    for item, raw in reversed(told[-max_items:]):
        image_bytes = sum(len(part.image_url or "") for part in item.content)
        room -= len(orjson.dumps(raw)) - image_bytes
        image_room -= image_bytes
        if room < 0 or image_room < 0:
            break
        kept.append((item, raw))
    kept.reverse()
    whole = {item.call_id for item, _ in kept if item.type == "function_call"}
    return [
        (item, raw)
        for item, raw in kept
        if item.type != "function_call_output" or item.call_id in whole
    ]


def _name(item_id: str, ids: IdSource) -> str:
    return item_id if len(item_id) <= MAX_ID_LENGTH else ids.new("item")


def _count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"
