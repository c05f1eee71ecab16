"""Collects what a step of the session leads to, and stamps its events."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from console.simulator.protocol.ids import NewId
from console.simulator.protocol.intents import Intent, Outcome

PADDED_TO: Final = 16
"""Deltas and their padding together have a multiple of this many characters, so that the size of
an encrypted message does not tell the length of a word."""


class Outbox:
    """The events and intents of the step that is going on."""

    def __init__(self, new_id: NewId) -> None:
        self._new_id = new_id
        self._outcome = Outcome()

    def emit(self, event_type: str, **fields: Any) -> None:
        """Add a server event; `type` is its first key and `event_id` its second."""
        self._add({"type": event_type, "event_id": self._new_id("event_"), **fields})

    def emit_padded(self, event_type: str, **fields: Any) -> None:
        """Add a delta of words or arguments, with random `obfuscation` after its `delta`."""
        n_missing = -len(fields["delta"]) % PADDED_TO
        self.emit(event_type, **fields, obfuscation=self._padding(n_missing))

    def emit_by_media_server(self, event_type: str, **fields: Any) -> None:
        """Add an event of a call's media server, whose ids are 16 hexadecimal digits."""
        digits = hashlib.blake2b(self._new_id("").encode(), digest_size=8).hexdigest()
        self._add({"type": event_type, "event_id": f"event_{digits}", **fields})

    def emit_without_id(self, event_type: str, **fields: Any) -> None:
        """Add an event that the protocol gives no id."""
        self._add({"type": event_type, **fields})

    def ask(self, intent: Intent) -> None:
        """Add work for the server around the session."""
        self._outcome.intents.append(intent)

    def take(self) -> Outcome:
        """Return what has been collected and begin anew."""
        taken, self._outcome = self._outcome, Outcome()
        return taken

    def _add(self, event: dict[str, Any]) -> None:
        self._outcome.events.append(event)

    def _padding(self, length: int) -> str:
        # An identifier's last characters are the random ones.
        return (self._new_id("")[-(PADDED_TO - 1) :] * PADDED_TO)[:length]
