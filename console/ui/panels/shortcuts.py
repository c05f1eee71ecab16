"""Keyboard shortcuts: what the keys of the page do, and the sheet that lists them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from console.ui import preferences
from console.ui.elements.shortcut_keys import KeyAction, ShortcutKeys
from console.ui.elements.shortcut_sheet import KeyGroup, ShortcutSheet, ShownKeys
from console.ui.panels.dialog import PageDialog

TITLE: Final = "Keyboard shortcuts"
OPENS_SHEET: Final = "data-rc-shortcuts"
"""The attribute of the button that opens the sheet."""
SINGLE_KEYS: Final = "Keys without Ctrl work on the whole page"
MAX_PANES: Final = 9
"""That have a number as their key."""

_FILTER: Final = KeyAction("/", "focus", ".rc-panel--events .rc-filter input", ("Events",))
_LIST: Final = KeyAction("e", "focus", ".rc-events__grid", ("Events",))
_SEARCH: Final = KeyAction("f", "focus", ".rc-conversation__search input", ("Conversation",))
_MESSAGE: Final = KeyAction("t", "focus", ".rc-message input")
_MUTE: Final = KeyAction("m", "press", "[data-rc-mute=microphone]")
_SHEET: Final = KeyAction("?", "press", f"[{OPENS_SHEET}]")
_READING: Final = (
    ShownKeys("/", "Filter the events"),
    ShownKeys("E", "Go to the list of events"),
    ShownKeys("F", "Search the conversation"),
)
_ACTING: Final = (
    ShownKeys("Space", "Push to talk, as long as it is held"),
    ShownKeys("T", "Type a message"),
    ShownKeys("M", "Mute the microphone, or let it be heard"),
)
_ENDING: Final = (
    ShownKeys("?", "Show this sheet"),
    ShownKeys("Esc", "Close what is open, or empty a search"),
)
_IN_LIST: Final = KeyGroup(
    "In the list of events",
    (
        ShownKeys("↑ ↓", "Choose the row before or after"),
        ShownKeys("Page_Up Page_Down", "Go further; Home and End go all the way"),
        ShownKeys("Shift+↑ Shift+↓", "Choose a second row, for the time between them"),
        ShownKeys("Enter", "Open the event"),
        ShownKeys("← →", "Go through the events of a run that is open"),
        ShownKeys("G", "Jump to a time"),
        ShownKeys("Z", "Change the zoom: frames, spans, turns"),
        ShownKeys("Ctrl+C", "Copy the event, or all between two rows"),
    ),
)
_IN_CONVERSATION: Final = KeyGroup(
    "In the conversation",
    (
        ShownKeys("Enter Shift+Enter", "Find the next words, or those before", "or"),
        ShownKeys("← →", "Move a second in a waveform; Page Up and Page Down move ten"),
    ),
)
_IN_FORMS: Final = KeyGroup(
    "In forms", (ShownKeys("Ctrl+Enter", "Send the composed event, or apply the session"),)
)


class Shortcuts:
    """The keys of a page; the sheet is made when it is opened first."""

    def __init__(
        self, panes: Sequence[tuple[str, ...]] = (), *, may_act: bool, is_enabled: bool = True
    ) -> None:
        """Listen to the keys of the page that the caller builds.

        Args:
            panes: What stands beside the events, in order; each by the names of its tabs, of which
                the first is told.
            may_act: Whether the page can do something to the session.
            is_enabled: Whether keys without Ctrl do something.
        """
        self._panes = tuple(panes[:MAX_PANES])
        self._may_act = may_act
        self._is_enabled = is_enabled
        self._dialog: PageDialog | None = None
        self.keys = ShortcutKeys(self._actions(), is_enabled=is_enabled)

    def open(self) -> None:
        """Show the sheet."""
        if self._dialog is None:
            self._dialog = PageDialog(TITLE, self._build, classes="rc-shortcuts")
        self._dialog.open()

    def groups(self) -> list[KeyGroup]:
        """Return what the sheet lists: nothing that this page cannot do."""
        anywhere = (*(_ACTING if self._may_act else ()), *_READING, *self._pane_keys(), *_ENDING)
        found = [KeyGroup("Anywhere, while you are not typing", anywhere)]
        found += [_IN_FORMS] if self._may_act else []
        return [*found, _IN_LIST, _IN_CONVERSATION]

    def _actions(self) -> list[KeyAction]:
        numbered = [
            KeyAction(str(number), "open", tabs=names)
            for number, names in enumerate(self._panes, 1)
        ]
        acting = [_MESSAGE, _MUTE] if self._may_act else []
        return [_FILTER, _LIST, _SEARCH, _SHEET, *acting, *numbered]

    def _pane_keys(self) -> list[ShownKeys]:
        if not self._panes:
            return []
        *others, last = (names[0] for names in self._panes)
        words = f"{', '.join(others)} or {last}" if others else last
        return [ShownKeys(f"1 {len(self._panes)}" if others else "1", f"Open {words}", "to")]

    def _build(self) -> None:
        assert self._dialog is not None
        ShortcutSheet(self.groups())
        with self._dialog.foot:
            ui.switch(SINGLE_KEYS, value=self._is_enabled, on_change=self._enable).props("dense")

    def _enable(self, event: ValueChangeEventArguments[bool | None]) -> None:
        self._is_enabled = bool(event.value)
        self.keys.enable(self._is_enabled)
        preferences.remember("keys", "on" if self._is_enabled else "off")
