"""Calls of tools in the browser, with what can be decided about those that wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from nicegui import ui
from nicegui.events import GenericEventArguments

from console.app.tool_lab.state import CallEntry


@dataclass(frozen=True, slots=True)
class CallDecisions:
    """What is called when somebody does something about a call; each gets the call's id first."""

    approve: Callable[[str], None]
    """It may go on."""
    refuse: Callable[[str], None]
    """It may not."""
    answer: Callable[[str, str], None]
    """It is answered by hand, with what was written."""
    reuse: Callable[[str], None]
    """Its arguments shall be tried."""


class CallList(ui.element, component="call_list.js"):
    """Calls, the newest first; names and data are text, whatever is in them."""

    def __init__(self, label: str, decisions: CallDecisions | None = None) -> None:
        """Make an empty list.

        Args:
            label: For screen readers.
            decisions: What can be done about calls; None: they are looked at only.
        """
        super().__init__()
        self._props["label"] = label
        self._props["decides"] = decisions is not None
        if decisions is None:
            return
        for name in ("approve", "refuse", "reuse"):
            callback = getattr(decisions, name)
            self.on(name, lambda event, callback=callback: _tell(event, callback))
        self.on("answer", lambda event: _answered(event, decisions.answer))

    def show(self, calls: Sequence[CallEntry], problems: Mapping[str, str] | None = None) -> None:
        """Show these calls, oldest first, and what is wrong with answers to them, by their ids."""
        self._props["problems"] = dict(problems or {})
        self._props["calls"] = [
            {
                "id": each.id,
                "at": each.at_s,
                "name": each.name,
                "caller": each.caller,
                "arguments": each.arguments,
                "status": each.status,
                "result": each.result,
                "error": each.error,
                "ms": each.duration_ms,
                "remark": each.remark,
            }
            for each in reversed(calls)
        ]


def _tell(event: GenericEventArguments, callback: Callable[[str], None]) -> None:
    if isinstance(event.args, str):
        callback(event.args)


def _answered(event: GenericEventArguments, callback: Callable[[str, str], None]) -> None:
    match event.args:
        case {"id": str(call_id), "text": str(text)}:
            callback(call_id, text)
