"""The client's events on their way into the log, also those of an attempt that may come to nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Final

from console.app.event_log import EventLog
from console.app.event_summary import UNREADABLE
from console.app.session_feed import SessionFeed
from console.client.client import RealtimeClient
from console.client.happenings import ErrorReport, RealtimeEvent
from console.client.inbox import MAX_RAW_BYTES
from console.clock import Clock
from console.realtime.events import Event

_SHOWN_BYTES: Final = 200


class EventRecord:
    """Puts every event into the log, in both directions.

    While a connection is begun it is not known whether the log starts anew with a session; what
    comes until then is held back, and keeps its time.
    """

    def __init__(self, log: EventLog, feed: SessionFeed, clock: Clock) -> None:
        self._log = log
        self._feed = feed
        self._clock = clock
        self._held_back: list[tuple[float, RealtimeEvent]] | None = None

    def follow(self, client: RealtimeClient) -> None:
        """Record the events of `client` from now on."""
        self._log.where = client.target.public_url
        client.on("realtime.event", self._event)
        client.on("conversation.cleared", self._cleared)
        client.on("error", self._error)

    @contextlib.contextmanager
    def holding_back(self) -> Iterator[None]:
        """Hold events back while a connection is begun; they follow at the end, however it goes."""
        self._held_back = []
        try:
            yield
        finally:
            held_back, self._held_back = self._held_back, None
            for at_s, event in held_back or ():
                self._note(at_s, event)

    def _event(self, event: RealtimeEvent) -> None:
        if self._held_back is not None:
            self._held_back.append((self._clock.now_s(), event))
            return
        self._note(self._clock.now_s(), event)

    def _note(self, at_s: float, event: RealtimeEvent) -> None:
        self._log.add(at_s, event.source, event.event, event.size_bytes)
        if self._log.began_wall_s is None:
            self._log.began_wall_s = self._clock.wall_s() - (self._clock.now_s() - at_s)
        self._feed.touch()

    def _cleared(self, _: None) -> None:
        self._log.clear()
        self._feed.touch()

    def _error(self, report: ErrorReport) -> None:
        if report.code == "bad_message":
            # It was no event, so nothing else puts it into the list.
            raw = report.raw or b""
            shown = raw[:_SHOWN_BYTES].decode(errors="replace")
            unreadable = Event(UNREADABLE, fields={"message": report.message, "begins": shown})
            # Of a long one only the beginning is here, and its size is not known.
            size_bytes = len(raw) if len(raw) < MAX_RAW_BYTES else 0
            self._log.add(self._clock.now_s(), "server", unreadable, size_bytes)
            self._feed.touch()
