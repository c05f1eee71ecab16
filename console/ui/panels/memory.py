"""The memory pane: what set_memory kept."""

from __future__ import annotations

from typing import Final

from nicegui import ui

from console.app.view_model import ViewModel
from console.ui.elements.json_view import JsonView
from console.ui.panels.panel import panel

HINT: Final = 'Say or type "remember that my name is Ada".'


class MemoryPanel:
    """The memory as JSON."""

    def __init__(self, view: ViewModel, hint: str = HINT) -> None:
        """Build the pane.

        Args:
            view: What it shows.
            hint: What to do for something to appear; empty for those who can do nothing.
        """
        self._view = view
        with panel("Memory"):
            with ui.element("div").classes("rc-memory"):
                self.json = JsonView(view.memory)
            with ui.element("div").classes("rc-empty") as self._empty:
                ui.label("Nothing remembered yet").classes("rc-empty__title")
                ui.label(hint)
        self.refresh()

    def refresh(self) -> None:
        """Show the memory as it is now."""
        memory = dict(self._view.memory)
        self.json.value = memory
        self.json.set_visibility(bool(memory))
        self._empty.set_visibility(not memory)
