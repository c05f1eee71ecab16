"""The sessions that go on, as numbers, for the operator's page and for those who watch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from console.clock import Clock
from console.realtime.observed import ListedSession
from console.relay.observer import Direction, End, Observer, PassedEvent, SessionFacts, Spending

MAX_ENDED: Final = 10
"""So many sessions that have ended are shown, too."""


@dataclass(slots=True)
class _Sums:
    up_events: int = 0
    up_bytes: int = 0
    down_events: int = 0
    down_bytes: int = 0
    refused: int = 0
    dropped: int = 0
    dollars: float = 0.0
    is_estimate: bool = False


@dataclass(slots=True)
class _Session:
    facts: SessionFacts
    began_s: float
    sums: _Sums = field(default_factory=_Sums)
    lasted_s: float = 0.0
    ended: str = ""


class SessionTable(Observer):
    """Counts what each session does."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sessions: dict[str, _Session] = {}

    def rows(self) -> list[ListedSession]:
        """Return the sessions, the newest first; those that have ended come last."""
        now_s = self._clock.now_s()
        newest_first = reversed(self._sessions.values())
        return [
            _row(each, now_s) for each in sorted(newest_first, key=lambda each: each.ended != "")
        ]

    def session_opened(self, facts: SessionFacts) -> None:
        """Add a session."""
        self._sessions[facts.id] = _Session(facts, self._clock.now_s())

    def event_passed(self, passed: PassedEvent) -> None:
        """Count an event."""
        if (session := self._sessions.get(passed.session_id)) is None:
            return
        sums = session.sums
        if passed.direction == "up":
            sums.up_events += 1
            sums.up_bytes += passed.size_bytes
        else:
            sums.down_events += 1
            sums.down_bytes += passed.size_bytes

    def event_refused(self, session_id: str, event: dict[str, Any], code: str) -> None:
        """Count a refusal."""
        if (session := self._sessions.get(session_id)) is not None:
            session.sums.refused += 1

    def audio_dropped(
        self, session_id: str, direction: Direction, n_events: int, size_bytes: int
    ) -> None:
        """Count what was given up."""
        if (session := self._sessions.get(session_id)) is not None:
            session.sums.dropped += n_events

    def session_spent(self, session_id: str, spending: Spending) -> None:
        """Add what was spent."""
        if (session := self._sessions.get(session_id)) is not None:
            session.sums.dollars += spending.cost.dollars
            session.sums.is_estimate |= spending.cost.is_estimate

    def session_closed(self, session_id: str, code: int, reason: str, side: End) -> None:
        """Mark a session as ended, and forget the oldest of those."""
        if (session := self._sessions.get(session_id)) is None:
            return
        session.lasted_s = self._clock.now_s() - session.began_s
        session.ended = f"by the {side}, {code} {reason}".rstrip()
        # Put last, so that the order is the one in which they have ended.
        self._sessions[session_id] = self._sessions.pop(session_id)
        ended = [key for key, each in self._sessions.items() if each.ended]
        for key in ended[:-MAX_ENDED]:
            del self._sessions[key]


def _row(session: _Session, now_s: float) -> ListedSession:
    facts, sums = session.facts, session.sums
    return ListedSession(
        id=facts.id,
        token=facts.token,
        address=facts.address,
        agent=facts.agent,
        dialect=facts.dialect,
        model=facts.model,
        asked_model=facts.asked_model,
        upstream=facts.upstream,
        started_s=facts.started_wall_s,
        seconds=session.lasted_s if session.ended else now_s - session.began_s,
        up_events=sums.up_events,
        up_bytes=sums.up_bytes,
        down_events=sums.down_events,
        down_bytes=sums.down_bytes,
        refused=sums.refused,
        dropped=sums.dropped,
        dollars=sums.dollars,
        is_estimate=sums.is_estimate,
        ended=session.ended,
    )
