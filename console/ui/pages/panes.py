"""The panes of a session: events, conversation, weather, memory; tabs where they do not fit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from nicegui import ui

from console.app.view_model import Part
from console.ui import preferences
from console.ui.elements.conversation import Conversation
from console.ui.elements.pane_splitter import PaneSplitter
from console.ui.elements.tab_row import TabRow
from console.ui.page_session import PageSession, ShownSession
from console.ui.pages.side import WORLD, Makers, Side, panes_of, watched_panes_of
from console.ui.panels.events import events_panel
from console.ui.panels.memory import MemoryPanel
from console.ui.panels.session_form import Links
from console.ui.panels.weather import WeatherPanel
from console.ui.preferences import Panes

TABS: Final = ("Conversation", "Events", "Weather", "Memory")
"""The panes that each session has, in the order of a phone's tabs; the first is open at first."""


class SessionPanes:
    """What a session is made of, beside and above each other."""

    def __init__(
        self,
        session: ShownSession,
        root: ui.element,
        panes: Panes,
        conversation_panel: Callable[[], Conversation],
        composes: PageSession | None = None,
    ) -> None:
        """Build them.

        Args:
            session: What they show.
            root: The page, which is told the pane that a phone shows.
            panes: Where they stood last.
            conversation_panel: Builds the conversation.
            composes: The session if its page may send events into it; without one, empty panes do
                not say what could be done.
        """
        self._composes = composes
        self._session = session
        self._root = root
        self._panes = panes
        self._makers = self._panes_of()
        self.tabs = TabRow("Panes", (*TABS, *self._makers), on_chosen=self._chosen)
        self.tabs.classes("rc-tabs")
        self._show(TABS[0])
        self._build_panes(conversation_panel)

    @property
    def tabs_beside(self) -> list[tuple[str, ...]]:
        """Names of the tabs of what stands beside the events; a phone has some of its own."""
        return [(WORLD, "Weather"), *((name,) for name in self._makers)]

    def refresh(self, parts: frozenset[Part]) -> None:
        """Show what has changed."""
        if "places" in parts:
            self.weather.refresh()
        if "memory" in parts:
            self.memory.refresh()
        self.side.refresh(parts)

    async def show(self, name: str) -> None:
        """Open one of the panes beside weather and memory, and bring it to the front."""
        await self.side.show(name)

    def show_errors(self) -> None:
        """Leave of the events the errors, and bring them to the front where one pane is seen."""
        self._show("Events")
        self.events.show_errors()

    def show_event(self, event_id: str, field: str = "", *, is_alone: bool = False) -> None:
        """Open an event of the list, point out a field of it, and bring both to the front.

        Args:
            event_id: Its id on the wire.
            field: As errors name it; it is explained.
            is_alone: In the event: what stands beside it leads here, and is to stay.
        """
        self._show("Events")
        self.events.open_event(event_id, field, is_alone=is_alone)

    def _panes_of(self) -> Makers:
        if self._composes is None:
            return watched_panes_of(self._session, Links(self._show_beside))
        return panes_of(self._composes, Links(self._show_beside, self._explain))

    def _show_beside(self, event_id: str, field: str) -> None:
        self.show_event(event_id, field, is_alone=True)

    async def _explain(self, event_type: str) -> None:
        await self.side.explain(event_type)

    def _errors_counted(self, count: int) -> None:
        self.tabs.show_count("Events", count, f"{count} {'error' if count == 1 else 'errors'}")

    def _build_panes(self, conversation_panel: Callable[[], Conversation]) -> None:
        view = self._session.view
        tools = None if self._composes is None else self._composes.tools
        main = self._splitter("Width of events and conversation", self._panes.main)
        main.classes("rc-main")
        with main.before:
            left = self._splitter("Height of the events", self._panes.left, is_stacked=True)
            with left.before:
                self.events = events_panel(self._session, on_errors=self._errors_counted)
            with left.after:
                self.conversation = conversation_panel()
        with main.after, self._side():
            right = self._splitter("Height of the weather", self._panes.right, is_stacked=True)
            with right.before:
                self.weather = WeatherPanel(view, tools)
            with right.after:
                self.memory = MemoryPanel(view, None if tools is None else tools.memory)
        self._splitters = (main, left, right)

    def _side(self) -> ui.element:
        """Return where weather and memory belong, beside the other panes."""
        self.side = Side(self._makers, self._show)
        if self._composes is not None:
            self.side.follow(self.events)
        return self.side.world

    def _splitter(self, label: str, value: float, *, is_stacked: bool = False) -> PaneSplitter:
        return PaneSplitter(label, value=value, is_stacked=is_stacked, on_moved=self._panes_moved)

    def _chosen(self, name: str) -> Awaitable[Any] | None:
        self._show(name)
        return self.side.open(name) if name in self._makers else None

    def _show(self, name: str) -> None:
        """Bring a pane to the front where one pane is seen."""
        self.tabs.value = name
        self._root.props(f"data-tab={name.lower()}")

    def _panes_moved(self) -> None:
        panes = Panes(*(float(each.value or 50.0) for each in self._splitters))
        preferences.remember("panes", panes)
