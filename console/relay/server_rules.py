"""What of the service's events comes down, and what is taken out of them: pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from console.relay.policy import Policy

Event = dict[str, Any]

_SHOWS: Final[Mapping[str, str]] = {
    "session.created": "session",
    "session.updated": "session",
    "response.created": "response",
    "response.done": "response",
}
"""Where an event has settings."""


class ServerRules:
    """Judges the events of the service, in today's form, one by one."""

    def __init__(self, policy: Policy, *, has_relay_tools: bool = False) -> None:
        """Prepare the rules of one session."""
        self._without = frozenset(policy.events.down_without)
        hidden = set(policy.session.hidden)
        if has_relay_tools and policy.session.hide is None:
            hidden.add("tools")
        self._hidden = frozenset(hidden)

    def judge(self, event: Event) -> Event | None:
        """Return what the client may see of an event; None for nothing."""
        kind = event.get("type")
        if not isinstance(kind, str) or kind in self._without:
            return None
        if self._hidden and isinstance(settings := event.get(key := _SHOWS.get(kind, "")), dict):
            return {**event, key: self._shown(settings, "")}
        return event

    def _shown(self, settings: Mapping[str, Any], at: str) -> dict[str, Any]:
        return {
            key: self._shown(value, f"{at}{key}.") if isinstance(value, dict) else value
            for key, value in settings.items()
            if f"{at}{key}" not in self._hidden
        }
