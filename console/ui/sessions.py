"""The console sessions of this process: each browser tab has one, and finds it again.

A session outlives the page: after a reload or a lost line the tab comes back to it. When nobody
comes back within the grace time, the line to the server is closed and the session is forgotten.

A session belongs to the person who opened it. Others get at nothing of it, unless they were given
the link to watch it; whoever started the console may watch all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

from console.app.backend import Backend
from console.app.kept_memory import KeptMemories
from console.app.local_sound import usable_sound
from console.app.microphone_lease import MicrophoneLease
from console.app.own_tools import OwnTools
from console.app.shared_sources import SharedSources
from console.app.spending.budget import Budget
from console.app.spending.caps import OWNER, Payer
from console.app.view_model import Notice, Part
from console.audio.devices import DeviceWatch
from console.clock import Clock, SystemClock
from console.settings import Settings
from console.signals import Signal
from console.ui.console_session import ConsoleSession
from console.ui.door.door import Door
from console.ui.door.people import Person
from console.ui.grace_times import GraceTimes
from console.ui.visits import Visit, Visitors

ENDED_BY_HOST: Final = (
    "The host has ended your session. What you see stays until the next one begins."
)
MAX_SESSIONS_OF_A_PERSON: Final = 20
_TAB_KEY: Final = "session_id"


class TooManySessionsError(Exception):
    """Somebody has as many sessions open as one may have."""


class SessionRegistry:
    """All sessions of the process, by id."""

    def __init__(
        self,
        backend: Backend,
        settings: Settings,
        own_tools: OwnTools | None = None,
        memories: KeptMemories | None = None,
        *,
        door: Door | None = None,
        budget: Budget | None = None,
        clock: Clock | None = None,
        remark: str = "",
    ) -> None:
        """Begin without sessions.

        Args:
            backend: Whom they talk to.
            settings: Of the console.
            own_tools: The tools of the host; closed by whoever has made them.
            memories: What people keep; likewise.
            door: Who lets people in.
            budget: What all of them may cost; closed with the registry.
            clock: Time.
            remark: What users should know of the sound that was chosen for them.
        """
        self.changed: Signal[None] = Signal("sessions changed")
        """A session was opened or ended, is watched by more or fewer, or its tab came or went."""
        self._backend = backend
        self._remark = remark
        self._settings = settings
        self._clock = clock or SystemClock()
        self._door = door or Door(clock=self._clock)
        kind, self._no_local_sound = usable_sound(settings.audio)
        self._devices = DeviceWatch() if kind == "local" else None
        self._shared = SharedSources(settings)
        self._own_tools = own_tools or OwnTools()
        self._memories = memories or KeptMemories()
        self._budget = budget or Budget.open(settings, None, self._clock)
        self._machine_lease = MicrophoneLease()
        self._leases: dict[str, MicrophoneLease] = {}
        self._sessions: dict[str, ConsoleSession] = {}
        self._watched: dict[str, ConsoleSession] = {}
        self._visits = Visitors()
        self._grace = GraceTimes(self._clock, self._forget)
        self._door.revoked.connect(self._shut_out)

    # Who finds which

    def own(self, session_id: str, person: Person) -> ConsoleSession | None:
        """Return a session that has not ended, to the person whose it is."""
        session = self._sessions.get(session_id)
        return session if session is not None and self._visits.is_of(session_id, person) else None

    def watched(self, watch_id: str, person: Person) -> ConsoleSession | None:
        """Return a session to somebody who may watch it, also while it waits for its beginning."""
        session = self._watched.get(watch_id)
        if session is None:
            return None
        is_own = self._visits.is_of(session.session_id, person)
        return session if is_own or self._door.may_watch(person, watch_id) else None

    def to_watch(self, watch_id: str, person: Person) -> ConsoleSession | None:
        """Return likewise one that there is something to see of."""
        session = self.watched(watch_id, person)
        return None if session is None or session.watching.is_waiting else session

    def shown(self, session_or_watch_id: str, person: Person) -> ConsoleSession | None:
        """Return a session to somebody who may read it, by whichever of its names."""
        return self.own(session_or_watch_id, person) or self.to_watch(session_or_watch_id, person)

    def session_for(self, tab: MutableMapping[str, Any], visit: Visit) -> ConsoleSession:
        """Return the session of a browser tab, a new one at its first visit.

        Args:
            tab: What belongs to the tab and outlives a reload; the id is kept in it.
            visit: Who has come with the tab, and from where.

        Raises:
            TooManySessionsError: They have too many already.
        """
        session = self.own(tab.get(_TAB_KEY, ""), visit.person)
        if session is None:
            if self._visits.count(visit.person) >= MAX_SESSIONS_OF_A_PERSON:
                raise TooManySessionsError
            session = self._open(visit)
            tab[_TAB_KEY] = session.session_id
        return session

    def has_session_of(self, tab: Mapping[str, Any]) -> bool:
        """Return whether the session of a browser tab goes on, whoever has it."""
        return tab.get(_TAB_KEY) in self._sessions

    # For whoever started the console

    def visits(self) -> list[tuple[Visit, ConsoleSession]]:
        """Return all sessions with whose they are, in the order in which they were opened."""
        return [(self._visits.of(each), session) for each, session in self._sessions.items()]

    def name_of(self, person: Person) -> str:
        """Return what the host calls somebody: "Guest 2"."""
        return self._visits.name(person)

    def whose(self, session: ConsoleSession) -> str:
        """Return what the host calls whoever has a session."""
        return self._visits.name(self._visits.of(session.session_id).person)

    def watch_link(self, session: ConsoleSession, base_url: str) -> str:
        """Return the link by which others watch a session."""
        link = self._visits.watch_link(session, self._door)
        return link.at(base_url, f"/watch-{session.watch_id}")

    async def end(self, session: ConsoleSession) -> None:
        """End a session for its user, who keeps what was said and may begin anew."""
        await session.end(ENDED_BY_HOST)
        self.changed.emit(None)

    def shut_out(self, person: Person) -> None:
        """End all sessions of somebody, whose link and cookie open nothing any more."""
        self._door.revoke(person)

    async def close(self) -> None:
        """End all sessions."""
        await self._grace.close()
        sessions = list(self._sessions.values())
        self._sessions.clear()
        self._watched.clear()
        await asyncio.gather(*(each.close() for each in sessions))
        await self._shared.close()
        await self._budget.close()

    def _open(self, visit: Visit) -> ConsoleSession:
        session = ConsoleSession(
            self._backend,
            self._settings,
            self._clock,
            self._devices,
            self._shared,
            payer=_payer(visit),
            budget=self._budget,
            lease=self._lease_for(visit.person),
            own_tools=self._own_tools,
            kept=self._memories.of("" if visit.person.is_owner else visit.person.id),
        )
        self._remark_on(session)
        session_id = session.session_id
        self._sessions[session_id] = self._watched[session.watch_id] = session
        self._visits.opened(session, visit)
        session.channel.connected.connect(lambda _: self._arrived(session_id))
        session.channel.closed.connect(lambda _: self._left(session_id))
        session.watching.changed.connect(lambda _: self.changed.emit(None))
        session.watching.ended.connect(lambda watch_id: self._watched_to_end(session, watch_id))
        session.changed.connect(self._session_changed)
        self._left(session_id)  # until its channel opens
        return session

    def _lease_for(self, person: Person) -> MicrophoneLease:
        # The machine has one microphone for everybody, and each person has one of their own.
        if self._devices is not None:
            return self._machine_lease
        return self._leases.setdefault(person.id, MicrophoneLease())

    def _remark_on(self, session: ConsoleSession) -> None:
        if self._remark:
            session.view.add_notice(Notice("window", "info", self._remark))
            session.sound.choice.remark("window", [self._remark])
        if self._no_local_sound:
            session.view.add_notice(Notice("sound", "warning", self._no_local_sound))
            session.sound.choice.remark("machine", [self._no_local_sound])

    def _watched_to_end(self, session: ConsoleSession, watch_id: str) -> None:
        if self._watched.pop(watch_id, None) is None:
            return  # the tab has gone, and nobody watches what it does no more
        self._watched[session.watch_id] = session
        if (link_id := self._visits.link_ended(session.session_id)) is not None:
            self._door.withdraw(link_id)
        self.changed.emit(None)

    def _session_changed(self, parts: frozenset[Part]) -> None:
        if "connection" in parts:
            self.changed.emit(None)

    def _arrived(self, session_id: str) -> None:
        self._grace.is_back(session_id)
        self.changed.emit(None)

    def _left(self, session_id: str) -> None:
        self._grace.left(session_id)
        self.changed.emit(None)

    async def _forget(self, session_id: str) -> None:
        session = self._sessions.pop(session_id, None)
        if session is None:
            return
        del self._watched[session.watch_id]
        person, link_id = self._visits.closed(session_id)
        if link_id is not None:
            self._door.withdraw(link_id)
        if not self._visits.count(person):
            self._leases.pop(person.id, None)
        self.changed.emit(None)
        await session.close()

    async def _shut_out(self, person: Person) -> None:
        for visit, session in self.visits():
            if visit.person.id == person.id:
                self._grace.is_back(session.session_id)
                await self._forget(session.session_id)


def _payer(visit: Visit) -> Payer:
    # By address: who comes anew, or after a restart, has spent what they have spent.
    if visit.person.is_owner:
        return OWNER
    return Payer(visit.address, is_guest=True, browser=visit.person.id)
