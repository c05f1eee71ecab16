"""A JSON value as a tree that folds."""

from __future__ import annotations

from typing import Any

from nicegui import ui


class JsonView(ui.element, component="json_view.js"):
    """Shows one JSON value; strings stay text, whatever is in them."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self._props["value"] = value

    @property
    def value(self) -> Any:
        """What is shown."""
        return self._props["value"]

    @value.setter
    def value(self, value: Any) -> None:
        self._props["value"] = value
