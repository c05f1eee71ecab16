"""The feed of a session that a test plays: a real log of events, and messages as the test has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from console.app.event_log import EventLog
from console.app.event_view import EventView
from console.signals import Signal


class PlayedFeed:
    """The `Feed` of one such session."""

    def __init__(self, log: EventLog) -> None:
        self.log = log
        self.held: list[dict[str, Any]] = []
        """What a page that opens later is told first."""
        self._readers: list[PlayedReader] = []
        self.touched: Signal[None] = Signal("feed touched")

    @property
    def epoch(self) -> int:
        return self.log.epoch

    def touch(self) -> None:
        self.touched.emit(None)

    def tell(self, messages: list[dict[str, Any]]) -> None:
        """Send messages to every page that is open."""
        for reader in self._readers:
            reader.waiting += messages
        self.touch()

    def reader(self) -> PlayedReader:
        reader = PlayedReader(self)
        self._readers.append(reader)
        return reader

    def forget(self, reader: PlayedReader) -> None:
        self._readers.remove(reader)


class PlayedReader(EventView):
    """The `FeedReader` of one page."""

    def __init__(self, feed: PlayedFeed) -> None:
        super().__init__(feed.log)
        self._feed = feed
        self.waiting: list[dict[str, Any]] = []

    def rows(self) -> Sequence[Any]:
        return self.messages()

    def snapshot(self) -> Sequence[Any]:
        return [*self._feed.held, *self.changes()]

    def changes(self) -> Sequence[Any]:
        waiting, self.waiting = self.waiting, []
        return waiting

    def close(self) -> None:
        self._feed.forget(self)
