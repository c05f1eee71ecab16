"""Looks after an open session: its end by the clock, and a machine that has slept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

from console import tasks
from console.client.happenings import RealtimeEvent, SessionExpiring
from console.clock import Clock
from console.signals import Signal

WARN_SHARE: Final = 1 / 12
"""Of the session's length: 5 of 60 minutes before its end."""
MOVE_SHARE: Final = 1 / 6
"""Of the session's length: from 10 of 60 minutes before its end a turn's end is waited for."""
LOOK_AGAIN_S: Final = 60.0
"""The end may come nearer while the machine sleeps, so a long wait is cut in pieces."""
MOVE_AGAIN_S: Final = 15.0
"""After a move that failed."""
SLEPT_S: Final = 10.0
"""If the wall clock goes so much further than ours, the machine has slept."""
CHECK_SLEEP_S: Final = 5.0
PONG_AFTER_SLEEP_S: Final = 3.0


class SessionWatch:
    """Runs beside one session, from `start` to `stop`."""

    def __init__(
        self,
        *,
        clock: Clock,
        events: Signal[RealtimeEvent],
        on_expiring: Callable[[SessionExpiring], None],
        is_quiet: Callable[[], bool],
        move: Callable[[], Awaitable[bool]] | None,
        ping: Callable[[float], Awaitable[bool]],
        on_dead: Callable[[], None],
    ) -> None:
        """Prepare to watch.

        Args:
            clock: Time.
            events: Everything on the wire: after each event, quiet may have come.
            on_expiring: Told when the end is near; before that also when a move is about to come.
            is_quiet: Whether the session may be moved now.
            move: Moves the session; returns whether it did. None: it is not to be moved.
            ping: Whether the server answers within a time.
            on_dead: Told when it does not, after the machine has slept.
        """
        self._clock = clock
        self._events = events
        self._on_expiring = on_expiring
        self._is_quiet = is_quiet
        self._move = move
        self._ping = ping
        self._on_dead = on_dead
        self._ends_s = 0.0
        self._running: list[asyncio.Task[None]] = []

    def start(self, expires_at_s: float | None) -> None:
        """Begin to watch a session.

        Args:
            expires_at_s: When the server ends it, in seconds since 1970; None: it does not say.
        """
        self._spawn(self._watch_for_sleep(), "watch for sleep")
        length_s = (expires_at_s or 0.0) - self._clock.wall_s()
        if expires_at_s is None or length_s <= 0:
            # Either it does not end by itself, or one of the two clocks is wrong.
            return
        # On the clock that nobody sets: a wall clock that jumps makes no session older.
        self._ends_s = self._clock.now_s() + length_s
        self._spawn(self._warn(length_s * WARN_SHARE), "warn of the session's end")
        if self._move is not None:
            moving = self._move_in_time(self._move, length_s * MOVE_SHARE)
            self._spawn(moving, "move the session")

    def stop(self) -> None:
        """Watch no longer. The task that calls this, if it is one of ours, goes on."""
        current = asyncio.current_task()
        for task in self._running:
            if task is not current:
                task.cancel()
        self._running.clear()

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._running.append(tasks.spawn(work, name=name))

    def _left_s(self) -> float:
        return self._ends_s - self._clock.now_s()

    async def _until_left(self, lead_s: float) -> None:
        while (wait_s := self._left_s() - lead_s) > 0:
            await self._clock.sleep(min(wait_s, LOOK_AGAIN_S))

    async def _warn(self, lead_s: float) -> None:
        await self._until_left(lead_s)
        self._announce(".")

    def _announce(self, rest: str) -> None:
        left_s = max(0.0, self._left_s())
        self._on_expiring(SessionExpiring(left_s, f"The session ends in {_duration(left_s)}{rest}"))

    async def _move_in_time(self, move: Callable[[], Awaitable[bool]], lead_s: float) -> None:
        await self._until_left(lead_s)
        # Whoever is quiet is moved at once, long before the last warning.
        self._announce("; at the next pause it goes on in a new one.")
        while True:
            while not self._is_quiet():
                # Quiet comes with an event, or when an answer is not expected any longer.
                await tasks.run_until_first_ends(
                    self._events.wait(), self._clock.sleep(1.0), name="wait for quiet"
                )
            if await move():
                return
            await self._clock.sleep(MOVE_AGAIN_S)

    async def _watch_for_sleep(self) -> None:
        while True:
            before_s = self._clock.wall_s() - self._clock.now_s()
            await self._clock.sleep(CHECK_SLEEP_S)
            slept_s = self._clock.wall_s() - self._clock.now_s() - before_s
            if slept_s <= SLEPT_S:
                continue
            if not await self._ping(PONG_AFTER_SLEEP_S):
                self._on_dead()
                return
            if slept_s < self._left_s():
                # Our clock stood still meanwhile, the server's did not. Further than the session's
                # end nobody sleeps while it goes on: then somebody has set the wall clock.
                self._ends_s -= slept_s


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes >= 2:
        return f"{minutes} minutes"
    if seconds >= 45:
        return "a minute"
    whole = round(seconds)
    return "a second" if whole <= 1 else f"{whole} seconds"
