"""The events pane."""

from __future__ import annotations

from collections.abc import Callable

from console.ui.elements.event_list import EventList
from console.ui.page_session import ShownSession
from console.ui.panels.panel import panel


def events_panel(session: ShownSession, *, on_errors: Callable[[int], None]) -> EventList:
    """Every event of the session, both directions; `on_errors` hears how many are errors."""
    with panel("Events", has_own_bar=True):
        return EventList(session.session_id, on_errors=on_errors)
