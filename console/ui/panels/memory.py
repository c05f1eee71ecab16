"""The memory pane: what is remembered, and what is done with it."""

from __future__ import annotations

from typing import Final

from nicegui import ui

from console.app.session_memory import SessionMemory
from console.app.view_model import ViewModel
from console.errors import ConsoleError
from console.ui.elements.json_view import JsonView
from console.ui.elements.memory_editor import MemoryEditor
from console.ui.panels.panel import panel, title

HINT: Final = 'Say or type "remember that my name is Ada".'
EDIT: Final = "Edit"
DONE: Final = "Done"
FILE_NAME: Final = "memory.json"


class MemoryPanel:
    """The memory as JSON; its own page can change it."""

    def __init__(self, view: ViewModel, memory: SessionMemory | None = None) -> None:
        """Build the pane.

        Args:
            view: What it shows.
            memory: What may be changed; None for those who may only look.
        """
        self._view = view
        self._memory = memory
        self._editing: Editing | None = None
        with panel("Memory", has_own_bar=True):
            with ui.element("div").classes("rc-panel__bar rc-panel__bar--spread"):
                title("Memory")
                if memory is not None:
                    self._switch = ui.button(EDIT, color=None, on_click=self._edit_or_show)
                    self._switch.props("flat dense no-caps").classes("rc-composer__tool")
            with ui.element("div").classes("rc-memory") as self._body:
                self.json = JsonView(view.memory)
            with ui.element("div").classes("rc-empty") as self._empty:
                ui.label("Nothing remembered yet").classes("rc-empty__title")
                ui.label(HINT if memory is not None else "")
        self.refresh()

    @property
    def editor(self) -> MemoryEditor | None:
        """Where it is changed; None until somebody wants to."""
        return None if self._editing is None else self._editing.editor

    def refresh(self) -> None:
        """Show the memory as it is now."""
        memory = dict(self._view.memory)
        is_edited = self._editing is not None and self._editing.is_open
        self.json.value = memory
        self.json.set_visibility(bool(memory) and not is_edited)
        self._empty.set_visibility(not memory and not is_edited)
        if self._editing is not None:
            self._editing.show()

    def _edit_or_show(self) -> None:
        assert self._memory is not None
        if self._editing is None:
            with self._body:
                self._editing = Editing(self._view, self._memory)
        else:
            self._editing.turn()
        self._switch.text = DONE if self._editing.is_open else EDIT
        self.refresh()


class Editing:
    """Does what is asked of the editor, and tells what is refused."""

    def __init__(self, view: ViewModel, memory: SessionMemory) -> None:
        """Build the editor, open, where the caller is."""
        self._view = view
        self._memory = memory
        self.is_open = True
        """Whether the memory is being changed."""
        self.editor = MemoryEditor(self)

    def turn(self) -> None:
        """Open the editor or close it."""
        self.is_open = not self.is_open
        self.editor.tell()

    def show(self) -> None:
        """Show what is remembered now."""
        self.editor.set_visibility(self.is_open)
        self.editor.show(self._view.memory, self._view.memory_state)

    # What somebody does

    def set(self, key: str | None, name: str, text: str) -> None:
        """Remember a text under a name, in place of the memory `key` if there is one."""
        try:
            self._memory.set(name, text, instead_of=key)
        except ConsoleError as error:
            self.editor.tell(str(error), key or "")
            return
        self.editor.tell()
        if key is None:
            self.editor.added()

    def remove(self, key: str) -> None:
        """Forget one."""
        self._memory.remove(key)
        self.editor.tell()

    def clear(self) -> None:
        """Forget all."""
        self._memory.clear()
        self.editor.tell()

    def take_in(self, text: str) -> None:
        """Remember what a file holds."""
        try:
            self._memory.take_in(text)
        except ConsoleError as error:
            self.editor.tell(str(error))
        else:
            self.editor.tell()

    def too_large(self, size_bytes: int) -> None:
        """Refuse a file that the browser has not read."""
        self.editor.tell(f"The file has {size_bytes:,} bytes; 400,000 is the most.")

    def no_text(self) -> None:
        """Refuse a file of which the browser could not make a text."""
        self.editor.tell("The file is no text in UTF-8: save it as such, then import it again.")

    def export(self) -> None:
        """Give all as a file."""
        ui.download.content(self._memory.export(), FILE_NAME, "application/json")

    def keep(self, is_kept: bool) -> None:
        """Keep it for the person, or do so no more."""
        try:
            self._memory.keep(is_kept)
        except ConsoleError as error:
            self.editor.tell(str(error))
            self.show()

    async def offer(self, is_offered: bool) -> None:
        """Tell the model, or do so no more."""
        try:
            await self._memory.offer(is_offered)
        except ConsoleError as error:
            self.editor.tell(str(error))
