"""The right-hand side of the page: weather and memory, or the composer in their place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from nicegui import ui
from nicegui.events import GenericEventArguments, ValueChangeEventArguments

from console.ui.elements.event_list import EventList
from console.ui.page_session import PageSession
from console.ui.panels.composer import ComposerPane

WORLD: Final = "Weather and memory"
COMPOSER: Final = "Composer"


class Side:
    """Two things in one place, on a screen that is wide enough for tabs beside each other."""

    def __init__(self, session: PageSession, on_composer: Callable[[], None]) -> None:
        """Build it where the caller is; `world` is to be filled.

        Args:
            session: Of the page.
            on_composer: Called when the composer is to be seen, wherever the page has it.
        """
        self._on_composer = on_composer
        with ui.element("div").classes("rc-side").props("data-side=world") as self._root:
            with ui.tabs(on_change=self._chosen).classes("rc-side__tabs") as self._tabs:
                self._tabs.props('dense no-caps align=left aria-label="Beside the events"')
                self._choices = {
                    each: ui.tab(each).props(":ripple=false") for each in (WORLD, COMPOSER)
                }
                self._tabs.value = WORLD
            self.world = ui.element("div").classes("rc-side__world")
            """Where weather and memory belong."""
            self.composer = ComposerPane(session)

    def follow(self, events: EventList) -> None:
        """Let events of the list be sent again, and be read about."""
        events.props("data-composes")
        events.on("reuse", self._reuse, js_handler="(event) => emit(event.detail)")
        events.on("explain", self._explain, js_handler="(event) => emit(event.detail)")

    async def open_composer(self) -> None:
        """Show the composer."""
        self._tabs.value = COMPOSER
        await self.composer.open()

    def _chosen(self, event: ValueChangeEventArguments[Any]) -> Awaitable[None] | None:
        is_composer = event.value == COMPOSER
        self._root.props(f"data-side={'composer' if is_composer else 'world'}")
        return self.composer.open() if is_composer else None

    async def _reuse(self, event: GenericEventArguments) -> None:
        match event.args:
            case {"row": int(row), "place": int(place)}:
                await self.open_composer()
                self._on_composer()
                await self.composer.reuse(row, place)

    async def _explain(self, event: GenericEventArguments) -> None:
        if isinstance(event.args, str):
            await self.open_composer()
            self._on_composer()
            await self.composer.explain(event.args)
