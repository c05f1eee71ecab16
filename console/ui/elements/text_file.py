"""A button that reads a text file of the user's machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments


class TextFile(ui.element, component="text_file.js"):
    """Opens the browser's choice of files; what was chosen is read there and told as text."""

    def __init__(
        self,
        label: str,
        *,
        limit: int,
        on_read: Callable[[str, str], Any],
        on_refused: Callable[[str], Any],
        accept: str = ".json,application/json",
        icon: str = "upload_file",
    ) -> None:
        """Make the button.

        Args:
            label: What it does, for screen readers and as a hint.
            limit: How many characters a file may have.
            on_read: Called with the file's name and its text; may return something to be awaited.
            on_refused: Called with why a file was not read, in a sentence.
            accept: What files are offered first.
            icon: Its picture.
        """
        super().__init__()
        self._props.update(label=label, limit=limit, accept=accept, icon=icon)
        self._limit = limit
        self._on_read, self._on_refused = on_read, on_refused
        self.on("read", self._read)

    def _read(self, event: GenericEventArguments) -> Any:
        match event.args:
            case {"name": str(name), "text": str(text)} if len(text) <= self._limit:
                return self._on_read(name, text)
            case {"name": str(name), "why": "size"}:
                most = f"{self._limit:,} characters are the most"
                return self._on_refused(f"{name} is too large: {most}.")
            case {"name": str(name), "why": "text"}:
                return self._on_refused(f"{name} is no text in UTF-8.")
            case _:
                return None
