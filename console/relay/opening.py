"""How a session begins: what the policy keeps is set before the client hears or says anything."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from console.realtime import fields
from console.realtime.refusal import Refusal

Event = dict[str, Any]


def new_own_event_id() -> str:
    """Return an id for the events that the relay makes itself in one session.

    What the service says of them is not for the client: it must not be able to take the id for an
    event of its own.
    """
    return f"relay_{secrets.token_hex(12)}"


class KeptSettingsRefused(Exception):
    """The service did not accept what the policy keeps; its words are for the relay's owner."""


class Opening:
    """Follows the first events of the service: pure, one for each session.

    Without settings of our own nothing is changed: only an error that comes first is held back,
    since it may be the reason of a close. With them, the client's session begins as the service
    has made it after our update, and nothing of the client goes up before.
    """

    def __init__(self, kind: str, keep: Mapping[str, Any], own_event_id: str) -> None:
        """Begin a session.

        Args:
            kind: What it is.
            keep: The settings that the policy keeps.
            own_event_id: Of the events that the relay makes itself.
        """
        self.own_event_id = own_event_id
        """Of the events that the relay makes itself."""
        self._kind = kind
        self._keep = keep
        self._created: Event | None = None
        self._held: list[Event] = []
        self.has_begun = False
        """Whether the client may hear and say everything."""

    @property
    def has_settings(self) -> bool:
        """Whether there is anything to be set before the client may speak."""
        return bool(self._keep)

    @property
    def error(self) -> Event | None:
        """The error that is held back, if any."""
        return next((each for each in self._held if each.get("type") == "error"), None)

    def take(self, event: Event) -> tuple[list[Event], list[Event]]:
        """Return what to send to the service, and what to tell the client, after an event.

        Raises:
            KeptSettingsRefused: The service does not accept our settings.
        """
        assert not self.has_begun, "nothing is held back any more"
        kind = event.get("type")
        if kind == "session.created" and self._created is None and self._keep:
            self._created = event
            session = {"type": self._kind, **self._keep}
            return [
                {"type": "session.update", "event_id": self.own_event_id, "session": session}
            ], []
        if self._created is not None:
            return [], self._settled(event)
        if kind == "error":
            self._held.append(event)
            return [], []
        if self._keep:
            self._held.append(event)
            return [], []
        return [], self.begin(event)

    def begin(self, *events: Event) -> list[Event]:
        """Hold nothing back any more; return what the client is to be told now."""
        self.has_begun = True
        first = events[:1] if events and events[0].get("type") == "session.created" else ()
        return [*first, *self._held, *events[len(first) :]]

    def _settled(self, event: Event) -> list[Event]:
        assert self._created is not None, "it has come"
        match event.get("type"):
            case "session.updated":
                return self.begin({**self._created, "session": event.get("session")})
            case "error":
                said = fields.text(fields.mapping(event, "error"), "message")
                raise KeptSettingsRefused(said)
            case _:
                self._held.append(event)
                return []


def settings_refused() -> Refusal:
    """Return what a client is told of it."""
    return Refusal(
        "The service did not accept the settings of the relay's policy. Tell whoever runs the "
        "relay; its log says more.",
        code="relay_policy_not_accepted",
        kind="server_error",
    )
