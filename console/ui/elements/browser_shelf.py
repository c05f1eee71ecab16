"""What somebody saves by name, events or sessions, in the storage of their browser."""

from __future__ import annotations

from nicegui import ui

from console.app.reference.kept_events import KeptEvents

_TIMEOUT_S = 5.0


class BrowserShelf(ui.element, component="browser_shelf.js"):
    """What one browser keeps; where it keeps nothing, it lasts as long as the page."""

    def __init__(self, name: str = "rc-composer") -> None:
        """Make the element; nothing is read yet.

        Args:
            name: Under which the browser keeps it.
        """
        super().__init__()
        self._props["name"] = name
        self.kept = KeptEvents()
        """What is kept now."""
        self.is_lasting = True
        """Whether the browser keeps it when the page is gone."""

    async def read(self) -> None:
        """Read what the browser keeps; another tab of it may have written."""
        try:
            text = await self.run_method("read", timeout=_TIMEOUT_S)
        except TimeoutError:  # the page is gone, or its line is
            return
        if isinstance(text, str) and self.is_lasting:
            self.kept = KeptEvents.parse(text)
        else:
            self.is_lasting = False

    async def write(self, kept: KeptEvents) -> None:
        """Keep this from now on."""
        self.kept = kept
        try:
            answer = await self.run_method("write", kept.dump(), timeout=_TIMEOUT_S)
        except TimeoutError:
            return
        self.is_lasting = answer is True
