"""A session as observers are told of it."""

from dataclasses import replace
from typing import Any

from console.relay.observer import Direction, PassedEvent, SessionFacts

FACTS = SessionFacts(
    id="session-one-and-more",
    token="shop",
    address="192.0.2.7",
    dialect="ga",
    model="gpt-realtime-2.1",
    upstream="service.example",
    started_wall_s=1_750_000_000.0,
    agent="app/1.0",
)


def facts(session_id: str, **changed: Any) -> SessionFacts:
    """Return those of another session."""
    return replace(FACTS, id=session_id, **changed)


def passed(
    direction: Direction,
    event: dict[str, Any],
    size_bytes: int = 1,
    received_s: float = 0.0,
    sent_s: float = 0.0,
    session_id: str = FACTS.id,
) -> PassedEvent:
    """Return what observers are told of an event that went on."""
    return PassedEvent(session_id, direction, event, size_bytes, received_s, sent_s)
