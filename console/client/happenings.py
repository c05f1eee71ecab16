"""What the client tells its subscribers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from console.errors import ConnectCause
from console.realtime.events import Event

EventSource = Literal["client", "server"]
MoveReason = Literal["lost", "expiring", "expired"]


@dataclass(slots=True)
class RealtimeEvent:
    """An event on the wire, in either direction, told before anyone acts on it."""

    at_s: float
    """When, in seconds since `connect` was called."""
    source: EventSource
    event: Event
    size_bytes: int
    """Its size on the wire."""


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The user began to speak; whatever is being played should stop."""

    item_id: str
    """The user item that the speech will become."""
    audio_start_ms: float
    """Where speech begins, counted from the session's first appended audio."""


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """Something went wrong and the session goes on."""

    message: str
    """In words."""
    source: EventSource
    """`server`: the server said so. `client`: found here."""
    type: str | None = None
    code: str | None = None
    param: str | None = None
    event_id: str | None = None
    """Of the client's event that it is about, if the server says so."""
    cause: Event | None = field(default=None, repr=False)
    """The client's event that it is about, while it is remembered."""
    raw: bytes | None = field(default=None, repr=False)
    """Of a message that was no event: how it begins."""


@dataclass(frozen=True, slots=True)
class ConnectionChanged:
    """The line to the server is being made, is there, is being restored, or is gone."""

    phase: Literal["connecting", "open", "reconnecting", "closed"]
    sentence: str
    attempt: int = 0
    """While connecting or reconnecting: the number of this attempt, from 1 on."""
    max_attempts: int = 0
    """After how many it is given up."""
    delay_s: float = 0.0
    """How long is waited before this attempt begins."""
    cause: ConnectCause | None = None
    """Why it is being restored or gone."""


@dataclass(frozen=True, slots=True)
class SessionExpiring:
    """The server will end the session soon, by its rule of how long one may last.

    Told when a move to a new session is about to come, and once more if none has come by the last
    twelfth of the session's time.
    """

    in_s: float
    sentence: str


@dataclass(frozen=True, slots=True)
class SessionMoved:
    """The conversation goes on in a new session; the server was told what was said so far."""

    reason: MoveReason
    n_replayed: int
    """How many items the server was told."""
    sentence: str


@dataclass(frozen=True, slots=True)
class ToolCalled:
    """A tool was called by the model, or has answered."""

    phase: Literal["started", "finished"]
    call_id: str
    item_id: str
    name: str
    arguments: str
    """JSON, as the model wrote it."""
    result: Any = None
    """What the tool answered; None while it works and when it failed."""
    error: str | None = None
    """Why it failed, in a sentence; the model is told the same."""
    duration_s: float = 0.0
    was_sent: bool = False
    """Whether the answer went to the server; not after the session ended."""
