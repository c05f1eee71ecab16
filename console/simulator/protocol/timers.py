"""What a session does later by itself: it keeps what to do, the server around it the time."""

from __future__ import annotations

from collections.abc import Callable

from console.simulator.protocol.ids import NewId
from console.simulator.protocol.intents import Later
from console.simulator.protocol.outbox import Outbox


class Timers:
    """Actions that wait for their time, each of them a step of the session when it has come."""

    def __init__(self, outbox: Outbox, new_id: NewId) -> None:
        self._outbox = outbox
        self._new_id = new_id
        self._actions: dict[str, Callable[[], None]] = {}

    def after(self, delay_ms: float, action: Callable[[], None]) -> str:
        """Do `action` after `delay_ms`; returns what cancels it."""
        timer_id = self._new_id("timer_")
        self._actions[timer_id] = action
        self._outbox.ask(Later(timer_id, delay_ms))
        return timer_id

    def cancel(self, timer_id: str) -> None:
        """Forget an action; one that is done or forgotten already is fine."""
        self._actions.pop(timer_id, None)

    def due(self, timer_id: str) -> None:
        """Do what was to be done now, unless it has been cancelled."""
        if (action := self._actions.pop(timer_id, None)) is not None:
            action()
