"""The panes of a session: events, conversation, weather, memory; tabs where they do not fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from console.app.view_model import Part
from console.ui import preferences
from console.ui.elements.conversation import Conversation
from console.ui.page_session import ShownSession
from console.ui.panels import memory, weather
from console.ui.panels.events import events_panel
from console.ui.panels.memory import MemoryPanel
from console.ui.panels.weather import WeatherPanel
from console.ui.preferences import PANE_LIMITS, Panes

TABS: Final = ("Conversation", "Events", "Weather", "Memory")
"""The panes in the order of a phone's tabs; the first is open at first."""


class SessionPanes:
    """What a session is made of, beside and above each other."""

    def __init__(
        self,
        session: ShownSession,
        root: ui.element,
        panes: Panes,
        conversation_panel: Callable[[], Conversation],
        *,
        is_watched: bool = False,
    ) -> None:
        """Build them.

        Args:
            session: What they show.
            root: The page, which is told the pane that a phone shows.
            panes: Where they stood last.
            conversation_panel: Builds the conversation.
            is_watched: Whether who looks on can do nothing: then empty panes do not say what.
        """
        self._session = session
        self._root = root
        self._panes = panes
        self._is_watched = is_watched
        root.props(f"data-tab={TABS[0].lower()}")
        self._build_tabs()
        self._build_panes(conversation_panel)

    def refresh(self, parts: frozenset[Part]) -> None:
        """Show what has changed."""
        if "places" in parts:
            self.weather.refresh()
        if "memory" in parts:
            self.memory.refresh()

    def _build_tabs(self) -> None:
        with ui.tabs(on_change=self._tab_chosen).classes("rc-tabs") as self.tabs:
            self.tabs.props('dense no-caps align=justify aria-label="Panes"')
            panes = {name: ui.tab(name).props(":ripple=false") for name in TABS}
            self.tabs.value = panes[TABS[0]]
        with panes["Events"]:
            self.error_badge = ui.label().classes("rc-tabs__errors")
        self._show_errors(0)

    def _show_errors(self, count: int) -> None:
        self.error_badge.text = str(count)
        self.error_badge.props(f'title="{count} {"error" if count == 1 else "errors"}"')
        self.error_badge.set_visibility(count > 0)

    def _build_panes(self, conversation_panel: Callable[[], Conversation]) -> None:
        view = self._session.view
        main = self._splitter(self._panes.main, "rc-main", is_stacked=False)
        with main.before:
            left = self._splitter(self._panes.left, "rc-main__left", is_stacked=True)
            with left.before:
                self.events = events_panel(self._session, on_errors=self._show_errors)
            with left.after:
                self.conversation = conversation_panel()
        with main.after:
            right = self._splitter(self._panes.right, "rc-main__right", is_stacked=True)
            with right.before:
                self.weather = WeatherPanel(view, "" if self._is_watched else weather.HINT)
            with right.after:
                self.memory = MemoryPanel(view, "" if self._is_watched else memory.HINT)
        self._splitters = (main, left, right)

    def _splitter(self, value: float, name: str, *, is_stacked: bool) -> ui.splitter:
        splitter = ui.splitter(
            value=value, horizontal=is_stacked, limits=PANE_LIMITS, on_change=self._panes_moved
        )
        return splitter.classes(f"rc-splitter {name}")

    def _tab_chosen(self, event: ValueChangeEventArguments[Any]) -> None:
        self._root.props(f"data-tab={str(event.value).lower()}")

    def _panes_moved(self) -> None:
        panes = Panes(*(float(each.value or 50.0) for each in self._splitters))
        preferences.remember("panes", panes)
