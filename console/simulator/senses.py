"""What a simulated session hears, says and thinks with: the ports, and nothing behind them.

The session's state machine uses none of these itself; the server around it does, and hands the
results in. So an engine may be slow, live in a process of its own, or be a fake of ten lines.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

import orjson

from console.errors import BrainError

# ---------------------------------------------------------------- turn detection


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The speaker has begun."""

    audio_start_ms: int
    """Start of the frame in which speech began, minus the prefix padding, never below the
    detector's origin; milliseconds of audio since the session's first appended sample."""


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """The speaker has ended."""

    audio_end_ms: int
    """End of the silence window that ended the speech, on the same scale."""


SpeechBoundary = SpeechStarted | SpeechStopped


class TurnDetector(Protocol):
    """Finds where speech begins and ends in one session's audio. No I/O, some arithmetic.

    Works in frames of 32 ms counted from the session's first sample; keeps what does not fill a
    frame for the next call. Reports starts and stops strictly in turn.
    """

    def push(self, pcm24k: bytes) -> list[SpeechBoundary]:
        """Hear the next PCM16 mono 24 kHz audio and return what it decides, oldest first."""

    def configure(self, threshold: float, prefix_padding_ms: int, silence_duration_ms: int) -> None:
        """Use these settings from the next frame on; speech that is going on goes on.

        Args:
            threshold: Speech probability in [0, 1] from which a frame is speech.
            prefix_padding_ms: How much audio before the onset belongs to the turn.
            silence_duration_ms: How long it must be silent until the turn ends.
        """

    def reset(self, position_ms: int) -> None:
        """Forget all audio and any speech going on.

        Args:
            position_ms: Where the next pushed sample stands, in milliseconds of audio since the
                session's first appended sample.
        """


# ---------------------------------------------------------------- ears


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was understood of one turn."""

    text: str
    """The words as a sentence; empty when nothing was understood."""
    confidence: float = 1.0
    """In [0, 1]; 0 for nothing understood."""


class Ears(Protocol):
    """Speech recognition, in a process of its own."""

    async def draft(self, pcm24k: bytes) -> Transcript | None:
        """Return what can be made out of speech that goes on; its last words may be wrong.

        None at once while there is something better to do: a draft is a favour.

        Args:
            pcm24k: From the turn's beginning or a pause on, PCM16 mono 24 kHz.

        Raises:
            SpeechEngineError: The recogniser cannot be used.
        """

    async def transcribe(self, pcm24k: bytes, *, retry: bool = False, hint: str = "") -> Transcript:
        """Return what was said in one turn.

        Waits until the recogniser is loaded. Cancelling the call gives the recogniser free.

        Args:
            pcm24k: The whole turn, PCM16 mono 24 kHz.
            retry: The assistant could not make sense of the first transcript: decode again in
                another way (a grammar of what it understands).
            hint: The `prompt` of the session's transcription settings.

        Raises:
            SpeechEngineError: The recogniser cannot be used.
        """


# ---------------------------------------------------------------- voice


class Voice(Protocol):
    """Speech synthesis, in a process of its own."""

    def speak(self, text: str, voice: str, speed: float) -> AsyncGenerator[bytes, None]:
        """Say one sentence, as PCM16 mono 24 kHz in chunks of about 100 ms.

        Closing the generator stops the synthesis at once. Waits until the voice is loaded.

        Args:
            text: One sentence.
            voice: A voice's name on the wire (`marin`, `cedar`, ...); an unknown one gets a
                voice all the same, always the same one.
            speed: 0.25 to 1.5 times the normal speed.

        Raises:
            SpeechEngineError: The synthesis cannot be used (when iterated).
        """


# ---------------------------------------------------------------- brain


@dataclass(frozen=True, slots=True)
class BrainTurn:
    """All that the assistant may know when it answers."""

    instructions: str
    tools: Sequence[Mapping[str, Any]]
    """Tool definitions as on the wire (`type`, `name`, `description`, `parameters`)."""
    tool_choice: str | Mapping[str, Any]
    """`auto`, `none`, `required`, or `{"type": "function", "name": ...}`."""
    items: Sequence[Mapping[str, Any]]
    """The conversation's items as on the wire, oldest first; `input_audio` parts have their
    `transcript` filled in as far as it is known, and an item whose audio was cut off by a
    truncation has none."""
    now: datetime
    """The present time, with its time zone."""
    modality: Literal["audio", "text"] = "audio"
    """Whether the answer will be heard or read."""
    max_output_tokens: int | None = None
    """None: no limit."""
    parallel_tool_calls: bool = True
    metadata: Mapping[str, str] = field(default_factory=dict)
    """Of the response, as its creator has given it."""
    is_out_of_band: bool = False
    """Whether the answer stays out of the conversation."""


@dataclass(frozen=True, slots=True)
class BrainCall:
    """A call of a tool."""

    name: str
    arguments: Mapping[str, Any] | str
    """A string is the arguments' JSON as it is to stand on the wire, even if it is none."""

    @property
    def arguments_json(self) -> str:
        """The arguments as on the wire; never empty."""
        if isinstance(self.arguments, str):
            return self.arguments or "{}"
        return orjson.dumps(self.arguments).decode()


StopReason = Literal["max_output_tokens", "content_filter"]


@dataclass(frozen=True, slots=True)
class BrainReply:
    """What the assistant says and calls, or a piece of it."""

    sentences: Sequence[str] = ()
    """To be said one after the other; each is synthesised by itself."""
    calls: Sequence[BrainCall] = field(default=())
    understood: bool = True
    """False when the last user message made no sense: a second decoding may be worth it."""
    stop: StopReason | None = None
    """The response ends here, `incomplete` for this reason, once all of it has been said."""
    text: str = ""
    """Of an answer that is read: goes on as it is and at once, in whatever pieces it comes."""
    failure: BrainError | None = None
    """The response ends here, `failed` for this reason, once all of it has been said."""
    fault: str = ""
    """Faults of this session's connection from now on, in their text form; their counts begin
    with the next event."""


class Brain(Protocol):
    """The assistant."""

    def respond(self, turn: BrainTurn) -> AsyncGenerator[BrainReply, None]:
        """Answer the conversation so far, in pieces: each is said and called as it comes.

        Closing the generator ends the work on the answer at once.

        Raises:
            BrainError: It cannot answer, or no further (when iterated).
        """

    def understands(self, turn: BrainTurn) -> bool:
        """Return whether the last user message makes sense; quick and free of charge.

        Where it does not, the recogniser is asked a second time.
        """


# ---------------------------------------------------------------- all together


class Senses(Protocol):
    """The engines that all sessions of a server share."""

    @property
    def ears(self) -> Ears:
        """The recogniser."""

    @property
    def voice(self) -> Voice:
        """The speech synthesis."""

    @property
    def brain(self) -> Brain:
        """The assistant."""

    def new_detector(self) -> TurnDetector:
        """Return a turn detector for one session."""

    def for_session(self) -> Senses:
        """Return what one session hears, speaks and thinks with; what is heavy stays shared.

        Opened and closed are the shared ones alone.
        """

    async def open(self) -> None:
        """Begin to load what is heavy, in the background, and return at once."""

    async def close(self) -> None:
        """Stop the processes; returns within two seconds. Safe to call twice."""
