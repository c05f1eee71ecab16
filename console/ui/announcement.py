"""The moment at which the console is ready: links are printed, a browser or the window opens."""

from __future__ import annotations

import asyncio
import sys
import webbrowser
from pathlib import Path
from typing import Final, Protocol

from nicegui import app
from nicegui.server import Server

from console.app.reach import Reach
from console.clock import SystemClock
from console.ui import theme
from console.ui.door.door import Door
from console.ui.welcome import ready_text

TITLE: Final = "Realtime Console"
_READY_POLL_S: Final = 0.01


class Window(Protocol):
    """What shows the page beside a browser: `console.ui.native.NativeWindow`."""

    def show(self, url: str, *, title: str, icon: Path) -> None:
        """Open it with the page at `url`."""

    async def wait_closed(self) -> None:
        """Wait until it is closed."""


class Announcement:
    """Says where the console is as soon as it is there."""

    def __init__(
        self,
        reach: Reach,
        door: Door,
        guest_links: tuple[str, ...],
        window: Window | None = None,
        *,
        remark: str = "",
        opens_browser: bool = False,
    ) -> None:
        """Prepare it.

        Args:
            reach: Where the console is reached.
            door: Makes the links.
            guest_links: For others; may be empty.
            window: To be shown, if there is one; the console ends with it.
            remark: What else is worth a sentence.
            opens_browser: Whether the owner's browser is opened.
        """
        self._reach = reach
        self._door = door
        self._guest_links = guest_links
        self._window = window
        self._remark = remark
        self._opens_browser = opens_browser

    async def run(self) -> None:
        """Wait until the server listens, and say so; return when there is nothing left to do."""
        # uvicorn tells nobody when it listens, so its flag is watched; this takes milliseconds.
        clock = SystemClock()
        while not getattr(Server.instance, "started", False):
            await clock.sleep(_READY_POLL_S)
        sys.stdout.write(
            ready_text(
                self._reach,
                self._door.owner.at(self._reach.owner_base),
                self._guest_links,
                with_qr=sys.stdout.isatty(),
                remark=self._remark,
            )
        )
        sys.stdout.flush()
        if self._window is not None:
            self._window.show(self._one_time_link(), title=TITLE, icon=theme.ASSETS / "icon.svg")
            await self._window.wait_closed()
            app.shutdown()
        elif self._opens_browser:
            # Some browsers are waited for until they have started.
            await asyncio.to_thread(webbrowser.open, self._one_time_link())

    def _one_time_link(self) -> str:
        """Return where a browser goes that we open; others find that link used up."""
        return self._door.issue("owner", one_time=True).at(self._reach.owner_base)
