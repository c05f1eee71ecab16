"""Collects what a step of the session leads to, and stamps its events."""

from __future__ import annotations

from typing import Any

from console.simulator.ids import NewId
from console.simulator.intents import Intent, Outcome


class Outbox:
    """The events and intents of the step that is going on."""

    def __init__(self, new_id: NewId) -> None:
        self._new_id = new_id
        self._outcome = Outcome()

    def emit(self, event_type: str, **fields: Any) -> None:
        """Add a server event; `type` is its first key and `event_id` its second."""
        event = {"type": event_type, "event_id": self._new_id("event_"), **fields}
        self._outcome.events.append(event)

    def ask(self, intent: Intent) -> None:
        """Add work for the server around the session."""
        self._outcome.intents.append(intent)

    def take(self) -> Outcome:
        """Return what has been collected and begin anew."""
        taken, self._outcome = self._outcome, Outcome()
        return taken
