"""The tools pane of those who watch: what was called, and what came of it."""

from __future__ import annotations

from nicegui import ui

from console.app.view_model import Part, ViewModel
from console.ui.elements.call_list import CallList
from console.ui.panels.panel import panel, title
from console.ui.panels.tools import NO_CALLS


class WatchedToolsPane:
    """Follows the session; nothing in it can be changed."""

    def __init__(self, view: ViewModel) -> None:
        """Build it where the caller is."""
        self._view = view
        pane = ui.element("div").classes("rc-composer-pane")
        with pane, panel("Tools", has_own_bar=True):
            self._build()

    async def open(self) -> None:
        """Show how it stands."""
        self._show()

    def refresh(self, parts: frozenset[Part]) -> None:
        """Show what has changed of the calls."""
        if "tools" in parts:
            self._show()

    def _build(self) -> None:
        with ui.element("div").classes("rc-panel__bar"):
            title("Tools")
            self._count = ui.label().classes("rc-panel__count")
        with ui.element("div").classes("rc-tools"):
            self._none = ui.label(NO_CALLS).classes("rc-tools__none")
            self.calls = CallList("Calls")

    def _show(self) -> None:
        state = self._view.tools
        names = [each.name for each in state.tools if each.is_enabled]
        self._count.text = ", ".join(names) if names else "none is on"
        self.calls.show(state.calls)
        self._none.set_visibility(not state.calls)
