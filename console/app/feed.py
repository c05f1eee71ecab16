"""What the page's lists ask of a session: rows of events and the conversation, as wire values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

Message = Mapping[str, Any]
"""One message of the session channel, with its kind in `k` (see ARCHITECTURE.md)."""


class FeedReader(Protocol):
    """What one page has not been told yet of a session.

    Its channel asks at most 20 times a second, and only after `on_touch` was called. What it has
    not asked for yet waits here, merged: a slow browser makes the answers larger, not more.
    """

    def rows_after(self, version: int, limit: int) -> tuple[int, Sequence[Any]]:
        """Return rows that changed after `version`, oldest change first.

        Args:
            version: What an earlier call returned, or 0 for all rows.
            limit: The most rows to return.

        Returns:
            The version to ask with next time, and at most `limit` rows (mappings or dataclasses
            with the fields of `Row`). Fewer than `limit` means that these were all.
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

    def on_touch(self, touched: Callable[[], None]) -> Callable[[], None]:
        """Call `touched` whenever there is something new to ask for; returns what ends it.

        Calls may come as often as they like and cost next to nothing.
        """

    def reader(self) -> FeedReader:
        """Return a reader for one page."""
