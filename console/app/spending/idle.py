"""Ends a session in which nobody speaks or writes any more, after a warning."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Coroutine
from typing import Any, Final

from console import tasks
from console.app.view_model import Notice, ViewModel
from console.client.client import RealtimeClient
from console.client.happenings import ConnectionChanged, RealtimeEvent
from console.clock import Clock
from console.realtime.fields import mapping, text

NOTICE: Final = "idle"
WARN_S: Final = 60.0
SILENT: Final = "Nobody has spoken or written."
_SIGNS_OF_LIFE: Final = frozenset(
    {
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.commit",
    }
)
"""Not the answers: a server that is told to asks again by itself when nobody speaks."""


class IdleWatch:
    """Watches one session for somebody who speaks or writes."""

    def __init__(
        self,
        view: ViewModel,
        clock: Clock,
        minutes: float,
        *,
        hang_up: Callable[[str], Coroutine[Any, Any, None]],
    ) -> None:
        """Prepare to watch.

        Args:
            view: What the page shows; changed here.
            clock: Time.
            minutes: After which silence the session ends; may be infinite.
            hang_up: Ends the session with a sentence that says why.
        """
        self._view = view
        self._clock = clock
        self._limit_s = minutes * 60
        self._warn_s = min(WARN_S, self._limit_s / 2)
        self._hang_up = hang_up
        self._latest_s = clock.now_s()
        self._is_warned = False
        self._watching: asyncio.Task[None] | None = None

    def follow(self, client: RealtimeClient) -> None:
        """Watch the sessions of `client` from now on."""
        if math.isfinite(self._limit_s):
            client.on("realtime.event", self._event)
            client.on("connection.changed", self._connection_changed)

    def stay(self) -> None:
        """Somebody is there, though silent."""
        self._latest_s = self._clock.now_s()
        if self._is_warned:
            self._is_warned = False
            self._view.dismiss(NOTICE)

    async def close(self) -> None:
        """Watch no longer."""
        await tasks.cancel(self._watching)

    def _event(self, told: RealtimeEvent) -> None:
        event = told.event
        is_message = event.type == "conversation.item.create" and (
            text(mapping(event.fields, "item"), "role") == "user"
        )
        if is_message or event.type in _SIGNS_OF_LIFE:
            self.stay()

    def _connection_changed(self, change: ConnectionChanged) -> None:
        if change.phase == "open":
            if self._watching is None or self._watching.done():
                self.stay()
                self._watching = tasks.spawn(self._watch(), name="watch for silence")
        elif change.phase == "closed" and self._watching is not None:
            self._watching.cancel()
            self._view.dismiss(NOTICE)

    async def _watch(self) -> None:
        while (left_s := self._latest_s + self._limit_s - self._clock.now_s()) > 0:
            if left_s <= self._warn_s and not self._is_warned:
                self._is_warned = True
                self._warn(left_s)
            await self._clock.sleep(left_s if self._is_warned else left_s - self._warn_s)
        self._view.dismiss(NOTICE)
        tasks.spawn(
            self._hang_up(
                f"Hung up: nobody has spoken or written for {_in_words(self._limit_s)}. "
                "What you see stays until the next session begins."
            ),
            name="hang up",
        )

    def _warn(self, left_s: float) -> None:
        # For how long is not told: that would stand still beside the clock that counts down.
        ends_at_s = self._clock.wall_s() + left_s
        self._view.add_notice(Notice(NOTICE, "warning", SILENT, "stay", ends_at_s=ends_at_s))


def _in_words(seconds: float) -> str:
    if seconds < 90 and seconds != 60:
        return f"{seconds:.0f} seconds"
    minutes = seconds / 60
    return "a minute" if minutes == 1 else f"{minutes:g} minutes"
