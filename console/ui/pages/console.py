"""The console page: layout and wiring."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from console.app.view_model import Part
from console.ui import mishaps, preferences, theme
from console.ui.page_session import PageSession
from console.ui.pages.panes import SessionPanes
from console.ui.pages.side import TOOLS
from console.ui.panels.actions import ActionsBar
from console.ui.panels.conversation import conversation_panel
from console.ui.panels.faults import FaultsDialog
from console.ui.panels.insecure import insecure_line
from console.ui.panels.key import KeyDialog
from console.ui.panels.notices import Notices, line_notices
from console.ui.panels.people import PeopleDialog, PeopleHere
from console.ui.panels.share import ShareDialog
from console.ui.panels.shortcuts import Shortcuts
from console.ui.panels.sound import SoundDialog
from console.ui.panels.spending import SpendingLine
from console.ui.panels.stand_in import StandInBar
from console.ui.panels.status import Header, Newcomer
from console.ui.preferences import Preferences
from console.ui.sharing import Sharing


def build_page(
    session: PageSession,
    people: PeopleHere,
    sharing: Sharing | None = None,
    open_relays: Callable[[], None] | None = None,
) -> None:
    """Build the page of one session for the browser that asked; the last two are for the owner."""
    ConsolePage(session, people, sharing, open_relays)


class ConsolePage:
    """One screen: events and conversation, weather and memory, a bar of actions below."""

    def __init__(
        self,
        session: PageSession,
        people: PeopleHere,
        sharing: Sharing | None = None,
        open_relays: Callable[[], None] | None = None,
    ) -> None:
        self._session = session
        wanted = Preferences.of_cookies(ui.context.client.request.cookies)
        self._remembered = wanted.sound.to_text()
        session.restore_sound(wanted.sound)
        session.tools.use_units(wanted.units)
        with ui.element("div").classes("rc-page") as self.root:
            self._build_head(wanted, people, sharing, open_relays)
            self._build_body(wanted)
        mishaps.tell(ui.context.client, session.view)
        ui.context.client.on_delete(session.changed.connect(self._changed))

    def _build_head(
        self,
        wanted: Preferences,
        people: PeopleHere,
        sharing: Sharing | None,
        open_relays: Callable[[], None] | None,
    ) -> None:
        session = self._session
        self.faults = FaultsDialog(session)
        self.people = PeopleDialog(people)
        self.key = KeyDialog(session)
        self.share = None if sharing is None else ShareDialog(sharing)
        self.header = Header(
            session.view,
            (wanted.theme, theme.dark_mode(wanted.theme)),
            self.faults.open,
            self.people.open,
            self.key.open,
            None if self.share is None else self.share.open,
            open_relays,
            lambda: self.shortcuts.open(),
        )
        self.header.show_watchers(people.n_watchers)
        ui.context.client.on_delete(
            people.changed.connect(lambda _: self.header.show_watchers(people.n_watchers))
        )
        self.newcomer = Newcomer(session.view, wanted.shows_hint, is_guest=not people.is_host)
        self.spending = SpendingLine(session.view)
        line_notices()
        insecure_line(ui.context.client.request, is_guest=not people.is_host)

    def _build_body(self, wanted: Preferences) -> None:
        session = self._session
        self.notices = Notices(
            session,
            self.key.open,
            lambda: self.panes.show_errors(),
            lambda event_id, field: self.panes.show_event(event_id, field),
            self._show_tools,
        )
        self.panes = SessionPanes(
            session,
            self.root,
            wanted.panes,
            lambda: conversation_panel(session),
            composes=session,
        )
        self.shortcuts = Shortcuts(
            self.panes.tabs_beside, may_act=True, is_enabled=wanted.uses_keys
        )
        self.sound = SoundDialog(session)
        self.stand_in = StandInBar(session)
        self.actions = ActionsBar(session, self.sound.open)

    async def _show_tools(self) -> None:
        await self.panes.show(TOOLS)

    def _remember_sound(self) -> None:
        chosen = self._session.view.sound.settings.to_text()
        if chosen != self._remembered:
            self._remembered = chosen
            preferences.remember("sound", chosen)

    def _changed(self, parts: frozenset[Part]) -> None:
        with self.root:
            if parts & {"target", "faults"}:
                self.header.refresh_target()
            if "key" in parts:
                self.header.refresh_key()
                self.key.refresh()
            if parts & {"connection", "faults"}:
                self.faults.refresh()
            if "connection" in parts:
                self.header.refresh_connection()
            if parts & {"target", "connection", "key", "spending"}:
                self.newcomer.refresh()
            if parts & {"turn", "microphone"}:
                self.header.refresh_activity()
            if parts & {"connection", "turn", "microphone"}:
                self.actions.refresh()
            if "picture" in parts:
                self.actions.refresh_picture()
            if parts & {"connection", "turn", "sound"}:
                self.stand_in.refresh()
                self.sound.refresh_controls()
            if "sound" in parts:
                self.header.refresh_activity()
                self.actions.refresh_sound()
                self.sound.refresh()
                self._remember_sound()
            if parts & {"usage", "spending"}:
                self.header.refresh_use()
            if "spending" in parts:
                self.spending.refresh()
                self.actions.refresh_limits()
            if "notices" in parts:
                self.notices.refresh()
                self.spending.refresh()
            self.panes.refresh(parts)
