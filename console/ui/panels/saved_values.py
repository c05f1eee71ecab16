"""Values that a browser keeps by name: a menu of them, and buttons that save and delete."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from nicegui import ui

from console.app.reference.kept_events import KeptEvents
from console.ui.elements.browser_shelf import BrowserShelf
from console.ui.elements.grouped_select import Group, GroupedSelect

NOT_LASTING: Final = (
    "This browser keeps nothing for this page: it is saved until the page is closed."
)
_SAVED: Final = "saved"


@dataclass(frozen=True, slots=True)
class Words:
    """How the page calls what is kept."""

    noun: str
    """As in "session"."""
    menu: str
    """The name of the menu, for screen readers."""
    prompt: str
    """What the menu shows."""


class Tell(Protocol):
    """Shows a sentence below what is edited."""

    def __call__(self, sentence: str, *, is_wrong: bool = False) -> None:
        """Show it."""


class SavedValues:
    """The menu with its buttons, built where the caller is; the form for a name stands below it."""

    def __init__(
        self,
        shelf: BrowserShelf,
        words: Words,
        *,
        current: Callable[[], Mapping[str, Any] | None],
        suggest: Callable[[], str],
        on_taken: Callable[[Mapping[str, Any]], Any],
        tell: Tell,
        more: Callable[[KeptEvents], Sequence[tuple[str, list[tuple[str, Mapping[str, Any]]]]]],
    ) -> None:
        """Build menu and buttons.

        Args:
            shelf: What the browser keeps.
            words: How the page calls it.
            current: Returns what would be saved; None: it cannot be, as it is no JSON yet.
            suggest: Returns a name to save it under.
            on_taken: Called with what was chosen from the menu; may return something to be awaited.
            tell: Shows a sentence.
            more: Returns what the menu offers besides: headings, each with names and values.
        """
        self._shelf, self._words = shelf, words
        self._current, self._suggest, self._on_taken = current, suggest, on_taken
        self._tell, self._more = tell, more
        self._offered: dict[str, Mapping[str, Any]] = {}
        self.menu = GroupedSelect(words.menu, (), prompt=words.prompt, on_chosen=self._take)
        icon_button("bookmark_add", f"Save this {words.noun}", self._ask_name)
        self._remove = icon_button(
            "bookmark_remove", f"Delete this saved {words.noun}", self._delete
        )
        self._name_known = ""
        self.know_as("")

    def build_naming(self) -> None:
        """Build the form for a name where the caller is, hidden until somebody saves."""
        noun = self._words.noun
        with ui.element("form").classes("rc-composer__naming") as self._naming:
            self._naming.on("submit.prevent", self._save)
            self._name = ui.input("Name").props(
                f'dense outlined maxlength=80 aria-label="Name to save the {noun} under"'
            )
            ui.button("Save", color=None).props("type=submit no-caps outline").classes("rc-button")
        self._naming.set_visibility(False)

    async def read(self) -> None:
        """Offer what the browser keeps."""
        await self._shelf.read()
        self._offer()

    async def note_sent(self, event: Mapping[str, Any]) -> None:
        """Keep what was sent just now among what was sent last."""
        await self._shelf.read()
        await self._keep(self._shelf.kept.with_sent(event))

    def know_as(self, name: str) -> None:
        """Take what is edited for what was saved under this name; empty: for something new."""
        self._name_known = name
        self._remove.set_visibility(bool(name))

    def _take(self, key: str) -> Any:
        value = self._offered.get(key)
        if value is None:
            return None
        result = self._on_taken(value)
        kind, _, name = key.partition(":")
        self.know_as(name if kind == _SAVED else "")
        return result

    def _ask_name(self) -> None:
        self._naming.set_visibility(not self._naming.visible)
        self._name.value = self._name_known or self._suggest()
        if self._naming.visible:
            self._name.run_method("focus")

    async def _save(self) -> None:
        name, value = str(self._name.value or "").strip(), self._current()
        if value is None:
            self._tell("This is no JSON yet, so it cannot be saved.", is_wrong=True)
            return
        await self._shelf.read()
        try:
            await self._keep(self._shelf.kept.with_saved(name, value))
        except ValueError as error:
            self._tell(str(error), is_wrong=True)
            return
        self._naming.set_visibility(False)
        self.know_as(name)
        self._tell(f"Saved as {name}." if self._shelf.is_lasting else NOT_LASTING)

    async def _delete(self) -> None:
        name = self._name_known
        await self._shelf.read()
        await self._keep(self._shelf.kept.without(name))
        self.know_as("")
        self._tell(f"{name} is not saved any more.")

    async def _keep(self, kept: KeptEvents) -> None:
        await self._shelf.write(kept)
        self._offer()

    def _offer(self) -> None:
        kept = self._shelf.kept
        found = [("Saved", list(kept.saved.items())), *self._more(kept)]
        groups = []
        self._offered = {}
        for heading, values in found:
            options = []
            for at, (name, value) in enumerate(values):
                key = f"{_SAVED}:{name}" if heading == "Saved" else f"{_key(heading)}:{at}"
                self._offered[key] = value
                options.append((key, name))
            if options:
                groups.append(Group(heading, options))
        self.menu.offer(groups)


def _key(heading: str) -> str:
    return heading.partition(" ")[0].lower()


def icon_button(name: str, label: str, on_click: Callable[[], Any]) -> ui.button:
    """Make a small button with an icon."""
    button = ui.button(color=None, on_click=on_click).props(f"flat dense icon={name} no-caps")
    return button.props(f'aria-label="{label}" title="{label}"').classes("rc-composer__tool")
