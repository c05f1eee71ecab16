"""One turn of a session: when it came to what, and what belongs to it.

A turn is what the user gave (speech, or typed items), or a bare wish for an answer, and everything
that the model made of it until the user's next: with tools, several responses. Who speaks while
the model answers has begun another turn. An answer outside the conversation is a turn of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from console.realtime.prices import Cost
from console.realtime.usage import TokenUsage

Kind = Literal["speech", "text", "request", "out_of_band"]
"""`request`: an answer that was asked for, or came, without anything new of the user."""


@dataclass(slots=True)
class ItemSpan:
    """When an item was spoken, or heard."""

    began_ms: float
    ended_ms: float | None = None
    """None: it goes on, or it is text and took no time."""


@dataclass(slots=True, eq=False)
class Turn:
    """One turn. Times are ms since the first event of the log; None: it has not come to that."""

    number: int
    """Counted from 1 on; never given twice in a session."""
    kind: Kind
    began_ms: float
    """The user began to speak, sent an item, or asked."""
    version: int = 0
    """Of `TurnTimes`, when it changed last."""
    speech_ended_ms: float | None = None
    """The user stopped speaking. Where the service finds the end of a turn by silence, that is before
    the silence that it waits for."""
    asked_ms: float | None = None
    """The client sent the last of what is to be answered."""
    committed_ms: float | None = None
    """The service confirmed what the user gave."""
    created_ms: float | None = None
    first_transcript_ms: float | None = None
    """The first words of the answer came, spoken or written."""
    first_audio_ms: float | None = None
    first_heard_ms: float | None = None
    """The first sample of the answer was played."""
    done_ms: float | None = None
    playback_ended_ms: float | None = None
    """Its sound was played to the end, or stopped."""
    user_transcript_ms: float | None = None
    """What the user said was written down."""
    status: str | None = None
    """Of the last response that is done: `completed`, `cancelled`, `failed` or `incomplete`."""
    item_ids: list[str] = field(default_factory=list)
    """The user's and the model's."""
    response_ids: list[str] = field(default_factory=list)
    tools: list[str] = field(default_factory=list)
    """Names of the functions that were called, in order."""
    tokens: TokenUsage = field(default_factory=TokenUsage)
    cost: Cost | None = None
    """None: nobody has said yet."""
    is_awaiting: bool = False
    """A response is expected."""
    is_speaking: bool = False
    """The user is being heard: what comes now answers the turn before."""

    @property
    def start_ms(self) -> float:
        """From when on the user waits: the end of speech, or when the question was sent."""
        ended = self.speech_ended_ms if self.speech_ended_ms is not None else self.asked_ms
        return ended if ended is not None else self.began_ms

    @property
    def latency_ms(self) -> float | None:
        """How long the user waited: for sound to be heard, else for sound or words to come."""
        first = next(
            (
                each
                for each in (self.first_heard_ms, self.first_audio_ms, self.first_transcript_ms)
                if each is not None
            ),
            None,
        )
        return None if first is None else max(0.0, first - self.start_ms)
