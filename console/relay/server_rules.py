"""What of the service's events comes down, and what is taken out of them: pure."""

from __future__ import annotations

from typing import Any, Final

from console.realtime import fields
from console.relay.policy import Policy

Event = dict[str, Any]

_SESSION_EVENTS: Final = frozenset({"session.created", "session.updated"})


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
        if self._hidden and kind in _SESSION_EVENTS:
            session = fields.mapping(event, "session")
            shown = {key: value for key, value in session.items() if key not in self._hidden}
            return {**event, "session": shown}
        return event
