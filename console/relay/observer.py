"""Who is told what happens in the relay's sessions: metrics, the log, the operator."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from console.realtime.prices import Cost
from console.realtime.usage import TokenUsage, TranscriptionUsage

logger = logging.getLogger(__name__)

Direction = Literal["up", "down"]
"""Towards the service, or towards the client."""
End = Literal["client", "upstream", "relay"]
"""Who has ended a session."""


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What is known of a session from its beginning on."""

    id: str
    """It cannot be guessed, and is no id of the service; for operators alone."""
    token: str
    """The name of the token that the client has shown."""
    address: str
    dialect: Literal["ga", "beta"]
    """What the client speaks."""
    model: str
    upstream: str
    """The host that answers."""
    started_wall_s: float
    agent: str = ""
    """What the client calls itself."""
    asked_model: str = ""
    """What the client has asked for, where it gets another."""

    @property
    def name_in_log(self) -> str:
        """What the session is called in the log: the whole of its id lets one watch it."""
        return self.id[:8]


@dataclass(frozen=True, slots=True)
class PassedEvent:
    """An event that went on, or was made here for the client."""

    session_id: str
    direction: Direction
    """Where to."""
    event: dict[str, Any]
    """In today's form, as it went on. It belongs to all: read only."""
    size_bytes: int
    """Of its text."""
    received_s: float
    """When it had come, on the clock that never goes back."""
    sent_s: float
    """When it was handed to the network."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What something has cost."""

    cost: Cost
    tokens: TokenUsage | None = None
    """Of a response."""
    transcript: TranscriptionUsage | None = None
    """Of the user's speech that was written down."""


class Observer:
    """Is told what happens, on the event loop; does nothing itself.

    Those who want to know something override that method. All of them are quick: they run between
    an event's coming and the next one's.
    """

    def session_opened(self, facts: SessionFacts) -> None:
        """A client was let in, and the service has answered."""

    def event_passed(self, passed: PassedEvent) -> None:
        """An event went on, or was made here for the client."""

    def event_refused(self, session_id: str, event: dict[str, Any], code: str) -> None:
        """An event of the client, or what stands for one that cannot be shown, did not go on."""

    def settings_left_out(self, session_id: str, event_type: str, paths: Sequence[str]) -> None:
        """An event of the client went on without what its client may not set."""

    def audio_dropped(
        self, session_id: str, direction: Direction, n_events: int, size_bytes: int
    ) -> None:
        """The oldest audio was given up, since a peer was too slow for it."""

    def session_spent(self, session_id: str, spending: Spending) -> None:
        """Something of a session has been paid for, or is reckoned to be."""

    def session_closed(self, session_id: str, code: int, reason: str, side: End) -> None:
        """A session has ended, with what its client was told."""

    def client_turned_away(self, code: str) -> None:
        """No session came of somebody's knocking."""

    def connection_refused(self) -> None:
        """A connection was closed before anything was read: there are too many of strangers."""


class Observers(Observer):
    """Tells several; one that fails keeps neither the others nor the session from going on."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = tuple(observers)

    def session_opened(self, facts: SessionFacts) -> None:
        """Tell all."""
        self._tell(lambda each: each.session_opened(facts))

    def event_passed(self, passed: PassedEvent) -> None:
        """Tell all; written out, since it is called for each event."""
        for each in self._observers:
            try:
                each.event_passed(passed)
            except Exception:
                logger.exception("an observer has failed")

    def event_refused(self, session_id: str, event: dict[str, Any], code: str) -> None:
        """Tell all."""
        self._tell(lambda each: each.event_refused(session_id, event, code))

    def settings_left_out(self, session_id: str, event_type: str, paths: Sequence[str]) -> None:
        """Tell all."""
        self._tell(lambda each: each.settings_left_out(session_id, event_type, paths))

    def audio_dropped(
        self, session_id: str, direction: Direction, n_events: int, size_bytes: int
    ) -> None:
        """Tell all."""
        self._tell(lambda each: each.audio_dropped(session_id, direction, n_events, size_bytes))

    def session_spent(self, session_id: str, spending: Spending) -> None:
        """Tell all."""
        self._tell(lambda each: each.session_spent(session_id, spending))

    def session_closed(self, session_id: str, code: int, reason: str, side: End) -> None:
        """Tell all."""
        self._tell(lambda each: each.session_closed(session_id, code, reason, side))

    def client_turned_away(self, code: str) -> None:
        """Tell all."""
        self._tell(lambda each: each.client_turned_away(code))

    def connection_refused(self) -> None:
        """Tell all."""
        self._tell(lambda each: each.connection_refused())

    def _tell(self, what: Callable[[Observer], None]) -> None:
        for each in self._observers:
            try:
                what(each)
            except Exception:
                logger.exception("an observer has failed")
