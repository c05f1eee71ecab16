"""Who is here: what a visitor may know of the sessions, and do about them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from console.app.view_model import Phase
from console.signals import Signal
from console.ui.console_session import ConsoleSession
from console.ui.sessions import SessionRegistry
from console.ui.visits import Visit

_PHASES = {
    Phase.DISCONNECTED: "Not connected",
    Phase.CONNECTING: "Connecting",
    Phase.CONNECTED: "Connected",
    Phase.RECONNECTING: "Reconnecting",
}


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session, as the host sees it."""

    watch_id: str
    who: str
    """What the host calls it: "Guest 2", and another of theirs "Guest 2, tab 2"."""
    where: str
    """Address and browser."""
    state: str
    n_watchers: int
    is_own: bool
    """Whether it is the session of this very page."""
    is_guest: bool
    phase: Phase = Phase.DISCONNECTED
    """Where the connection stands, also of a page that is closed."""
    is_there: bool = True
    """Whether its page is open."""
    connected_at_s: float | None = None
    """When the session began, on the clock that nobody sets; None when not connected."""


class People:
    """The sessions of the process, in the hands of one visitor."""

    def __init__(
        self, registry: SessionRegistry, session: ConsoleSession, visit: Visit, base_url: str
    ) -> None:
        """Show what this visitor may see.

        Args:
            registry: All sessions.
            session: Of the visitor.
            visit: Who they are.
            base_url: Where others reach the console: scheme, host and port.
        """
        self._registry = registry
        self._session = session
        self._visit = visit
        self._base_url = base_url

    @property
    def changed(self) -> Signal[None]:
        """Told whenever rows or watchers have changed."""
        return self._registry.changed

    @property
    def is_host(self) -> bool:
        """Whether the visitor may see and end the sessions of others."""
        return self._visit.person.is_owner

    @property
    def n_watchers(self) -> int:
        """How many watch the visitor's session."""
        return self._session.watchers.n_watchers

    def watch_link(self) -> str:
        """Return the link by which others watch the visitor's session."""
        return self._registry.watch_link(self._session, self._base_url)

    def rows(self) -> list[SessionRow]:
        """Return all sessions for the host, that of this page first, then hosts', then guests'; none for anybody else."""
        if not self.is_host:
            return []
        rows, seen = [], Counter[str]()
        for visit, session in self._registry.visits():
            seen[visit.person.id] += 1
            rows.append(self._row(visit, session, seen[visit.person.id]))
        return sorted(rows, key=lambda each: (not each.is_own, each.is_guest))

    async def end(self, watch_id: str) -> None:
        """End a session; its user keeps what was said. Ignored for anybody but the host."""
        if (session := self._of_host(watch_id)) is not None:
            await self._registry.end(session)

    def shut_out(self, watch_id: str) -> None:
        """End all sessions of a guest, who does not come in again without a link."""
        session = self._of_host(watch_id)
        for visit, each in self._registry.visits():
            if each is session and not visit.person.is_owner:
                self._registry.shut_out(visit.person)

    def _of_host(self, watch_id: str) -> ConsoleSession | None:
        return self._registry.watched(watch_id, self._visit.person) if self.is_host else None

    def _row(self, visit: Visit, session: ConsoleSession, tab: int) -> SessionRow:
        name = self._registry.name_of(visit.person)
        return SessionRow(
            watch_id=session.watch_id,
            who=name if tab == 1 else f"{name}, tab {tab}",
            where=", ".join(each for each in (visit.address, visit.browser) if each),
            state=_state(session.view.phase, is_there=session.channel.is_connected),
            is_there=session.channel.is_connected,
            n_watchers=session.watchers.n_watchers,
            is_own=session is self._session,
            is_guest=not visit.person.is_owner,
            phase=session.view.phase,
            connected_at_s=session.view.connected_at_s,
        )


def _state(phase: Phase, *, is_there: bool) -> str:
    if is_there:
        return _PHASES[phase]
    return "Page closed" if phase is Phase.DISCONNECTED else f"{_PHASES[phase]}, page closed"
