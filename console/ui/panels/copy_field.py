"""Text to be taken elsewhere, as a link or a command: a field to be read, and a button that copies."""

from __future__ import annotations

from typing import Final

from nicegui import ui

# In the browser, inside the click: only there may a page write to the clipboard. Pages by http have
# none of the newer kind; there the text is at least selected.
_COPY: Final = """(event) => {
  const field = event.currentTarget.parentElement.querySelector("input");
  field.select();
  if (navigator.clipboard) navigator.clipboard.writeText(field.value).catch(() => {});
  else document.execCommand("copy");
  emit();
}"""


class CopyField:
    """One row: the text, cut off where it is too long, and "Copy"."""

    def __init__(self, name: str, text: str = "") -> None:
        """Build it.

        Args:
            name: What it is, in one to three words.
            text: The text.
        """
        with ui.element("div").classes("rc-copy") as self.element:
            self._field = ui.input(name, value=text).classes("rc-copy__field")
            self._field.props(f'readonly outlined dense spellcheck=false aria-label="{name}"')
            self._copy = ui.button("Copy", color=None).props("no-caps outline")
            self._copy.classes("rc-button rc-copy__button")
            self._copy.on("click", self._copied, js_handler=_COPY)

    @property
    def text(self) -> str:
        """What it shows."""
        return str(self._field.value)

    def show(self, text: str) -> None:
        """Show another text, or the same to somebody who comes back."""
        self._field.value = text
        self._copy.text = "Copy"

    def _copied(self) -> None:
        self._copy.text = "Copied"
