"""The sessions of relays that the owner watches in this console, and the pages that show them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from console import tasks
from console.app.conversation_view import ConversationView
from console.app.event_log import EventLog
from console.app.observed_session import ObservedSession
from console.app.relay_watch import RelayWatch
from console.app.view_changes import ViewChanges
from console.app.view_model import ViewModel
from console.audio.ports import AudioSink
from console.client.relay_sessions import RelaySessions
from console.clock import Clock, SystemClock
from console.errors import ConnectError
from console.realtime.observed import ListedSession
from console.settings import Settings
from console.ui.door.people import Person
from console.ui.grace_times import GraceTimes
from console.ui.session_channel import SessionChannel

MAX_WATCHED: Final = 20
"""Beyond it the oldest is given up."""


@dataclass(frozen=True, slots=True)
class RelayList:
    """What one relay says of its sessions."""

    relay: int
    """Which, as `watch` wants it."""
    where: str
    sessions: tuple[ListedSession, ...] = ()
    problem: str = ""
    """Why they are not known, in a sentence."""


class WatchedRelaySession:
    """One session of a relay as a page and its channel see it; a `ShownSession`."""

    def __init__(self, relay: RelaySessions, session: ListedSession, clock: Clock) -> None:
        self._session_id = secrets.token_urlsafe(32)
        changes = ViewChanges()
        self.changed = changes.told
        """Tells the parts of `view` that changed."""
        self._watch = RelayWatch(
            relay, session, new_sink=self._new_sink, on_change=changes.note, clock=clock
        )
        self._running: asyncio.Task[None] | None = None

    @property
    def session_id(self) -> str:
        """The name in URLs; it cannot be guessed."""
        return self._session_id

    @property
    def view(self) -> ViewModel:
        """What the page shows."""
        return self._watch.view

    @property
    def log(self) -> EventLog:
        """The events."""
        return self._watch.observed.log

    @property
    def conversation(self) -> ConversationView:
        """The conversation."""
        return self._watch.observed.view

    def begin(self) -> None:
        """Begin to watch."""
        self._running = tasks.spawn(self._watch.run(), name="watch a relay's session")

    async def close(self) -> None:
        """Watch no more."""
        await tasks.cancel(self._running)
        await self.channel.close()

    def _new_sink(self, session: ObservedSession) -> AudioSink:
        self.channel = SessionChannel(session.feed)
        return self.channel.sink


class RelayWatches:
    """What the owner watches."""

    def __init__(self, relays: Sequence[RelaySessions], *, clock: Clock | None = None) -> None:
        """Watch nothing yet.

        Args:
            relays: Whose sessions can be watched.
            clock: Time.
        """
        self._relays = tuple(relays)
        self._clock = clock or SystemClock()
        self._watched: dict[str, WatchedRelaySession] = {}
        self._grace = GraceTimes(self._clock, self._forget)
        """How long a session is watched that no page shows any more: it may be reloading."""

    @classmethod
    def of(cls, settings: Settings) -> RelayWatches:
        """Return those of the relays that the settings name."""
        urls = [each for each in settings.watch.split(",") if each]
        return cls([RelaySessions(each, settings.operator_token) for each in urls])

    def __bool__(self) -> bool:
        """Return whether there is any relay to watch."""
        return bool(self._relays)

    async def lists(self) -> list[RelayList]:
        """Ask all relays for their sessions, at the same time."""
        return list(
            await asyncio.gather(*(self._list(n, each) for n, each in enumerate(self._relays)))
        )

    async def watch(
        self, relay: int, session_id: str, person: Person
    ) -> WatchedRelaySession | None:
        """Begin to watch a session; None for others than the owner, and where there is none."""
        if not person.is_owner or not 0 <= relay < len(self._relays):
            return None
        found = await self._list(relay, self._relays[relay])
        session = next((each for each in found.sessions if each.id == session_id), None)
        if session is None:
            return None
        watched = WatchedRelaySession(self._relays[relay], session, self._clock)
        self._watched[watched.session_id] = watched
        watched.channel.connected.connect(lambda _: self._grace.is_back(watched.session_id))
        watched.channel.closed.connect(lambda _: self._grace.left(watched.session_id))
        self._grace.left(watched.session_id)  # until its channel opens
        watched.begin()
        while len(self._watched) > MAX_WATCHED:
            await self._forget(next(iter(self._watched)))
        return watched

    def own(self, session_id: str, person: Person) -> WatchedRelaySession | None:
        """Return what is watched under a name, to the owner."""
        return self._watched.get(session_id) if person.is_owner else None

    async def close(self) -> None:
        """Watch nothing any more."""
        await self._grace.close()
        for session_id in tuple(self._watched):
            await self._forget(session_id)

    async def _list(self, relay: int, sessions: RelaySessions) -> RelayList:
        try:
            return RelayList(relay, sessions.where, tuple(await sessions.listed()))
        except ConnectError as error:
            return RelayList(relay, sessions.where, problem=str(error))

    async def _forget(self, session_id: str) -> None:
        if (watched := self._watched.pop(session_id, None)) is not None:
            self._grace.is_back(session_id)
            await watched.close()
