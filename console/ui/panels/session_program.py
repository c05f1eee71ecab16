"""The session as a program to be copied: by our client, or by the `openai` package."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from nicegui import ui

from console.app.session_program import client_program, sdk_program
from console.client.targets import Target
from console.ui.panels.parts import Parts

_CLIENT: Final = "Our client"
_SDK: Final = "openai"
_PROGRAMS: Final[Mapping[str, Callable[[Target, Mapping[str, Any]], str]]] = {
    _CLIENT: client_program,
    _SDK: sdk_program,
}
_NO_TARGET: Final = "There is no server to call yet."
_KEY: Final = (
    "Save it as session.py and run: python session.py. The key comes from the environment. "
    "Tools of the console are not part of it."
)
# In the browser, inside the click: only there may a page write to the clipboard. Pages by http have
# none of the newer kind; there the text is at least selected.
_COPY: Final = """(event) => {
  const code = event.currentTarget.closest(".rc-program").querySelector(".rc-program__code");
  getSelection().selectAllChildren(code);
  if (navigator.clipboard) navigator.clipboard.writeText(code.textContent).catch(() => {});
  else document.execCommand("copy");
  emit();
}"""


class SessionProgram:
    """One program at a time, with a button that copies it."""

    def __init__(self) -> None:
        """Build it where the caller is; `show` fills it."""
        self.is_seen = False
        """Whether somebody sees it: only then it is worth writing."""
        self._shown: tuple[Target | None, Mapping[str, Any]] = (None, {})
        self._name = _CLIENT
        with ui.element("div").classes("rc-program"):
            with ui.element("div").classes("rc-composer__head"):
                parts = Parts("Program by", tuple(_PROGRAMS), self._choose)
                self._copy = ui.button("Copy", color=None).props("no-caps outline")
                self._copy.classes("rc-button rc-program__copy")
                self._copy.on("click", self._copied, js_handler=_COPY)
            with ui.element("pre").classes("rc-program__box").props("tabindex=0 role=region"):
                self._code = ui.label().classes("rc-program__code")
            self._code.parent_slot.parent.props('aria-label="Program"')  # type: ignore[union-attr]
            ui.label(_KEY).classes("rc-program__note")
        parts.show(_CLIENT)

    @property
    def text(self) -> str:
        """The program that is shown."""
        return str(self._code.text)

    def show(self, target: Target | None, session: Mapping[str, Any]) -> None:
        """Show the program of a session with a server."""
        self._shown = (target, session)
        self._draw()

    def _choose(self, name: str) -> None:
        self._name = name
        self._draw()

    def _draw(self) -> None:
        target, session = self._shown
        write = _PROGRAMS[self._name]
        text = _NO_TARGET if target is None else write(target, session)
        if text != self._code.text:
            self._code.text = text
            self._copy.text = "Copy"

    def _copied(self) -> None:
        self._copy.text = "Copied"
