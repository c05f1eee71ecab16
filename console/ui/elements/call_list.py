"""Calls of tools in the browser, with what can be decided about those that wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from nicegui import ui
from nicegui.events import GenericEventArguments

from console.app.tool_lab.state import CallEntry


class CallList(ui.element, component="call_list.js"):
    """Calls, the newest first; names and data are text, whatever is in them."""

    def __init__(
        self,
        label: str,
        *,
        on_approve: Callable[[str], None],
        on_refuse: Callable[[str], None],
        on_answer: Callable[[str, str], None],
        on_reuse: Callable[[str], None],
    ) -> None:
        """Make an empty list.

        Args:
            label: For screen readers.
            on_approve: Called with the id of a call that may go on.
            on_refuse: Called with the id of one that may not.
            on_answer: Called with the id of one that is answered by hand, and what was written.
            on_reuse: Called with the id of one whose arguments shall be tried.
        """
        super().__init__()
        self._props["label"] = label
        self._on_answer = on_answer
        for name, callback in (("approve", on_approve), ("refuse", on_refuse), ("reuse", on_reuse)):
            self.on(name, lambda event, callback=callback: _tell(event, callback))
        self.on("answer", self._answered)

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

    def _answered(self, event: GenericEventArguments) -> None:
        match event.args:
            case {"id": str(call_id), "text": str(text)}:
                self._on_answer(call_id, text)


def _tell(event: GenericEventArguments, callback: Callable[[str], None]) -> None:
    if isinstance(event.args, str):
        callback(event.args)
