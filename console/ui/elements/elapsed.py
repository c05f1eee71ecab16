"""A clock that counts in the browser."""

from __future__ import annotations

from nicegui import ui


class Elapsed(ui.element, component="elapsed.js"):
    """Shows the time since a moment, as in "02:41"."""

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__()
        self._props["seconds"] = seconds

    def restart(self, seconds: float) -> None:
        """Count from `seconds` on."""
        self._props["seconds"] = seconds
