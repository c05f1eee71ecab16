"""What a conversation is made of, and what changed in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from console import pcm

Transcription = Literal["none", "pending", "completed", "failed"]
UpdateKind = Literal["appended", "updated", "completed", "truncated", "deleted"]


@dataclass(slots=True)
class ContentPart:
    """One part of a message: text, audio with its transcript, or an image."""

    type: str
    """`input_text`, `input_audio`, `input_image`, `output_text`, `output_audio`, or unknown."""
    text: str = ""
    transcript: str | None = None
    """What is said in the audio; None while (or because) nobody has said so."""
    is_text_final: bool = False
    """The whole text or transcript is there; later deltas of it are ignored."""
    transcription: Transcription = "none"
    """Of the user's speech: whether a transcript is still to come."""
    transcription_error: str | None = None
    audio: bytearray = field(default_factory=bytearray, repr=False)
    """PCM16 mono 24 kHz. It grows: copy (`bytes(...)`) what must stay, hold no view of it."""
    received_bytes: int = 0
    """All audio that ever came for this part, kept or not."""
    is_audio_dropped: bool = False
    """Its audio was given up to bound memory."""
    half_sample: bytes = field(default=b"", repr=False)
    """A byte whose other half comes with the next delta."""
    heard_ms: int | None = None
    """After an interruption, how much of the audio was heard; None: not interrupted."""
    image_url: str | None = field(default=None, repr=False)
    other: dict[str, Any] = field(default_factory=dict)
    """Fields that nobody here knows."""

    @property
    def shown_text(self) -> str:
        """The text, or the transcript of audio."""
        return self.text or self.transcript or ""

    @property
    def audio_ms(self) -> float:
        """Duration of all audio received, in milliseconds."""
        return pcm.bytes_to_ms(self.received_bytes)

    @property
    def heard_characters(self) -> int | None:
        """About how much of the transcript was heard; None: not interrupted.

        The share of the audio that was heard, moved to the end of the word that it falls into.
        """
        if self.heard_ms is None:
            return None
        shown = self.shown_text
        if not self.received_bytes or self.heard_ms >= self.audio_ms:
            return len(shown)
        if self.heard_ms <= 0:
            return 0
        at = int(len(shown) * self.heard_ms / self.audio_ms)
        while at < len(shown) and not shown[at].isspace():
            at += 1
        return at


@dataclass(slots=True)
class Item:
    """One item of a conversation, as far as it is known."""

    id: str
    type: str = ""
    """`message`, `function_call`, `function_call_output`, `mcp_...`; empty: not known yet."""
    role: str | None = None
    status: str | None = None
    content: list[ContentPart] = field(default_factory=list)
    name: str | None = None
    """Of a function call."""
    call_id: str | None = None
    arguments: str = ""
    is_arguments_final: bool = False
    output: str | None = None
    """Of a function call's output."""
    response_id: str | None = None
    """The response that made it; None when the user or the application did."""
    previous_item_id: str | None = None
    is_done: bool = False
    """It is final: completed, or incomplete for ever."""
    is_in_conversation: bool = False
    """False for an item that was only spoken of so far, was deleted, or is out of band."""
    is_out_of_band: bool = False
    """It belongs to a response outside the conversation."""
    other: dict[str, Any] = field(default_factory=dict)
    """Fields that nobody here knows."""

    @property
    def text(self) -> str:
        """What is written or said in it."""
        return "\n".join(shown for part in self.content if (shown := part.shown_text))

    @property
    def audio_part(self) -> ContentPart | None:
        """The first part that has, or had, or will have audio."""
        for part in self.content:
            if part.received_bytes or part.type in ("input_audio", "output_audio", "audio"):
                return part
        return None

    @property
    def audio(self) -> bytearray:
        """The audio of the first audio part; empty when there is none. See `ContentPart.audio`."""
        part = self.audio_part
        return part.audio if part is not None else bytearray()

    @property
    def audio_ms(self) -> float:
        """Duration of the audio received, in milliseconds."""
        part = self.audio_part
        return part.audio_ms if part is not None else 0.0


@dataclass(slots=True)
class Response:
    """One answer of the model."""

    id: str
    status: str = "in_progress"
    """`in_progress`, then `completed`, `cancelled`, `failed` or `incomplete`."""
    status_details: dict[str, Any] = field(default_factory=dict)
    is_out_of_band: bool = False
    conversation_id: str | None = None
    item_ids: list[str] = field(default_factory=list)
    usage: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    is_interrupted: bool = False
    """The server was heard to interrupt it; its `response.done` is on the way."""

    @property
    def is_done(self) -> bool:
        """Whether nothing more will come of it."""
        return self.status != "in_progress"

    @property
    def reason(self) -> str | None:
        """Why it did not complete, as the server words it; None when it did or nobody said."""
        error = self.status_details.get("error")
        message = error.get("message") or error.get("code") if isinstance(error, dict) else error
        reason = message or self.status_details.get("reason")
        return reason if isinstance(reason, str) else None


@dataclass(slots=True)
class ItemDelta:
    """What was appended to an item by one event. Treat it as read-only.

    Not frozen: that would double what an audio delta costs.
    """

    content_index: int = 0
    audio: bytes = b""
    text: str = ""
    transcript: str = ""
    arguments: str = ""


@dataclass(slots=True)
class ItemUpdate:
    """An item changed."""

    kind: UpdateKind
    item: Item
    delta: ItemDelta | None = None
    """What was appended, and nothing else changed; None: look at the whole item."""


@dataclass(slots=True)
class ResponseUpdate:
    """A response began, or ended."""

    response: Response


@dataclass(frozen=True, slots=True)
class Fault:
    """The peer sent something that cannot be used; everything else stays as it was."""

    message: str


Update = ItemUpdate | ResponseUpdate | Fault
