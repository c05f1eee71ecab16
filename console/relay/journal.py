"""The log of sessions, one JSON object a line: who, how long, how much; never what was said."""

from __future__ import annotations

import logging
from collections import Counter
from typing import Any, Final

from pythonjsonlogger.json import JsonFormatter

from console.clock import Clock
from console.relay.observer import Direction, End, Observer, PassedEvent, SessionFacts, Spending
from console.scrubber import scrubber

logger = logging.getLogger("console.relay.journal")

_RENAMED: Final = {"levelname": "level", "name": "logger", "asctime": "time"}


def json_lines() -> logging.Formatter:
    """Return what writes a log record as a line of JSON, with its extra fields."""
    return JsonFormatter(
        "%(asctime)s %(levelname)s %(name)s %(message)s",
        rename_fields=_RENAMED,
        datefmt="%Y-%m-%dT%H:%M:%S%z",
    )


def begin(root: logging.Logger) -> None:
    """Let all handlers of a logger write lines of JSON, and the journal be in them.

    It is there whatever is left out of the rest, unless only errors are wanted.
    """
    for handler in root.handlers:
        handler.setFormatter(json_lines())
    logger.setLevel(logging.INFO if root.level < logging.ERROR else logging.ERROR)


class _Entry:
    """What is known of one session."""

    def __init__(self, facts: SessionFacts, began_s: float) -> None:
        self.facts = facts
        self.began_s = began_s
        self.n_events: Counter[str] = Counter()
        self.n_bytes: Counter[str] = Counter()
        self.n_dropped: Counter[str] = Counter()
        self.n_refused: Counter[str] = Counter()
        self.dollars = 0.0


class Journal(Observer):
    """Writes one line when a session begins and one when it ends."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: dict[str, _Entry] = {}

    def session_opened(self, facts: SessionFacts) -> None:
        """Write that a session has begun."""
        self._entries[facts.id] = _Entry(facts, self._clock.now_s())
        logger.info("session opened", extra=_fields(facts))

    def event_passed(self, passed: PassedEvent) -> None:
        """Count an event."""
        if (entry := self._entries.get(passed.session_id)) is not None:
            entry.n_events[passed.direction] += 1
            entry.n_bytes[passed.direction] += passed.size_bytes

    def event_refused(self, session_id: str, event: dict[str, Any], code: str) -> None:
        """Count a refusal by its code."""
        if (entry := self._entries.get(session_id)) is not None:
            entry.n_refused[code] += 1

    def audio_dropped(
        self, session_id: str, direction: Direction, n_events: int, size_bytes: int
    ) -> None:
        """Count what was given up."""
        if (entry := self._entries.get(session_id)) is not None:
            entry.n_dropped[direction] += n_events

    def session_spent(self, session_id: str, spending: Spending) -> None:
        """Add what was spent."""
        if (entry := self._entries.get(session_id)) is not None:
            entry.dollars += spending.cost.dollars

    def session_closed(self, session_id: str, code: int, reason: str, side: End) -> None:
        """Write how a session has ended, and what it was."""
        if (entry := self._entries.pop(session_id, None)) is None:
            return
        logger.info(
            "session closed",
            extra={
                **_fields(entry.facts),
                "code": code,
                "reason": scrubber.clean(reason),
                "side": side,
                "seconds": round(self._clock.now_s() - entry.began_s, 3),
                "up_events": entry.n_events["up"],
                "down_events": entry.n_events["down"],
                "up_bytes": entry.n_bytes["up"],
                "down_bytes": entry.n_bytes["down"],
                "dropped": dict(entry.n_dropped),
                "refused": dict(entry.n_refused),
                "dollars": round(entry.dollars, 6),
            },
        )

    def client_turned_away(self, code: str) -> None:
        """Write that somebody got no session."""
        logger.info("client turned away", extra={"code": code})


def _fields(facts: SessionFacts) -> dict[str, Any]:
    asked = {"asked_model": scrubber.clean(facts.asked_model)} if facts.asked_model else {}
    return {
        "session": facts.name_in_log,
        "token": facts.token,
        "address": facts.address,
        "agent": scrubber.clean(facts.agent),
        "dialect": facts.dialect,
        "model": facts.model,
        **asked,
        "upstream": facts.upstream,
    }
