"""What those see who watch a session: a name of its own for each session, and its end."""

from __future__ import annotations

import asyncio
import copy
import secrets
from dataclasses import fields
from typing import Final

from console import tasks
from console.app.feed import Feed
from console.app.view_model import Part, Phase, ViewModel
from console.clock import Clock
from console.signals import Signal
from console.ui.watch_channel import SESSION_OVER, WatchChannel

LAST_WORDS_S: Final = 1.0
"""For what follows an end: how far the last answer was heard, and the last events of the line."""


class WatchedSession:
    """A `WatchedPageSession`: a session as it is, and as it was when it ended.

    While nobody watches, nothing is copied: what there is to see is looked up when somebody asks.
    """

    def __init__(self, live: ViewModel) -> None:
        """Show a session.

        Args:
            live: What its own page shows; followed until `end`.
        """
        self.session_id = secrets.token_urlsafe(32)
        """Its name in the URLs of those who watch it; it cannot be guessed."""
        self.is_over = False
        self._live = live
        self._view = ViewModel(target=live.target)
        self._is_behind = True
        self._is_ending = False
        self.changed: Signal[frozenset[Part]] = Signal("watched view changed")
        """Tells the parts of `view` that changed."""

    @property
    def view(self) -> ViewModel:
        """What there is to see: always the same object, which follows while `changed` is heard."""
        if self._is_behind:
            self._take_over()
        return self._view

    def live_changed(self, parts: frozenset[Part]) -> None:
        """Show what has changed of the session."""
        self._is_behind = True
        if self._is_ending or self.changed.n_handlers:
            self._take_over()
        self.changed.emit(parts)

    def line_ended(self) -> None:
        """Follow each change from now on, also if nobody watches, until `end`.

        The live view may be made ready for another session at any time, of which nothing is shown.
        """
        self._is_ending = True

    def end(self) -> None:
        """Stay as it was when it changed last."""
        self.is_over = True
        self._is_behind = False  # the live view may be another session's by now
        self.changed.emit(frozenset({"connection"}))

    def _take_over(self) -> None:
        self._is_behind = False
        for each in fields(ViewModel):
            if each.name != "on_change":
                value = getattr(self._live, each.name)
                kept = copy.copy(value) if isinstance(value, list | dict) else value
                setattr(self._view, each.name, kept)


class Watching:
    """Who watches a browser tab's sessions: each session by a name that ends with it.

    A line that is lost and comes back, and a move to another server session, are the same session
    still. Before the first, and between two, the name is that of the next; what the last one has
    left on its own page is not seen by it.
    """

    def __init__(
        self, view: ViewModel, changed: Signal[frozenset[Part]], feed: Feed, clock: Clock
    ) -> None:
        """Begin with the name of the first session.

        Args:
            view: What the page of the sessions shows.
            changed: Tells the parts of it that changed.
            feed: Where rows and conversation come from.
            clock: Time.
        """
        self.changed: Signal[int] = Signal("watchers changed")
        """How many watch now."""
        self.ended: Signal[str] = Signal("watched session ended")
        """A session has ended: nothing is seen any more by the name that it had."""
        self.begun: Signal[None] = Signal("watched session begun")
        """There is something to see by the name of now."""
        self._view = view
        self._feed = feed
        self._clock = clock
        self._has_begun = False
        self._past_epoch: int | None = None
        """Of what the last session has left."""
        self._ending: asyncio.Task[None] | None = None
        self._begin()
        self._stop_following = changed.connect(self._session_changed)

    @property
    def is_waiting(self) -> bool:
        """Whether there is nothing to see yet, since the next session has not begun."""
        return self._feed.epoch == self._past_epoch

    async def close(self) -> None:
        """End for good."""
        self._stop_following()
        await tasks.cancel(self._ending)
        self.shown.end()
        await self.channel.close()

    def _begin(self) -> None:
        self.shown = WatchedSession(self._view)
        """The session of now, or the next, for the pages of those who watch."""
        self.channel = WatchChannel(self._feed, self._clock)
        """Their lines."""
        self.channel.changed.connect(self.changed.emit)

    def _session_changed(self, parts: frozenset[Part]) -> None:
        phase = self._view.phase
        is_on = phase in (Phase.CONNECTED, Phase.RECONNECTING)
        if self._has_begun and not is_on:
            self._ending = tasks.spawn(self._end_soon(), name="end watching")
            self.shown.line_ended()
        if phase is Phase.CONNECTING and self._ending is not None:  # nothing is seen of the next
            self._ending.cancel()
            self._end()
        has_come = is_on and not self._has_begun
        self._has_begun = is_on
        self.shown.live_changed(parts)
        if has_come:
            self.begun.emit(None)

    async def _end_soon(self) -> None:
        await self._clock.sleep(LAST_WORDS_S)
        self._end()

    def _end(self) -> None:
        self._ending = None
        over, lines = self.shown, self.channel
        self._past_epoch = self._feed.epoch
        self._begin()
        over.end()
        tasks.spawn(lines.close(SESSION_OVER, "the session has ended"), name="send watchers away")
        self.ended.emit(over.session_id)
