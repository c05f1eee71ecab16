"""Keys that work on the whole page: they go to a field, press a button or open a tab."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from nicegui import ui


@dataclass(frozen=True, slots=True)
class KeyAction:
    """What one key does where nobody types."""

    key: str
    """As browsers name it, small: "/", "m"."""
    does: Literal["focus", "press", "open"]
    """`open` chooses a tab, and leaves the focus on it."""
    target: str = ""
    """A CSS selector of what is gone to or pressed."""
    tabs: tuple[str, ...] = ()
    """Names of tabs: the one that is there is chosen where the target is not seen."""


class ShortcutKeys(ui.element, component="shortcut_keys.js"):
    """Listens to the keys of the page; nothing of it is seen."""

    def __init__(self, actions: Sequence[KeyAction], *, is_enabled: bool = True) -> None:
        """Begin to listen.

        Args:
            actions: What the keys do.
            is_enabled: Whether they do it.
        """
        super().__init__()
        self._props["actions"] = [asdict(each) for each in actions]
        self._props["enabled"] = is_enabled

    def enable(self, is_enabled: bool) -> None:
        """Let the keys do something from now on, or nothing."""
        self._props["enabled"] = is_enabled
