"""A button for what cannot be undone: it acts at the second click, unless it was left between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from nicegui import ui

AGAIN: Final = ": click again to confirm"


class SureButton:
    """Asks back in its own place."""

    def __init__(self, words: str, sure: str, act: Callable[[], None], label: str = "") -> None:
        """Build it.

        Args:
            words: What stands on it.
            sure: The question that stands there after the first click.
            act: Does it.
            label: What it is called for readers of screens; empty: by its words.
        """
        self._words, self._sure, self._act = words, sure, act
        self._label = label or words
        self.element = ui.button(color=None).props("no-caps outline").classes("rc-button")
        self.element.on_click(self._clicked).on("blur", lambda: self._arm(False))
        self._arm(False)

    def _clicked(self) -> None:
        is_sure = self.element.text == self._sure
        self._arm(not is_sure)
        if is_sure:
            self._act()

    def _arm(self, is_armed: bool) -> None:
        self.element.text = self._sure if is_armed else self._words
        self.element.props(f'aria-label="{self._label}{AGAIN if is_armed else ""}"')
