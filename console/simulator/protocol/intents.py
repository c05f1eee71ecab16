"""What a session asks of the server around it, beside the events that it sends.

Each answer comes back as a call on `SimulatorSession`, named here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from console.simulator.senses import BrainTurn


@dataclass(frozen=True, slots=True)
class Listen:
    """Push this audio into the turn detector; tell `boundary` what it finds, and `listened`."""

    pcm: bytes


@dataclass(frozen=True, slots=True)
class Detect:
    """Set the turn detector, and start it anew at `position_ms` unless that is None."""

    threshold: float
    prefix_padding_ms: int
    silence_duration_ms: int
    position_ms: int | None


@dataclass(frozen=True, slots=True)
class Convert:
    """Call `convert` before anything else of the client: not all of its sound is PCM yet."""


@dataclass(frozen=True, slots=True)
class Overhear:
    """More of the speech that goes on; answer with `overheard` as soon as some of it is sure.

    It is over when the item is to be recognised, or that of another begins.
    """

    item_id: str
    pcm: bytes


@dataclass(frozen=True, slots=True)
class Recognise:
    """Find out what was said; answer with `transcribed` or `not_transcribed`."""

    item_id: str
    pcm: bytes
    hint: str
    turn: BrainTurn | None
    """What the assistant would be asked, its last item the one to recognise; None: no assistant
    listens, who could want a second try."""


@dataclass(frozen=True, slots=True)
class Think:
    """Ask the assistant; answer with `thought` for each piece, then `thought_through`."""

    response_id: str
    turn: BrainTurn


@dataclass(frozen=True, slots=True)
class Speak:
    """Say one sentence; answer with `spoken` for each chunk, then `sentence_spoken`."""

    response_id: str
    text: str
    voice: str
    speed: float


@dataclass(frozen=True, slots=True)
class Advance:
    """Call `advance` when the pace of writing allows."""

    response_id: str


@dataclass(frozen=True, slots=True)
class Stop:
    """End whatever goes on for this response."""

    response_id: str


@dataclass(frozen=True, slots=True)
class Later:
    """Call `due` once this much time has passed; other steps may come before it."""

    timer_id: str
    delay_ms: float


Intent = Listen | Detect | Convert | Overhear | Recognise | Think | Speak | Advance | Stop | Later


@dataclass(slots=True)
class Outcome:
    """What one step of a session has led to."""

    events: list[dict[str, Any]] = field(default_factory=list)
    """Server events to send, in order."""
    intents: list[Intent] = field(default_factory=list)
    """Work to begin once the events are on their way, in order."""
