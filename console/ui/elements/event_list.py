"""Every event of a session, as a list that stays smooth at 100,000 rows."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui
from nicegui.events import GenericEventArguments

ROW_LIMIT = 100_000
"""Rows that the browser holds; older ones are counted and let go."""


class EventList(ui.element, component="event_list.js"):
    """Rows arrive on the session channel, the JSON of an event by HTTP when it is opened."""

    def __init__(
        self,
        session_id: str,
        *,
        limit: int = ROW_LIMIT,
        on_errors: Callable[[int], None] = lambda count: None,
    ) -> None:
        """Show the events of a session.

        Args:
            session_id: The session's name in URLs.
            limit: How many rows the browser holds.
            on_errors: Called with the number of errors in the list whenever it has changed.
        """
        super().__init__()
        self._props["session"] = session_id
        self._props["limit"] = limit

        def counted(event: GenericEventArguments) -> None:
            if isinstance(event.args, int):
                on_errors(event.args)

        self.on("errors", counted)

    def show_errors(self) -> None:
        """Show errors only, whatever was filtered before."""
        self.run_method("showErrors")
