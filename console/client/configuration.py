"""What the client asks of the session, tools included, and how it goes back when refused."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

from console.realtime import session
from console.realtime.fields import text_or_none
from console.tools.registry import ToolRegistry

MAX_UNANSWERED: Final = 64
"""Changes without an answer that can still be taken back."""


class Configuration:
    """The session as we want it; the tools of the registry are added wherever it is sent."""

    def __init__(self, tools: ToolRegistry) -> None:
        self._tools = tools
        self.reset()

    def reset(self) -> None:
        """Go back to the defaults."""
        self.fields = session.defaults()
        """The session as the wire has it, without the registry's tools."""
        self._before: OrderedDict[str, dict[str, Any]] = OrderedDict()

    @property
    def turn_detection_type(self) -> str | None:
        """`server_vad`, `semantic_vad`, or None when the user ends each turn."""
        detection = session.turn_detection(self.fields)
        return text_or_none(detection, "type") if detection is not None else None

    def payload(self) -> dict[str, Any]:
        """Return the whole session as it is sent."""
        return {**self.fields, "tools": self.with_tools(self.fields["tools"])}

    def tools_payload(self) -> dict[str, Any]:
        """Return the change that tells the server which tools there are."""
        return {"type": "realtime", "tools": self.with_tools(self.fields["tools"])}

    def with_tools(self, others: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
        """Return the registry's tools and those of `others` that have other names."""
        return self._tools.definitions() + self._not_ours(others)

    def merge(self, change: Mapping[str, Any]) -> None:
        """Take a change over; the registry's tools in it stay with the registry."""
        merged = session.merge(self.fields, change)
        merged["tools"] = self._not_ours(merged.get("tools"))
        self.fields = merged

    def sent(self, event_id: str, change: Mapping[str, Any]) -> None:
        """Take over a change that went to the server, until it says no."""
        self._before[event_id] = self.fields
        if len(self._before) > MAX_UNANSWERED:
            self._before.popitem(last=False)
        self.merge(change)

    def confirmed(self) -> None:
        """Forget how it was before the oldest change: answers come in order."""
        if self._before:
            self._before.popitem(last=False)

    def refused(self, event_id: str | None) -> bool:
        """Go back to before the change of that event; return whether there was one."""
        if event_id is None or event_id not in self._before:
            return False
        self.fields = self._before.pop(event_id)
        return True

    def session_ended(self) -> None:
        """Keep what was asked for last: there will be no more answers."""
        self._before.clear()

    def _not_ours(self, tools: Any) -> list[dict[str, Any]]:
        found = tools if isinstance(tools, list) else []
        return [
            each
            for each in found
            if not (isinstance(each, Mapping) and each.get("name") in self._tools)
        ]
