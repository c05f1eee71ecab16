"""A clock that counts in the browser."""

from __future__ import annotations

from nicegui import ui


class Elapsed(ui.element, component="elapsed.js"):
    """Shows the time since a moment, or what is left until one, as in "02:41"."""

    def __init__(self, seconds: float = 0.0, *, is_left: bool = False) -> None:
        """Count from `seconds` on, or down from them if they are what is left."""
        super().__init__()
        self._props["seconds"] = seconds
        self._props["is-left"] = is_left

    def restart(self, seconds: float) -> None:
        """Count from `seconds` on."""
        self._props["seconds"] = seconds
