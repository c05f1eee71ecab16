"""The server's end of those who watch a session: its lists, and nothing in return."""

from __future__ import annotations

from typing import Any, Final

from starlette.websockets import WebSocket

from console.app.feed import Feed
from console.clock import Clock
from console.signals import Signal
from console.transport import Closed
from console.ui.channel_wire import POLICY, Hello, Incoming, WireError
from console.ui.outbox import Outbox
from console.ui.page_line import TRY_LATER, PageLine

MAX_WATCHERS: Final = 20
SESSION_OVER: Final = 4004
"""Close code: there is nothing behind this name, or no more; a browser does not try again."""


class WatchChannel:
    """One session's lines to the browsers of those who watch it.

    They get the events and the conversation as the session's own page does, and no sound; what they
    send beyond a hello ends their line.
    """

    def __init__(self, feed: Feed, clock: Clock) -> None:
        """Make a channel that nobody watches.

        Args:
            feed: Where rows and conversation come from.
            clock: Time for the limits on what a browser may send.
        """
        self.changed: Signal[int] = Signal("watchers changed")
        """How many watch now."""
        self._feed = feed
        self._clock = clock
        self._lines: set[PageLine] = set()
        self._closed: Closed | None = None

    @property
    def n_watchers(self) -> int:
        """How many watch."""
        return len(self._lines)

    async def serve(self, websocket: WebSocket) -> None:
        """Accept `websocket` and show it the session until it ends."""
        await websocket.accept()
        if self._closed is not None:  # while it was on its way
            await websocket.close(self._closed.code, self._closed.reason)
            return
        if len(self._lines) >= MAX_WATCHERS:
            await websocket.close(TRY_LATER, f"{MAX_WATCHERS} watch this session already")
            return
        line = PageLine(websocket, self, self._feed, Outbox(_no_sound), self._clock)
        self._lines.add(line)
        self.changed.emit(len(self._lines))
        try:
            await line.run()
        finally:
            self._lines.discard(line)
            self.changed.emit(len(self._lines))

    async def close(self, code: int = 1001, reason: str = "the session has ended") -> None:
        """Send everybody away, and whoever comes from now on."""
        self._closed = Closed(code, reason)
        for line in list(self._lines):
            await line.end(code, reason)

    def welcome(self) -> dict[str, Any]:
        """Return the message that tells a browser where it is."""
        return {"k": "welcome", "epoch": self._feed.epoch, "sound": "none", "capture": "off"}

    def greeted(self, hello: Hello) -> None:
        """A browser said hello."""

    def accept_audio(self, data: bytes) -> None:
        """Refuse sound.

        Raises:
            WireError: Always.
        """
        raise WireError(POLICY, "who watches a session is not heard in it")

    def accept_message(self, message: Incoming) -> None:
        """Refuse what is not a hello.

        Raises:
            WireError: Always.
        """
        raise WireError(POLICY, "who watches a session does nothing in it")

    def next_audio_frame(self) -> str | bytes | None:
        """Return None: there is no sound for those who watch."""
        return None


def _no_sound(track: str, n_samples: int) -> None:
    raise AssertionError("nobody puts sound into the outbox of a watcher")
