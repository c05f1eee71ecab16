"""What a conversation is made of, and what changed in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from console import pcm
from console.realtime.audio_shelf import Shelved
from console.realtime.mcp import McpError, McpTool
from console.realtime.usage import TokenUsage, TranscriptionUsage

Transcription = Literal["none", "pending", "completed", "failed"]
Playback = Literal["unknown", "playing", "stopped", "cleared"]
UpdateKind = Literal["appended", "updated", "completed", "truncated", "deleted"]


@dataclass(frozen=True, slots=True)
class Segment:
    """What one speaker said in a stretch of the user's audio."""

    id: str
    speaker: str
    text: str
    start_s: float
    """From the beginning of the part's audio."""
    end_s: float


@dataclass(frozen=True, slots=True)
class LogProb:
    """How sure the recogniser was of a token."""

    token: str
    logprob: float
    utf8: bytes = b""
    """The token's bytes: some are a part of a character."""


@dataclass(slots=True, eq=False)
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
    transcription_usage: TranscriptionUsage | None = None
    """What the transcript cost; None while nobody has said so."""
    languages: tuple[str, ...] | None = None
    """Codes of the languages that were recognised; None: not said."""
    logprobs: list[LogProb] = field(default_factory=list, repr=False)
    """Of the transcript's tokens, if the session asked for them."""
    segments: list[Segment] = field(default_factory=list)
    """Who said what, by their start, if the recogniser tells speakers apart."""
    audio: bytearray = field(default_factory=bytearray, repr=False)
    """PCM16 mono 24 kHz, as far as it is in memory: behind what was moved to a shelf, if anything
    was. `read_audio` gives all of it. It grows: copy what must stay, hold no view of it."""
    shelved: Shelved | None = field(default=None, repr=False)
    """Where the beginning of the audio lies when it is not in memory any more."""
    received_bytes: int = 0
    """All audio that ever came for this part, kept or not."""
    is_audio_dropped: bool = False
    """Its audio was given up to bound memory."""
    half_sample: bytes = field(default=b"", repr=False)
    """A byte whose other half comes with the next delta."""
    heard_ms: int | None = None
    """After an interruption, how much of the audio was heard; None: not interrupted."""
    image_url: str | None = field(default=None, repr=False)
    detail: str | None = None
    """How closely the model shall look at an image: `auto`, `low` or `high`."""
    other: dict[str, Any] = field(default_factory=dict)
    """Fields that nobody here knows."""

    @property
    def shown_text(self) -> str:
        """The text, or the transcript of audio."""
        return self.text or self.transcript or ""

    @property
    def kept_bytes(self) -> int:
        """How much of its audio can still be read, wherever it lies."""
        return len(self.audio) + (self.shelved.n_bytes if self.shelved is not None else 0)

    def read_audio(self) -> bytes:
        """Return a copy of all audio that is kept; empty when it is gone.

        What was moved to a shelf is read from there: some milliseconds for a long item.
        """
        if self.shelved is None:
            return bytes(self.audio)
        beginning = self.shelved.read()
        return beginning + self.audio if beginning is not None else b""

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


@dataclass(slots=True, eq=False)
class Item:
    """One item of a conversation, as far as it is known."""

    id: str
    type: str = ""
    """`message`, `function_call`, `function_call_output`, `mcp_list_tools`, `mcp_call`,
    `mcp_approval_request`, `mcp_approval_response`; empty: not known yet."""
    role: str | None = None
    status: str | None = None
    """`in_progress`, `completed` or `incomplete`; of what a server of tools does also `failed`."""
    phase: str | None = None
    """Of a message of the model: `commentary` or `final_answer`, where the model says so."""
    content: list[ContentPart] = field(default_factory=list)
    name: str | None = None
    """Of a call, or of the call that is to be approved."""
    call_id: str | None = None
    arguments: str = ""
    is_arguments_final: bool = False
    output: str | None = None
    """Of a function call's output, or of a call that the server made itself."""
    server_label: str | None = None
    """Which server of tools (MCP) it is about."""
    tools: tuple[McpTool, ...] = ()
    """What that server offers."""
    error: McpError | None = None
    """Why the call of that server's tool failed."""
    approval_request_id: str | None = None
    """The item that asked for approval, of the answer and of the call that followed."""
    approve: bool | None = None
    """The answer to it."""
    reason: str | None = None
    """Why the answer is so, if somebody said."""
    response_id: str | None = None
    """The response that made it; None when the user or the application did."""
    previous_item_id: str | None = None
    is_done: bool = False
    """It is final: completed, or incomplete for ever."""
    is_in_conversation: bool = False
    """False for an item that was only spoken of so far, was deleted, or is out of band."""
    is_out_of_band: bool = False
    """It belongs to a response outside the conversation."""
    is_interrupted: bool = False
    """Not all of it was heard: it was truncated, or its sound was cut off at the server."""
    is_playing: bool = False
    """The server is playing its sound. Told of WebRTC and SIP calls only."""
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
        """What of the first audio part's audio is in memory. See `ContentPart.audio`."""
        part = self.audio_part
        return part.audio if part is not None else bytearray()

    @property
    def has_audio(self) -> bool:
        """Whether `read_audio` has something to give."""
        part = self.audio_part
        return part is not None and part.kept_bytes > 0

    def read_audio(self) -> bytes:
        """Return a copy of the first audio part's audio; empty when there is none or it is gone."""
        part = self.audio_part
        return part.read_audio() if part is not None else b""

    @property
    def audio_ms(self) -> float:
        """Duration of the audio received, in milliseconds."""
        part = self.audio_part
        return part.audio_ms if part is not None else 0.0


@dataclass(slots=True, eq=False)
class Response:
    """One answer of the model."""

    id: str
    status: str = "in_progress"
    """`in_progress`, then `completed`, `cancelled`, `failed` or `incomplete`."""
    status_details: dict[str, Any] = field(default_factory=dict)
    has_begun: bool = False
    """The server has described it; else it was only spoken of so far."""
    is_out_of_band: bool = False
    conversation_id: str | None = None
    item_ids: list[str] = field(default_factory=list)
    usage: dict[str, Any] = field(default_factory=dict)
    """As the wire has it; `tokens` has it in counts."""
    tokens: TokenUsage | None = None
    """What it cost; None until the server has said so."""
    metadata: dict[str, Any] = field(default_factory=dict)
    """What the client gave it to tell it by; how responses side by side are told apart."""
    playback: Playback = "unknown"
    """Whether the server is playing its sound. Told of WebRTC and SIP calls only."""
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
