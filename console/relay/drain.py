"""The end of a relay that lets its sessions finish what they are in the middle of."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from typing import Final, Protocol

from console import tasks
from console.clock import Clock
from console.realtime.fields import text
from console.realtime.refusal import Refusal
from console.relay.observer import End, Observer, PassedEvent

logger = logging.getLogger(__name__)

NOTICE_S: Final = 1.0
"""How long a session in which nothing goes on may read that the relay ends."""
STOPPING: Final = "relay_stopping"
"""Code of the notice, and reason of the close."""
GOING_AWAY: Final = 1001
_SENTENCE: Final = (
    "This relay is about to end. Connect again now: another one, or the next, takes you. "
    "An answer under way is still finished if it takes no longer than {seconds:g} s."
)


class DrainedSession(Protocol):
    """A session that is to end."""

    @property
    def is_answering(self) -> bool:
        """Whether a response goes on."""

    def tell(self, refusal: Refusal) -> None:
        """Tell the client something as an `error` event."""

    def end(self, code: int, reason: str) -> None:
        """End both sides; returns at once."""


class DrainedServer(Protocol):
    """A relay that is to end."""

    @property
    def sessions(self) -> Collection[DrainedSession]:
        """What goes on."""

    def stop_accepting(self) -> None:
        """Let nobody in any more."""


class Drain(Observer):
    """Ends sessions at a moment at which nothing is lost, or when there is no more time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._changed = asyncio.Event()

    async def run(self, server: DrainedServer, longest_s: float) -> None:
        """End all sessions; returns when there are none, or when the time is over.

        Args:
            server: Whose sessions.
            longest_s: How long answers under way may take.
        """
        server.stop_accepting()
        ends_s = self._clock.now_s() + longest_s
        told = Refusal(_SENTENCE.format(seconds=longest_s), code=STOPPING, kind="server_error")
        for session in list(server.sessions):
            session.tell(told)
        if server.sessions:
            logger.info("the relay ends; %d sessions are being finished", len(server.sessions))
            await self._wait(server, min(NOTICE_S, longest_s))
        while server.sessions and self._clock.now_s() < ends_s:
            for session in list(server.sessions):
                if not session.is_answering:
                    session.end(GOING_AWAY, STOPPING)
            await self._wait_for_change(ends_s - self._clock.now_s())
        for session in list(server.sessions):
            session.end(GOING_AWAY, STOPPING)

    def event_passed(self, passed: PassedEvent) -> None:
        """Look again when an answer has ended."""
        if passed.direction == "down" and text(passed.event, "type") == "response.done":
            self._changed.set()

    def session_closed(self, session_id: str, code: int, reason: str, side: End) -> None:
        """Look again when a session has ended."""
        self._changed.set()

    async def _wait(self, server: DrainedServer, for_s: float) -> None:
        """Wait for a time, or until there are no sessions."""
        ends_s = self._clock.now_s() + for_s
        while server.sessions and (left_s := ends_s - self._clock.now_s()) > 0:
            await self._wait_for_change(left_s)

    async def _wait_for_change(self, at_most_s: float) -> None:
        # Cleared afterwards: what has changed before is looked at once more, and nothing is missed.
        await tasks.run_until_first_ends(
            self._changed.wait(), self._clock.sleep(at_most_s), name="drain"
        )
        self._changed.clear()
