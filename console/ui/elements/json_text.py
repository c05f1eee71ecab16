"""A text of JSON that can be typed and set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments


class JsonText(ui.element, component="json_text.js"):
    """JSON as text; what is typed is told, and what is set replaces it."""

    def __init__(self, label: str, *, limit: int, on_typed: Callable[[str], Any]) -> None:
        """Make the element.

        Args:
            label: For screen readers.
            limit: How many characters can be typed.
            on_typed: Called with the whole text soon after somebody has typed; may return
                something to be awaited.
        """
        super().__init__()
        self._revision = 0
        self._props["label"] = label
        self._props["limit"] = limit

        def typed(event: GenericEventArguments) -> Any:
            return on_typed(event.args) if isinstance(event.args, str) else None

        self.on("typed", typed)

    @property
    def text(self) -> str:
        """What was set last."""
        return str(self._props.get("shown", {}).get("text", ""))

    def show(self, text: str) -> None:
        """Replace the text, whatever was typed."""
        self._revision += 1  # the same text again replaces what was typed since
        self._props["shown"] = {"text": text, "revision": self._revision}

    def tell(self, *, is_invalid: bool) -> None:
        """Say whether it can be read."""
        self._props["invalid"] = is_invalid
