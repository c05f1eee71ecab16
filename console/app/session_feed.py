"""What the session channel reads: the event log and the conversation of one session."""

from __future__ import annotations

from collections.abc import Sequence

from console.app.conversation_view import ConversationReader, ConversationView
from console.app.event_log import EventLog
from console.app.event_view import EventView, Find, Look
from console.app.feed import Message
from console.signals import Signal


class SessionFeed:
    """The `Feed` of one session."""

    def __init__(self, log: EventLog, conversation: ConversationView) -> None:
        self._log = log
        self._conversation = conversation
        self.touched: Signal[None] = Signal("feed touched")
        """Told whenever there is something new."""

    @property
    def epoch(self) -> int:
        """Grows when the log is cleared."""
        return self._log.epoch

    def touch(self) -> None:
        """Say that the log or the conversation has changed."""
        self.touched.emit(None)

    def reader(self) -> SessionFeedReader:
        """Return a reader for one page."""
        return SessionFeedReader(self._log, self._conversation.reader())


class SessionFeedReader:
    """The `FeedReader` of one page."""

    def __init__(self, log: EventLog, conversation: ConversationReader) -> None:
        self._view = EventView(log)
        self._conversation = conversation

    @property
    def is_scanning(self) -> bool:
        """Whether `scan` has more to do."""
        return self._view.is_scanning

    def look(self, look: Look) -> None:
        """Show these rows from now on."""
        self._view.look(look)

    def find(self, find: Find) -> None:
        """Look for a row; the answer is among the next `rows`."""
        self._view.find(find)

    def scan(self) -> bool:
        """Search for rows for a few milliseconds; return whether there is more to do."""
        return self._view.scan()

    def rows(self) -> Sequence[Message]:
        """Return what changed of the rows in view since the last call, and answers."""
        return self._view.messages()

    def snapshot(self) -> Sequence[Message]:
        """Return the whole conversation as messages, beginning with `cleared`."""
        return self._conversation.snapshot()

    def changes(self) -> Sequence[Message]:
        """Return what changed in the conversation since the last call."""
        return self._conversation.changes()

    def close(self) -> None:
        """Collect no more: the page has gone."""
        self._conversation.close()
