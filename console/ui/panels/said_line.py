"""What a pane says of what was done last, or of what is wrong: one line, and none for nothing."""

from __future__ import annotations

from nicegui import ui

_WRONG = "rc-composer__said--wrong"


class SaidLine:
    """Read out by screen readers when it changes."""

    def __init__(self) -> None:
        """Build it where the caller is; nothing is said yet."""
        self._label = ui.label().classes("rc-composer__said").props("role=status")
        self._label.set_visibility(False)

    def tell(self, sentence: str, *, is_wrong: bool = False) -> None:
        """Say a sentence in the place of the last one; empty: nothing any more."""
        self._label.text = sentence
        self._label.set_visibility(bool(sentence))
        self._label.classes(add=_WRONG if is_wrong else "", remove="" if is_wrong else _WRONG)
