"""What the page tells of a session's line: lost, tried again, moved, soon over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from console.app.view_model import Notice, NoticeAction, Phase, ViewModel
from console.client.client import RealtimeClient
from console.client.happenings import ConnectionChanged, SessionExpiring, SessionMoved
from console.clock import Clock
from console.errors import ConnectCause

LINE: Final = "connection"
"""The notice about the line; what ends a session for good replaces it."""
MOVED: Final = "moved"
"""The notice about what came of the conversation: what a lost line took along, and how it goes on."""
EXPIRING: Final = "expiring"
SKIPPED: Final = "skipped"
"""The notice about sound that a slow network has cost: worth saying again until the model answers."""


class SessionLife:
    """Follows the client through lost lines and moves, so that nothing of it is a surprise."""

    def __init__(self, view: ViewModel, clock: Clock, *, line_lost: Callable[[], None]) -> None:
        """Prepare to follow a client.

        Args:
            view: What the page shows; changed here.
            clock: Time.
            line_lost: Called when the line of a session has gone: nobody hears what is said.
        """
        self._view = view
        self._clock = clock
        self._line_lost = line_lost
        self._was_cut = False
        self._was_speech_lost = False
        self.last_words = ""
        """Why the line is gone for good, in a sentence; empty while it is not."""
        self.last_cause: ConnectCause | None = None
        """The same for programs."""

    def follow(self, client: RealtimeClient) -> None:
        """Tell the view what happens to the line of `client` from now on."""
        client.on("connection.changed", self._changed)
        client.on("session.moved", self._moved)
        client.on("session.expiring", self._expiring)

    def conversation_goes_on(self) -> None:
        """Take away what was told of a move or of a slow network: the user has gone on since."""
        self._view.dismiss(MOVED)
        self._view.dismiss(SKIPPED)

    def answer_was_cut(self) -> None:
        """Take note that an answer ended because the line was lost: one can go on with it."""
        self._was_cut = True

    def speech_was_lost(self, sentence: str) -> None:
        """Tell how much of what was said has gone with the line; told again when it is back."""
        self._was_speech_lost = True
        self._view.add_notice(Notice(MOVED, "warning", sentence))

    def sound_was_skipped(self, sentence: str) -> None:
        """Tell how much of what was said a slow network has cost, until the model answers."""
        self._view.add_notice(Notice(SKIPPED, "warning", sentence))

    def user_left(self) -> None:
        """Take away what was told of a line that nobody waits for any more."""
        self._view.dismiss(SKIPPED)
        self._view.dismiss(LINE)
        self._view.dismiss(MOVED)

    def _changed(self, change: ConnectionChanged) -> None:
        match change.phase:
            case "connecting":
                self._connecting(change)
            case "open":
                self._open()
            case "reconnecting":
                self._reconnecting(change)
            case "closed":
                self.last_words, self.last_cause = change.sentence, change.cause

    def _connecting(self, change: ConnectionChanged) -> None:
        self.last_words, self.last_cause = "", None
        self._was_cut = self._was_speech_lost = False
        if change.attempt > 1 and self._view.phase is Phase.CONNECTING:
            # The first line of a session is tried again where that is worth it.
            step = f"try {change.attempt} of {change.max_attempts}"
            self._view.set_connection(Phase.CONNECTING, step)
            self._view.add_notice(Notice(LINE, "warning", change.sentence))

    def _open(self) -> None:
        self.last_words, self.last_cause = "", None
        self._view.dismiss(LINE)
        if self._view.phase is Phase.RECONNECTING:
            self._view.set_connection(Phase.CONNECTED, at_s=self._clock.now_s())

    def _reconnecting(self, change: ConnectionChanged) -> None:
        view = self._view
        if view.phase is Phase.CONNECTED:
            if not self._was_speech_lost:
                view.dismiss(MOVED)  # that a line is back is no longer so
            self._line_lost()
            view.set_answering(False)
        if view.phase is not Phase.DISCONNECTED:
            view.set_connection(Phase.RECONNECTING, f"{change.attempt} of {change.max_attempts}")
            view.add_notice(Notice(LINE, "warning", change.sentence))

    def _moved(self, moved: SessionMoved) -> None:
        view = self._view
        view.dismiss(EXPIRING)
        action: NoticeAction | None = "continue" if self._was_cut else None
        notice = Notice(MOVED, "info", moved.sentence, action)
        if self._was_speech_lost:  # the sentence says how much
            again = f"{moved.sentence} Say it again."
            notice = replace(notice, kind="warning", sentence=again)
        self._was_cut = self._was_speech_lost = False
        view.add_notice(notice)

    def _expiring(self, expiring: SessionExpiring) -> None:
        self._view.add_notice(Notice(EXPIRING, "info", expiring.sentence))
