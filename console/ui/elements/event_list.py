"""Every event of a session, as a list that stays smooth at 100,000 rows."""

from __future__ import annotations

from nicegui import ui

ROW_LIMIT = 100_000
"""Rows that the browser holds; older ones are counted and let go."""


class EventList(ui.element, component="event_list.js"):
    """Rows arrive on the session channel, the JSON of an event by HTTP when it is opened."""

    def __init__(self, session_id: str, *, limit: int = ROW_LIMIT) -> None:
        super().__init__()
        self._props["session"] = session_id
        self._props["limit"] = limit
