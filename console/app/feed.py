"""What the page's lists ask of a session: rows of events and the conversation, as wire values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from console.app.event_view import Find, Look
from console.signals import Signal

Message = Mapping[str, Any]
"""One message of the session channel, with its kind in `k` (see ARCHITECTURE.md)."""


class FeedReader(Protocol):
    """What one page has not been told yet of a session.

    Its channel asks at most 20 times a second, and only after `touched` was told. What it has
    not asked for yet waits here, merged: a slow browser makes the answers larger, not more.
    """

    @property
    def is_scanning(self) -> bool:
        """Whether `scan` has more to do."""

    def look(self, look: Look) -> None:
        """Show these rows from now on; before that, `rows` returns nothing."""

    def find(self, find: Find) -> None:
        """Look for a row; the answer is among the next `rows`."""

    def scan(self) -> bool:
        """Search for rows for a few milliseconds; return whether there is more to do."""

    def rows(self) -> Sequence[Message]:
        """Return what changed of the rows in view since the last call, and answers.

        Messages of the kinds `rows` and `found`; none while the rows are being searched for.
        """

    def snapshot(self) -> Sequence[Message]:
        """Return the whole conversation as messages, beginning with `cleared`.

        What `changes` would have told so far is contained and forgotten.
        """

    def changes(self) -> Sequence[Message]:
        """Return what changed in the conversation since `snapshot` or the last call.

        Messages of the kinds `items`, `text`, `removed` and `cleared`, in the order in which the
        browser must apply them.
        """

    def close(self) -> None:
        """Collect no more: the page has gone."""


class Feed(Protocol):
    """Where channels find what is new in a session; each has a reader of its own."""

    @property
    def epoch(self) -> int:
        """Changes when the rows start anew, so that browsers forget those they hold."""

    @property
    def touched(self) -> Signal[None]:
        """Told whenever there is something new to ask for; as often as that is, so hear it quickly."""

    def reader(self) -> FeedReader:
        """Return a reader for one page."""
