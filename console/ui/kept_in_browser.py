"""Events that somebody keeps, in the storage of their browser."""

from __future__ import annotations

import json

from nicegui import Client

from console.app.reference.kept_events import KeptEvents

_KEY = "rc-composer"
_TIMEOUT_S = 5.0


class BrowserShelf:
    """Reads and writes what the browser of one page keeps; without storage it lasts as the page."""

    def __init__(self, client: Client) -> None:
        """Use the storage of a page's browser."""
        self._client = client
        self.kept = KeptEvents()
        """What is kept now."""
        self.is_lasting = True
        """Whether the browser keeps it when the page is gone."""

    async def read(self) -> None:
        """Read what the browser keeps; another tab of it may have written."""
        try:
            text = await self._client.run_javascript(
                f"(() => {{ try {{ return localStorage.getItem({_KEY!r}) ?? ''; }}"
                " catch { return null; } })()",
                timeout=_TIMEOUT_S,
            )
        except TimeoutError:  # the page is gone, or its line is
            return
        self.is_lasting = isinstance(text, str)
        if isinstance(text, str) and text:
            self.kept = KeptEvents.parse(text)

    def write(self, kept: KeptEvents) -> None:
        """Keep this from now on."""
        self.kept = kept
        text = json.dumps(kept.dump())
        self._client.run_javascript(
            f"try {{ localStorage.setItem({_KEY!r}, {text}); }} catch {{ /* full, or refused */ }}"
        )
