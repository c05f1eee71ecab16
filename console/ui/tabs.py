"""What NiceGUI holds for each browser tab, kept no longer than the tab or its session."""

from __future__ import annotations

from nicegui import app

from console.ui.sessions import SessionRegistry


def forget_closed(registry: SessionRegistry) -> None:
    """Drop what is held for tabs that are gone; by itself NiceGUI keeps all of a month.

    Args:
        registry: Knows which sessions may still be come back to.
    """
    shown = {client.tab_id for client in app.clients()}
    held = app.storage._tabs  # the only way to one that is not the caller's own
    for tab_id in [each for each in held if each not in shown]:
        if not registry.has_session_of(held[tab_id]):
            del held[tab_id]
