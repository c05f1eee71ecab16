"""The console page: layout and wiring."""

from __future__ import annotations

from typing import Any, Final

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from console.app.view_model import Part
from console.ui import preferences, theme
from console.ui.page_session import PageSession
from console.ui.panels.actions import ActionsBar
from console.ui.panels.conversation import conversation_panel
from console.ui.panels.events import events_panel
from console.ui.panels.faults import FaultsDialog
from console.ui.panels.memory import MemoryPanel
from console.ui.panels.notices import Notices
from console.ui.panels.sound import SoundDialog
from console.ui.panels.stand_in import StandInBar
from console.ui.panels.status import Header, Newcomer
from console.ui.panels.weather import WeatherPanel
from console.ui.preferences import PANE_LIMITS, Panes, Preferences

TABS: Final = ("Conversation", "Events", "Weather", "Memory")
"""The panes in the order of a phone's tabs; the first is open at first."""


def build_page(session: PageSession) -> None:
    """Build the page of one session for the browser that asked."""
    ConsolePage(session)


class ConsolePage:
    """One screen: events and conversation, weather and memory, a bar of actions below."""

    def __init__(self, session: PageSession) -> None:
        self._session = session
        wanted = Preferences.of_cookies(ui.context.client.request.cookies)
        self._panes = wanted.panes
        self._remembered = wanted.sound.to_text()
        session.restore_sound(wanted.sound)
        dark = theme.dark_mode(wanted.theme)
        with ui.element("div").classes("rc-page").props(f"data-tab={TABS[0].lower()}") as self.root:
            self.faults = FaultsDialog(session)
            self.header = Header(session.view, (wanted.theme, dark), self.faults.open)
            self.newcomer = Newcomer(session.view, wanted.shows_hint)
            self.notices = Notices(session)
            self._build_tabs()
            self._build_panes()
            self.sound = SoundDialog(session)
            self.stand_in = StandInBar(session)
            self.actions = ActionsBar(session, self.sound.open)
        unsubscribe = session.subscribe(self._changed)
        ui.context.client.on_delete(unsubscribe)

    def _build_tabs(self) -> None:
        with ui.tabs(on_change=self._tab_chosen).classes("rc-tabs") as self.tabs:
            self.tabs.props('dense no-caps align=justify aria-label="Panes"')
            panes = {name: ui.tab(name) for name in TABS}
            self.tabs.value = panes[TABS[0]]
        with panes["Events"]:
            self.error_badge = ui.label().classes("rc-tabs__errors")
        self._show_errors(0)

    def _show_errors(self, count: int) -> None:
        self.error_badge.text = str(count)
        self.error_badge.props(f'title="{count} {"error" if count == 1 else "errors"}"')
        self.error_badge.set_visibility(count > 0)

    def _build_panes(self) -> None:
        main = self._splitter(self._panes.main, "rc-main", is_stacked=False)
        with main.before:
            left = self._splitter(self._panes.left, "rc-main__left", is_stacked=True)
            with left.before:
                self.events = events_panel(self._session, on_errors=self._show_errors)
            with left.after:
                self.conversation = conversation_panel(self._session)
        with main.after:
            right = self._splitter(self._panes.right, "rc-main__right", is_stacked=True)
            with right.before:
                self.weather = WeatherPanel(self._session.view)
            with right.after:
                self.memory = MemoryPanel(self._session.view)
        self._splitters = (main, left, right)

    def _splitter(self, value: float, name: str, *, is_stacked: bool) -> ui.splitter:
        splitter = ui.splitter(
            value=value, horizontal=is_stacked, limits=PANE_LIMITS, on_change=self._panes_moved
        )
        return splitter.classes(f"rc-splitter {name}")

    def _tab_chosen(self, event: ValueChangeEventArguments[Any]) -> None:
        self.root.props(f"data-tab={str(event.value).lower()}")

    def _panes_moved(self) -> None:
        panes = Panes(*(float(each.value or 50.0) for each in self._splitters))
        preferences.remember("panes", panes)

    def _remember_sound(self) -> None:
        chosen = self._session.view.sound.settings.to_text()
        if chosen != self._remembered:
            self._remembered = chosen
            preferences.remember("sound", chosen)

    def _changed(self, parts: frozenset[Part]) -> None:
        with self.root:
            if parts & {"target", "faults"}:
                self.header.refresh_target()
            if parts & {"connection", "faults"}:
                self.faults.refresh()
            if "connection" in parts:
                self.header.refresh_connection()
            if parts & {"target", "connection"}:
                self.newcomer.refresh()
            if parts & {"turn", "microphone"}:
                self.header.refresh_activity()
            if parts & {"connection", "turn", "microphone"}:
                self.actions.refresh()
            if parts & {"connection", "turn", "sound"}:
                self.stand_in.refresh()
                self.sound.refresh_controls()
            if "sound" in parts:
                self.header.refresh_activity()
                self.actions.refresh_sound()
                self.sound.refresh()
                self._remember_sound()
            if "notices" in parts:
                self.notices.refresh()
            if "places" in parts:
                self.weather.refresh()
            if "memory" in parts:
                self.memory.refresh()
