"""One item of the conversation as the page shows it: plain values, and what is odd in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

import orjson

from console.realtime.items import ContentPart, Item, Response

LATE_MS: Final = 3_000.0
"""A transcript that comes later than this after its speech is called late."""
FAILED_ANSWER: Final = "response"
"""The type of what is no item: it stands where an answer failed, and its id is the response's."""
_KNOWN_TYPES: Final = frozenset({
    "message", "function_call", "function_call_output",
    "mcp_list_tools", "mcp_call", "mcp_approval_request", "mcp_approval_response", FAILED_ANSWER,
})  # fmt: skip
Approval = Literal["pending", "approved", "denied", "lapsed"]
"""`lapsed`: the session that asked is gone, and another would not know what is decided."""


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """What came of a tool call."""

    output: str | None = None
    error: str | None = None
    duration_ms: float | None = None
    held: str = ""
    """Why the tool has not been begun, in words; empty: it has."""


@dataclass(frozen=True, slots=True)
class Played:
    """How far the sound of an item was heard that is played now, or was stopped."""

    ms: int
    is_speaking: bool
    """It sounds."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an item beside the item itself."""

    outcome: CallOutcome = CallOutcome()
    approval: Approval | None = None
    played: Played | None = None
    transcript_ms: float | None = None
    """How long its transcript took; None: it has not come, or there was none to wait for."""
    heard_ms: int | None = None
    """How much of its sound was heard before the session ended; None: as the item says."""


@dataclass(slots=True)
class ItemView:
    """One item as the session channel sends it (`ItemView` in ARCHITECTURE.md)."""

    id: str
    type: str
    role: str | None
    status: str | None
    text: str
    pending: bool
    heard: int | None
    heard_ms: int | None
    cut: bool
    name: str | None
    arguments: str | None
    output: str | None
    error: str | None
    duration_ms: float | None
    audio_ms: int
    playable: bool
    note: str | None
    server: str | None = None
    approval: Approval | None = None
    apart: bool = False
    played: int | None = None
    played_ms: int | None = None
    speaking: bool = False
    images: int = 0


def view_of(item: Item, known: Known) -> ItemView:
    """Return what the page shows of an item."""
    audio = item.audio_part
    if audio is not None and known.heard_ms is not None:
        audio = replace(audio, heard_ms=known.heard_ms)  # the client's item stays as it is
    heard = _place_in(item, audio)
    view = ItemView(
        id=item.id,
        type=item.type,
        role=item.role,
        status=item.status,
        text=item.text,
        pending=any(part.transcription == "pending" for part in item.content),
        heard=heard,
        heard_ms=audio.heard_ms if audio is not None else None,
        cut=heard is not None and heard < len(item.text),
        name=item.name,
        arguments=item.arguments or None,
        output=item.output if item.output is not None else _listed(item) or known.outcome.output,
        error=str(item.error) if item.error is not None else known.outcome.error,
        duration_ms=known.outcome.duration_ms,
        audio_ms=round(item.audio_ms),
        playable=item.has_audio,
        note=_note(item, known),
        server=item.server_label,
        approval=known.approval,
        apart=item.is_out_of_band,
        images=len(images_of(item)),
    )
    place(view, item, known.played if heard is None else None)
    return view


def failed_answer(response_id: str, sentence: str) -> ItemView:
    """Return what the page shows where an answer came to nothing, or to less than was wanted.

    Args:
        response_id: The response; no item of it need be there.
        sentence: What happened.
    """
    item = Item(response_id, type=FAILED_ANSWER, role="assistant", status="incomplete")
    return view_of(item, Known(outcome=CallOutcome(error=sentence)))


def failure_of(response: Response) -> str:
    """Return in a sentence that an answer came to nothing or was not finished; empty: it is well."""
    if response.status not in ("failed", "incomplete"):
        return ""
    why = (response.reason or "no reason given").rstrip(".")
    what = "The answer failed" if response.status == "failed" else "The answer is incomplete"
    return f"{what}: {why}."


def place(view: ItemView, item: Item, played: Played | None) -> None:
    """Say in a view how far its item was heard; None: it is not being played."""
    view.played = view.played_ms = None
    view.speaking = False
    if played is not None and (audio := item.audio_part) is not None:
        view.played = _place_in(item, replace(audio, heard_ms=played.ms))
        view.played_ms, view.speaking = played.ms, played.is_speaking


def images_of(item: Item) -> list[str]:
    """Return the addresses of an item's pictures: most carry the picture within themselves."""
    return [part.image_url for part in item.content if part.image_url]


def _place_in(item: Item, audio: ContentPart | None) -> int | None:
    """Return how many characters of the item's text were heard; None: it was not interrupted."""
    at = audio.heard_characters if audio is not None else None
    if audio is None or at is None:
        return None
    for part in item.content:
        if part.type == audio.type and part.audio is audio.audio:
            break
        if part.shown_text:  # what is written before what is said needs no hearing
            at += len(part.shown_text) + 1
    return at


def _listed(item: Item) -> str | None:
    """Return the names of the tools that a server offers, as JSON; None for any other item."""
    if item.type != "mcp_list_tools" or not item.is_done:
        return None
    return orjson.dumps([each.name for each in item.tools]).decode()


def _note(item: Item, known: Known) -> str | None:
    if known.approval == "lapsed":
        return "The session ended before this was decided."
    if known.outcome.held:
        return known.outcome.held
    for part in item.content:
        if note := _note_of_part(item, part):
            return note
    if known.transcript_ms is not None and known.transcript_ms > LATE_MS:
        return (
            f"The transcript was late: it came {known.transcript_ms / 1000:.1f} s after the turn."
        )
    if item.type not in _KNOWN_TYPES:
        return f"An item of the type {item.type or '(not known yet)'}."
    return None


def _note_of_part(item: Item, part: ContentPart) -> str | None:
    if part.transcription == "failed":
        return f"Transcription failed: {part.transcription_error or 'no reason given'}"
    if part.transcription == "completed" and not part.shown_text:
        return "No words were recognised."
    if part.is_audio_dropped:
        return "The sound was given up to bound memory."
    is_sound = part.type in ("input_audio", "output_audio", "audio")
    if is_sound and item.is_done and part.transcription == "none" and not part.shown_text:
        if item.role == "user":
            return "No transcript: this session asks for none."
        return "No transcript came with this sound." if part.received_bytes else None
    return None
