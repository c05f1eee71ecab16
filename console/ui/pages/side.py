"""The right-hand side of the page: weather and memory, or another pane in their place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol

from nicegui import ui
from nicegui.events import GenericEventArguments

from console.app.view_model import Part
from console.ui.elements.event_list import EventList
from console.ui.elements.tab_row import TabRow
from console.ui.page_session import PageSession, ShownSession
from console.ui.panels.composer import ComposerPane
from console.ui.panels.session import NAME as SESSION
from console.ui.panels.session import SessionPane
from console.ui.panels.session_form import Links
from console.ui.panels.tools import ToolsPane
from console.ui.panels.usage import UsagePane
from console.ui.panels.watched_tools import WatchedToolsPane

WORLD: Final = "Weather and memory"
TOOLS: Final = "Tools"
COMPOSER: Final = "Composer"


class Pane(Protocol):
    """What takes the place of weather and memory: made where its maker is called, then opened.

    Its region has the pane's name, as `panel` makes it; a phone finds it by that.
    """

    async def open(self) -> None:
        """Show what there is now; called each time somebody chooses the pane."""

    def refresh(self, parts: frozenset[Part]) -> None:
        """Show what has changed of the session; called from the time on that it is made."""


Makers = Mapping[str, Callable[[], Pane]]
"""What makes each pane, by the names of their tabs, in the order of the tabs."""


def panes_of(session: PageSession, links: Links) -> Makers:
    """Return the panes of a session's own page; `links` is where they lead."""
    return {
        SESSION: lambda: SessionPane(session.view, session.editor, links),
        TOOLS: lambda: ToolsPane(session),
        COMPOSER: lambda: ComposerPane(session),
        "Usage": lambda: UsagePane(session),
    }


def watched_panes_of(session: ShownSession, links: Links) -> Makers:
    """Return the panes of those who watch: what can be seen without being changed."""
    return {
        SESSION: lambda: SessionPane(session.view, None, links),
        TOOLS: lambda: WatchedToolsPane(session.view),
    }


class Side:
    """Several panes in one place; each is made when it is opened first."""

    def __init__(self, makers: Makers, on_wanted: Callable[[str], None]) -> None:
        """Build it where the caller is; `world` is to be filled.

        Args:
            makers: The panes beside weather and memory.
            on_wanted: Called with the name of a pane that is to be seen, wherever the page has it.
        """
        self._makers = makers
        self._on_wanted = on_wanted
        self._panes: dict[str, Pane] = {}
        self._places: dict[str, ui.element] = {}
        with ui.element("div").classes("rc-side").props("data-side=world") as self._root:
            self.tabs = TabRow("Beside the events", (WORLD, *makers), on_chosen=self._chosen)
            self.tabs.classes("rc-side__tabs")
            self.world = ui.element("div").classes("rc-side__world")
            """Where weather and memory belong."""

    @property
    def names(self) -> tuple[str, ...]:
        """Of the panes beside weather and memory."""
        return tuple(self._makers)

    async def open(self, name: str) -> Pane:
        """Show a pane, and return it when it is all there.

        Raises:
            KeyError: There is none of this name.
        """
        pane = self._panes.get(name) or self._make(name)
        self.tabs.value = name
        self._root.props(f"data-side={name.lower()}")
        for each, place in self._places.items():
            place.props("data-shown=" + str(each == name).lower())
        await pane.open()
        return pane

    async def show(self, name: str) -> Pane:
        """Do what `open` does, and bring the pane to the front where one pane is seen."""
        self._on_wanted(name)
        return await self.open(name)

    def refresh(self, parts: frozenset[Part]) -> None:
        """Tell the panes that were opened what has changed."""
        for each in self._panes.values():
            each.refresh(parts)

    def follow(self, events: EventList) -> None:
        """Let events of the list be sent again, and be read about."""
        events.props("data-composes")
        events.on("reuse", self._reuse, js_handler="(event) => emit(event.detail)")
        events.on("explain", self._explain, js_handler="(event) => emit(event.detail)")

    def _make(self, name: str) -> Pane:
        make = self._makers[name]
        with self._root, ui.element("div").classes("rc-side__pane") as place:
            pane = make()
        self._panes[name], self._places[name] = pane, place
        return pane

    def _chosen(self, name: str) -> Awaitable[Pane] | None:
        if name in self._makers:
            return self.open(name)
        self._root.props("data-side=world")
        return None

    async def explain(self, event_type: str, field: str = "") -> None:
        """Open the reference at a type of event, and point out a field of it."""
        await (await self._composer()).explain(event_type, field)

    async def _composer(self) -> ComposerPane:
        pane = await self.show(COMPOSER)
        assert isinstance(pane, ComposerPane)
        return pane

    async def _reuse(self, event: GenericEventArguments) -> None:
        match event.args:
            case {"row": int(row), "place": int(place)}:
                await (await self._composer()).reuse(row, place)

    async def _explain(self, event: GenericEventArguments) -> None:
        match event.args:
            case str(event_type):
                await self.explain(event_type)
            case {"type": str(event_type), "field": str(field)}:
                await self.explain(event_type, field)
