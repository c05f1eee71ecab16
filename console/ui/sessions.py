"""The console sessions of this process: each browser tab has one, and finds it again.

A session outlives the page: after a reload or a lost line the tab comes back to it. When nobody
comes back within the grace time, the line to the server is closed and the session is forgotten.
"""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

from console import tasks
from console.app.backend import Backend
from console.app.local_sound import usable_sound
from console.app.shared_sources import SharedSources
from console.app.view_model import Notice
from console.audio.devices import DeviceWatch
from console.clock import Clock, SystemClock
from console.settings import Settings
from console.ui.console_session import ConsoleSession

GRACE_S = 30.0
_TAB_KEY = "session_id"


class SessionRegistry:
    """All sessions of the process, by id."""

    def __init__(
        self,
        backend: Backend,
        settings: Settings,
        *,
        clock: Clock | None = None,
        remark: str = "",
    ) -> None:
        """Begin without sessions.

        Args:
            backend: Whom they talk to.
            settings: Of the console.
            clock: Time.
            remark: What users should know of the sound that was chosen for them.
        """
        self._backend = backend
        self._remark = remark
        self._settings = settings
        self._clock = clock or SystemClock()
        kind, self._no_local_sound = usable_sound(settings.audio)
        self._devices = DeviceWatch() if kind == "local" else None
        self._shared = SharedSources(settings)
        self._sessions: dict[str, ConsoleSession] = {}
        self._farewells: dict[str, asyncio.Task[None]] = {}

    def get(self, session_id: str) -> ConsoleSession | None:
        """Return a session that has not ended."""
        return self._sessions.get(session_id)

    def session_for(self, tab: MutableMapping[str, Any]) -> ConsoleSession:
        """Return the session of a browser tab, a new one at its first visit.

        Args:
            tab: What belongs to the tab and outlives a reload; the id is kept in it.
        """
        session = self._sessions.get(tab.get(_TAB_KEY, ""))
        if session is None:
            session = self._open()
            tab[_TAB_KEY] = session.session_id
        return session

    async def close(self) -> None:
        """End all sessions."""
        for task in tuple(self._farewells.values()):
            await tasks.cancel(task)
        sessions = list(self._sessions.values())
        self._sessions.clear()
        await asyncio.gather(*(each.close() for each in sessions))
        await self._shared.close()

    def _open(self) -> ConsoleSession:
        session = ConsoleSession(
            self._backend, self._settings, self._clock, self._devices, self._shared
        )
        if self._remark:
            session.view.add_notice(Notice("window", "info", self._remark))
            session.sound.remark("window", [self._remark])
        if self._no_local_sound:
            session.view.add_notice(Notice("sound", "warning", self._no_local_sound))
            session.sound.remark("machine", [self._no_local_sound])
        session_id = session.session_id
        self._sessions[session_id] = session
        session.channel.connected.connect(lambda _: self._arrived(session_id))
        session.channel.closed.connect(lambda _: self._left(session_id))
        self._left(session_id)  # until its channel opens
        return session

    def _arrived(self, session_id: str) -> None:
        if (task := self._farewells.pop(session_id, None)) is not None:
            task.cancel()

    def _left(self, session_id: str) -> None:
        self._arrived(session_id)
        self._farewells[session_id] = tasks.spawn(
            self._say_farewell(session_id), name="session grace time"
        )

    async def _say_farewell(self, session_id: str) -> None:
        await self._clock.sleep(GRACE_S)
        self._farewells.pop(session_id, None)
        if (session := self._sessions.pop(session_id, None)) is not None:
            await session.close()
