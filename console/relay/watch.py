"""Lets an operator watch a session: its events as they come, and nothing in return."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Any, Final

import websockets

from console import tasks
from console.clock import Clock
from console.realtime import observed
from console.realtime.observed import (
    GONE,
    LEFT_OUT,
    Observed,
    ObservedEnd,
    ObservedEvent,
    ObservedNow,
)
from console.relay.history import History
from console.relay.observer import Direction, End, Observer, PassedEvent, SessionFacts
from console.transport import Closed, Transport

MAX_HISTORY_BYTES: Final = 64 * 1024 * 1024
"""Of all sessions together; each has the same share of it."""
MAX_SESSION_BYTES: Final = 4 * 1024 * 1024
MAX_ENDED: Final = 10
"""So many sessions can be looked at after they have ended."""
MAX_WAITING_BYTES: Final = 16 * 1024 * 1024
"""Who is further behind is sent away."""
MAX_WATCHERS: Final = 20
"""Of one session."""
_SOURCES: Final[dict[Direction, observed.Side]] = {"up": "client", "down": "server"}


class _Watcher:
    """One who watches."""

    def __init__(self, line: Transport) -> None:
        self._line = line
        self._queue: asyncio.Queue[tuple[str, bool]] = asyncio.Queue()
        self._n_waiting = 0
        self._is_too_slow = asyncio.Event()

    def put(self, message: str, *, is_last: bool = False) -> None:
        """Let a message be sent, unless too many wait already."""
        if self._n_waiting > MAX_WAITING_BYTES:
            self._is_too_slow.set()
        else:
            self._n_waiting += len(message)
            self._queue.put_nowait((message, is_last))

    async def run(self) -> None:
        """Send what comes until the session or the line ends."""
        with contextlib.suppress(websockets.ConnectionClosed):
            await tasks.run_until_first_ends(
                self._send(), self._read(), self._give_up(), name="watch a session"
            )

    async def _send(self) -> None:
        is_last = False
        while not is_last:
            message, is_last = await self._queue.get()
            await self._line.send(message)
            self._n_waiting -= len(message)
        await self._line.close(1000, "the session has ended")

    async def _read(self) -> None:
        if not isinstance(await self._line.receive(), Closed):
            await self._line.close(1008, "who watches a session does nothing in it")

    async def _give_up(self) -> None:
        await self._is_too_slow.wait()
        await self._line.close(1013, "you read too slowly")


class _Watched:
    """One session."""

    def __init__(self, began_s: float) -> None:
        self.began_s = began_s
        self.history = History()
        self.watchers: set[_Watcher] = set()
        self.end: ObservedEnd | None = None


class Watch(Observer):
    """Remembers sessions, and shows them to those who watch."""

    def __init__(self, clock: Clock, *, may_be_watched: Callable[[], bool]) -> None:
        """Remember nothing yet.

        Args:
            clock: Time.
            may_be_watched: Whether there is anybody who may watch the sessions that begin now;
                of others nothing is remembered.
        """
        self._clock = clock
        self._may_be_watched = may_be_watched
        self._sessions: dict[str, _Watched] = {}
        self._ended: list[str] = []

    async def serve(self, line: Transport, session_id: str) -> None:
        """Show a session on a line until one of them ends."""
        if (session := self._sessions.get(session_id)) is None:
            await line.close(GONE, "there is no such session")
            return
        if len(session.watchers) >= MAX_WATCHERS:
            await line.close(1013, f"{MAX_WATCHERS} watch this session already")
            return
        watcher = _Watcher(line)
        for told in session.history:
            watcher.put(observed.dump(told))
        watcher.put(observed.dump(ObservedNow()))
        if session.end is not None:
            watcher.put(observed.dump(session.end), is_last=True)
        session.watchers.add(watcher)
        try:
            await watcher.run()
        finally:
            session.watchers.discard(watcher)

    def session_opened(self, facts: SessionFacts) -> None:
        """Begin to remember a session."""
        if self._may_be_watched():
            self._sessions[facts.id] = _Watched(self._clock.now_s())

    def event_passed(self, passed: PassedEvent) -> None:
        """Remember an event and show it."""
        if (session := self._sessions.get(passed.session_id)) is not None:
            at_s = max(0.0, passed.received_s - session.began_s)
            source = _SOURCES[passed.direction]
            self._note(session, ObservedEvent(at_s, source, passed.event, passed.size_bytes))

    def event_refused(self, session_id: str, event: dict[str, Any], code: str) -> None:
        """Remember what the client has tried, and show it."""
        if (session := self._sessions.get(session_id)) is not None:
            at_s = self._clock.now_s() - session.began_s
            size = len(observed.dump(ObservedEvent(0.0, "client", event, 0)))
            self._note(session, ObservedEvent(at_s, "client", event, size, refused=code))

    def settings_left_out(self, session_id: str, event_type: str, paths: Sequence[str]) -> None:
        """Show that an event went on without some of what it said; its client is not told."""
        if (session := self._sessions.get(session_id)) is not None:
            at_s = self._clock.now_s() - session.began_s
            told = {"type": LEFT_OUT, "event": event_type, "left_out": list(paths)}
            self._note(session, ObservedEvent(at_s, "server", told, len(str(told))))

    def session_closed(self, session_id: str, code: int, reason: str, side: End) -> None:
        """Tell those who watch, and forget the session that ended long ago."""
        if (session := self._sessions.get(session_id)) is None:
            return
        words = f"ended by the {side}"
        session.end = ObservedEnd(code, f"{words}: {reason}" if reason else words)
        self._show(session, session.end, is_last=True)
        self._ended.append(session_id)
        for old in self._ended[:-MAX_ENDED]:
            del self._sessions[old]
        del self._ended[:-MAX_ENDED]

    def _note(self, session: _Watched, event: ObservedEvent) -> None:
        share = MAX_HISTORY_BYTES // len(self._sessions)
        session.history.add(event, min(MAX_SESSION_BYTES, share))
        if session.watchers:
            self._show(session, event)

    def _show(self, session: _Watched, told: Observed, *, is_last: bool = False) -> None:
        message = observed.dump(told)
        for watcher in session.watchers:
            watcher.put(message, is_last=is_last)
