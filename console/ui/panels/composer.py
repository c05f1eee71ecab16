"""The composer pane: client events to compose, and the reference of all events."""

from __future__ import annotations

import asyncio
from typing import Final

from nicegui import ui

from console.app.reference.catalogue import Catalogue
from console.app.view_model import Part
from console.ui.elements.browser_shelf import BrowserShelf
from console.ui.page_session import PageSession
from console.ui.panels.compose_event import ComposeEvent
from console.ui.panels.panel import panel
from console.ui.panels.parts import Parts
from console.ui.panels.read_catalogue import read_catalogue
from console.ui.panels.reference import ReferencePanel

_GONE: Final = "This event cannot be sent again: it is no longer kept on the server."
COMPOSE: Final = "Compose"
REFERENCE: Final = "Reference"


class ComposerPane:
    """Empty until it is opened: then the reference is read, off the event loop, and it is built."""

    def __init__(self, session: PageSession) -> None:
        """Make the empty pane where the caller is."""
        self._session = session
        self._root = ui.element("div").classes("rc-composer-pane")
        self._opening = asyncio.Lock()
        self.compose: ComposeEvent | None = None
        """The form; None until the pane was opened."""
        self.reference: ReferencePanel | None = None
        """The reference; None until the pane was opened."""

    async def open(self) -> None:
        """Read and build what there is to show, once; if it cannot be read, say why."""
        async with self._opening:  # who comes while it is built has it when they go on
            if self.compose is None:
                await self._build()
            elif self.reference is not None:
                self.reference.refresh()

    def refresh(self, parts: frozenset[Part]) -> None:
        """Show nothing else: what is composed waits for whoever composes it."""

    async def explain(self, event_type: str, field: str = "") -> None:
        """Open the reference at an event, and point out a field of it."""
        await self.open()
        if self.reference is not None:
            self._parts.show(REFERENCE)
            self.reference.open(event_type, field)

    async def reuse(self, row: int, place: int) -> None:
        """Take an event of the event list into the form, to be sent again."""
        await self.open()
        if self.compose is None:
            return
        event = self._session.composer.sent_event(row, place)
        self._parts.show(COMPOSE)
        if event is None:
            ui.notify(_GONE)
        else:
            self.compose.open(event)

    async def _build(self) -> None:
        catalogue = await read_catalogue(self._root, "Composer")
        if catalogue is None:
            return
        with self._root, panel("Composer", has_own_bar=True):
            self._build_bar(catalogue)
            shelf = BrowserShelf()
            with self._parts.add(COMPOSE):
                self.compose = ComposeEvent(
                    self._session.composer, catalogue, shelf, self._explain_composed
                )
            with self._parts.add(REFERENCE):
                self.reference = ReferencePanel(
                    self._session.composer, catalogue, self._compose_type
                )
        self._parts.show(COMPOSE)
        await self.compose.read_kept()

    def _build_bar(self, catalogue: Catalogue) -> None:
        with ui.element("div").classes("rc-panel__bar"):
            self._parts = Parts("Compose or read", (COMPOSE, REFERENCE), self._part_shown)
            ui.label(f"openai {catalogue.version}").classes("rc-panel__count").props(
                'title="The installed package that fields and texts are read from"'
            )

    def _part_shown(self, name: str) -> None:
        if name == REFERENCE and self.reference is not None:
            self.reference.refresh()

    def _explain_composed(self, event_type: str) -> None:
        assert self.reference is not None
        self._parts.show(REFERENCE)
        self.reference.open(event_type)

    def _compose_type(self, event_type: str) -> None:
        assert self.compose is not None
        self.compose.begin(event_type)
        self._parts.show(COMPOSE)
