"""The events pane."""

from __future__ import annotations

from console.ui.elements.event_list import EventList
from console.ui.page_session import PageSession
from console.ui.panels.panel import panel


def events_panel(session: PageSession) -> EventList:
    """Every event of the session, both directions."""
    with panel("Events", has_own_bar=True):
        return EventList(session.session_id)
