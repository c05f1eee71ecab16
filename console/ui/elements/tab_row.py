"""A row of tabs, drawn by the browser: one element, however many names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments


class TabRow(ui.element, component="tab_row.js"):
    """Names of which one is chosen; what is shown for it is up to whoever made the row."""

    def __init__(
        self, label: str, names: Sequence[str], *, on_chosen: Callable[[str], Any]
    ) -> None:
        """Make the row; its first name is chosen.

        Args:
            label: For screen readers.
            names: Of the tabs.
            on_chosen: Called with the name that somebody chose, also when it was chosen before;
                may return something to be awaited.
        """
        super().__init__()
        self.names = tuple(names)
        """Of the tabs, in their order."""
        self._props["label"] = label
        self._props["names"] = list(names)
        self._props["marks"] = {}
        self._props["chosen"] = names[0]
        self._on_chosen = on_chosen
        self.on("chosen", self._chosen)

    @property
    def value(self) -> str:
        """The name that is chosen; setting it calls nobody."""
        return str(self._props["chosen"])

    @value.setter
    def value(self, name: str) -> None:
        self._props["chosen"] = name

    def show_count(self, name: str, count: int, about: str) -> None:
        """Show a number beside a name; 0 shows none.

        Args:
            name: Of the tab.
            count: The number.
            about: What it counts, as in "2 errors".
        """
        marks = {each: mark for each, mark in self._props["marks"].items() if each != name}
        self._props["marks"] = {**marks, name: [count, about]} if count else marks

    def _chosen(self, event: GenericEventArguments) -> Any:
        if event.args not in self.names:
            return None
        self.value = event.args
        return self._on_chosen(event.args)
