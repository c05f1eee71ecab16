"""The session pane: every field of the session, asked for and in force, and the session as a program."""

from __future__ import annotations

import asyncio
from typing import Final

from nicegui import ui

from console.app.reference.catalogue import Catalogue, ReferenceUnavailableError
from console.app.session_editor import SessionEditor
from console.app.view_model import Part, ViewModel
from console.ui.elements.browser_shelf import BrowserShelf
from console.ui.panels.panel import panel
from console.ui.panels.parts import Parts
from console.ui.panels.read_catalogue import read_catalogue
from console.ui.panels.session_form import Links, SessionForm
from console.ui.panels.session_program import SessionProgram

NAME: Final = "Session"
FIELDS: Final = "Fields"
JSON: Final = "JSON"
PROGRAM: Final = "Program"


class SessionPane:
    """Empty until it is opened: then the reference is read, and it is built."""

    def __init__(self, view: ViewModel, editor: SessionEditor | None, links: Links) -> None:
        """Make the empty pane where the caller is.

        Args:
            view: What it shows.
            editor: Changes the session; None for those who may only look.
            links: Where it leads.
        """
        self._view, self._editor, self._links = view, editor, links
        self._root = ui.element("div").classes("rc-composer-pane")
        self._opening = asyncio.Lock()
        self.form: SessionForm | None = None
        """The fields; None until the pane was opened."""
        self.program: SessionProgram | None = None
        """The session as a program; None for those who may only look."""

    async def open(self) -> None:
        """Read and build what there is to show, once; if it cannot be read, say why."""
        async with self._opening:
            if self.form is None:
                await self._build()

    def refresh(self, parts: frozenset[Part]) -> None:
        """Show what has changed."""
        if self.form is not None and parts & {"session", "connection"}:
            self.form.refresh()
            self._show_program()

    async def _build(self) -> None:
        catalogue = await read_catalogue(self._root, NAME)
        if catalogue is None:
            return
        with self._root, panel(NAME, has_own_bar=True) as region:
            try:
                self._fill(catalogue)
            except ReferenceUnavailableError as error:
                region.clear()
                with region:
                    ui.label(str(error)).classes("rc-composer__note")
                return
        assert self.form is not None
        await self.form.read_kept()

    def _fill(self, catalogue: Catalogue) -> None:
        names = (FIELDS, JSON) if self._editor is None else (FIELDS, JSON, PROGRAM)
        with ui.element("div").classes("rc-panel__bar"):
            self._parts = Parts("Session as", names, self._part_shown)
            ui.label(f"openai {catalogue.version}").classes("rc-panel__count").props(
                'title="The installed package that fields and texts are read from"'
            )
        shelf = BrowserShelf("rc-session")
        self.form = form = SessionForm(self._view, self._editor, catalogue, shelf, self._links)
        form.build_head()
        with self._parts.add(FIELDS):
            form.build_fields()
        with self._parts.add(JSON):
            form.build_json()
        if self._editor is not None:
            with self._parts.add(PROGRAM):
                self.program = SessionProgram()
        form.build_foot()
        self._parts.show(FIELDS)
        form.refresh()

    def _part_shown(self, name: str) -> None:
        self._show_program(is_seen=name == PROGRAM)

    def _show_program(self, *, is_seen: bool | None = None) -> None:
        if self.program is None or self._editor is None:
            return
        if is_seen is not None:
            self.program.is_seen = is_seen
        if self.program.is_seen:
            self.program.show(self._editor.target, self._view.session.requested)
