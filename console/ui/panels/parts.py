"""Parts of a pane of which one is seen at a time, and the buttons that choose it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import ui


class Parts:
    """The buttons, built where the caller is; what they show is built with `add`."""

    def __init__(
        self, label: str, names: tuple[str, ...], on_shown: Callable[[str], Any] | None = None
    ) -> None:
        """Build the buttons.

        Args:
            label: For screen readers.
            names: Of the parts.
            on_shown: Called with the name of the part that is seen from now on.
        """
        self._on_shown = on_shown
        self._places: dict[str, ui.element] = {}
        with (
            ui.element("div")
            .classes("rc-toggles rc-parts")
            .props(f'role=group aria-label="{label}"')
        ):
            self._switches = {name: _switch(name, partial(self.show, name)) for name in names}

    def add(self, name: str) -> ui.element:
        """Open the place of a part, to be filled."""
        self._places[name] = ui.element("div").classes("rc-composer-pane__part")
        return self._places[name]

    def show(self, name: str) -> None:
        """Show a part instead of the others."""
        for each, switch in self._switches.items():
            switch.props(f"aria-pressed={str(each == name).lower()}")
        for each, place in self._places.items():
            place.set_visibility(each == name)
        if self._on_shown is not None:
            self._on_shown(name)


def _switch(name: str, on_click: Callable[[], Any]) -> ui.element:
    switch = ui.element("button").classes("rc-toggle").props("type=button")
    with switch:
        ui.label(name)
    return switch.on("click", on_click)
