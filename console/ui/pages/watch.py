"""The page of those who watch a session: everything to be seen, nothing to be done."""

from __future__ import annotations

from nicegui import ui

from console.app.view_model import Part
from console.ui import theme
from console.ui.page_session import WatchedPageSession
from console.ui.pages.panes import SessionPanes
from console.ui.panels.conversation import watched_conversation_panel
from console.ui.panels.notices import WATCH_ENDED, line_notices
from console.ui.panels.shortcuts import Shortcuts
from console.ui.panels.status import Header
from console.ui.preferences import Preferences

WATCHING = "You are watching this session. Its sound is not passed on; each message can be played."
OVER = (
    "This session has ended. What you see stays until you leave; the next one needs another link."
)


class WatchPage:
    """One screen: events and conversation, weather and memory of somebody else."""

    def __init__(self, session: WatchedPageSession, who: str) -> None:
        """Build it.

        Args:
            session: What is watched.
            who: What the host calls whoever has it: one has several of these pages.
        """
        ui.page_title(f"{who} - Realtime Console")
        wanted = Preferences.of_cookies(ui.context.client.request.cookies)
        dark = theme.dark_mode(wanted.theme)
        with ui.element("div").classes("rc-page rc-page--watch") as self.root:
            self.header = Header(
                session.view,
                (wanted.theme, dark),
                open_shortcuts=lambda: self.shortcuts.open(),
            )
            line_notices(WATCH_ENDED)
            self.panes = SessionPanes(
                session,
                self.root,
                wanted.panes,
                lambda: watched_conversation_panel(session),
            )
            self.shortcuts = Shortcuts(
                self.panes.tabs_beside, may_act=False, is_enabled=wanted.uses_keys
            )
            with ui.element("footer").classes("rc-watching"):
                self._eye = ui.icon("visibility").props("aria-hidden=true")
                ui.label(who).classes("rc-watching__who")
                self._word = ui.label(WATCHING)
        self._session = session
        self._refresh_word()
        ui.context.client.on_delete(session.changed.connect(self._changed))

    def _changed(self, parts: frozenset[Part]) -> None:
        with self.root:
            if "target" in parts:
                self.header.refresh_target()
            if "connection" in parts:
                self.header.refresh_connection()
                self._refresh_word()
            if parts & {"turn", "microphone", "sound"}:
                self.header.refresh_activity()
            if parts & {"usage", "spending"}:
                self.header.refresh_use()
            self.panes.refresh(parts)

    def _refresh_word(self) -> None:
        if self._session.is_over:
            self._word.text = OVER
            self._eye.name = "visibility_off"
            self.root.props("data-over")
