"""What the user of a session is told, in sentences."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from typing import Final

from console.app.view_model import Notice, NoticeAction, NoticeKind, ViewModel
from console.client.happenings import ErrorReport
from console.errors import ConnectCause, ConnectError, ConsoleError

HOSTS_KEY: Final = "The host's API key was refused. Tell whoever gave you the link."
HOSTS_ACCESS: Final = "The host's API key may not be used for this. Tell whoever gave you the link."
_OF_THE_KEY: Final = {"key": HOSTS_KEY, "permission": HOSTS_ACCESS}
"""What a guest hears where the sentence would tell something of the key."""
KEPT: Final = "Everything so far is kept."
OTHER_KEY: Final = (
    "It comes from the console's .env or environment: put the right one there and start it again."
)

logger = logging.getLogger(__name__)


class SessionNotices:
    """Tells the user of one session what went wrong, and what can be done about it."""

    def __init__(self, view: ViewModel, *, is_guest: bool = False) -> None:
        """Tell through `view`; a guest hears nothing of the host's key."""
        self._view = view
        self._is_guest = is_guest
        self._n_unreadable = 0

    def tell(
        self,
        notice_id: str,
        kind: NoticeKind,
        sentence: str,
        action: NoticeAction | None = None,
    ) -> None:
        """Show a notice in the place of an earlier one of this id."""
        self._view.add_notice(Notice(notice_id, kind, sentence, action))

    def refused(self, error: ConnectError) -> None:
        """Tell that there will be no session, and what helps: the same key would not."""
        self._no_session(str(error), error.cause)

    def ended(self, sentence: str, cause: ConnectCause | None) -> None:
        """Tell that there is a session no more, and what helps."""
        self._no_session(sentence, cause, KEPT)

    def _no_session(self, sentence: str, cause: ConnectCause | None, *after: str) -> None:
        action: NoticeAction | None = "retry"
        if self._is_guest and cause is not None:
            sentence = _OF_THE_KEY.get(cause, sentence)
        if cause == "key":
            action = "change_key" if self._view.key.may_change else None
            if not self._is_guest and action is None:
                sentence = f"{sentence} {OTHER_KEY}"
        self.tell("connection", "error", " ".join((sentence, *after)), action)

    def take_back(self, notice_id: str) -> None:
        """Take a notice away, if it is there."""
        self._view.dismiss(notice_id)

    def unreadable(self, why: str) -> None:
        """Tell of a message that was no event; more of them are counted in the same notice."""
        is_told = any(each.notice_id == "unreadable" for each in self._view.notices)
        self._n_unreadable = self._n_unreadable + 1 if is_told else 1
        n = self._n_unreadable
        more = f"{n} messages of the server could not be read; their rows among the events say why."
        self.tell("unreadable", "warning", why if n == 1 else more, "show_errors")

    def wrong(self, report: ErrorReport) -> None:
        """Tell of an error that the session outlives, with the way to the event that caused it."""
        event_id = report.event_id if report.cause is None else report.cause.event_id
        if event_id is None:
            self.tell("event", "warning", report.message)
            return
        self._view.add_notice(
            Notice("event", "warning", report.message, "show_event", event_id, report.param or "")
        )

    @contextlib.contextmanager
    def report(self, action: str) -> Iterator[None]:
        """Turn a failure of `action` into a notice; the session goes on."""
        try:
            yield
        except ConsoleError as error:
            self.tell("event", "warning", str(error))
        except ValueError as error:
            logger.exception("could not %s", action)
            self.tell("event", "warning", f"Could not {action}: {error}")
