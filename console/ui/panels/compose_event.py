"""The form in which a client event is composed, checked and sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from nicegui import ui

from console.app.composer import SessionComposer
from console.app.reference.catalogue import Catalogue
from console.app.reference.draft import Draft
from console.app.reference.form import Edit
from console.app.reference.form_draft import MAX_CHARACTERS
from console.errors import ConsoleError
from console.ui.elements.browser_shelf import BrowserShelf
from console.ui.elements.event_form import EventForm
from console.ui.elements.grouped_select import Group, GroupedSelect
from console.ui.elements.json_text import JsonText
from console.ui.panels.said_line import SaidLine
from console.ui.panels.saved_values import SavedValues, Words, icon_button

_FIRST: Final = "conversation.item.create"
_SEND: Final = "Send event"
_SEND_ANYWAY: Final = "Send anyway"
_MAX_PROBLEMS: Final = 4
_WORDS: Final = Words("event", "Saved events and those sent last", "Saved and sent")


class ComposeEvent:
    """One draft, as a form and as JSON, with what is kept of earlier ones."""

    def __init__(
        self,
        composer: SessionComposer,
        catalogue: Catalogue,
        shelf: BrowserShelf,
        on_explain: Callable[[str], None],
    ) -> None:
        """Build the form where the caller is.

        Args:
            composer: Of the session.
            catalogue: What there is to compose.
            shelf: What the browser keeps.
            on_explain: Called with the type of the event whose documentation is wanted.
        """
        self._composer = composer
        self._catalogue = catalogue
        self._shelf = shelf
        self._on_explain = on_explain
        self._draft = Draft(catalogue, _FIRST)
        self._shown_type = ""
        self._is_warned = False
        with ui.element("div").classes("rc-composer").props("data-rc-inserts") as self.root:
            self.root.on("keydown.ctrl.enter", self.send)
            self.root.on("keydown.meta.enter", self.send)
            self._build_head()
            with ui.element("div").classes("rc-composer__body"):
                self.form = EventForm("Fields of the event", on_edit=self._edited)
                self.json = JsonText("Event as JSON", limit=MAX_CHARACTERS, on_typed=self._typed)
            self._build_foot()
        self._show_all()

    async def read_kept(self) -> None:
        """Offer what the browser keeps."""
        await self._saved.read()

    def begin(self, event_type: str) -> None:
        """Begin with the least event of a type."""
        self._draft.begin(event_type)
        self._show_all()

    def open(self, event: Mapping[str, Any]) -> None:
        """Go on with an event that there was before."""
        self._draft.open(event)
        self._show_all()

    async def send(self) -> None:
        """Send the event, unless it is wrong and that has not been said yet."""
        event, problems = self._draft.finished(self._composer.variables)
        if event is None or (problems and not self._is_warned):
            self._is_warned = event is not None
            self._tell(_sentence(problems), is_wrong=True)
            return
        try:
            event_id = await self._composer.send(event)
        except ConsoleError as error:
            self._tell(str(error), is_wrong=True)
            return
        self._is_warned = False
        self._tell(f"Sent as {event_id}.")
        await self._saved.note_sent(self._draft.event)

    # Building

    def _build_head(self) -> None:
        with ui.element("div").classes("rc-composer__head"):
            self.types = GroupedSelect(
                "Event to compose", _groups(self._draft.types), on_chosen=self.begin
            )
            icon_button("menu_book", "What is this event", self._explain)
            self._saved = SavedValues(
                self._shelf,
                _WORDS,
                current=lambda: None if self._draft.misread else self._draft.event,
                suggest=lambda: self.types.value,
                on_taken=self.open,
                tell=self._tell,
                more=lambda kept: [("Sent last", [(_brief(each), each) for each in kept.sent])],
            )
        self._saved.build_naming()

    def _build_foot(self) -> None:
        self._said = SaidLine()
        with ui.element("div").classes("rc-composer__foot"):
            known = self._composer.variables.values()
            GroupedSelect(
                "Insert what the session has",
                [Group("", [(each.written, f"{each.name}: {each.about}") for each in known])],
                prompt="Insert variable",
                inserts=True,
            )
            self._send = ui.button(_SEND, color=None, on_click=self.send)
            self._send.props('no-caps outline title="Ctrl+Enter"').classes("rc-button")

    # What somebody does

    def _edited(self, edit: Edit) -> None:
        if self._draft.edit(edit):
            self.json.show(self._draft.text)
        self._show_draft()

    def _typed(self, text: str) -> None:
        self._draft.type_json(text)
        self._show_draft()

    def _explain(self) -> None:
        doc = self._draft.doc
        self._on_explain(self.types.value if doc is None else doc.type)

    # Showing

    def _show_all(self) -> None:
        self.json.show(self._draft.text)
        self._saved.know_as("")
        self._show_draft()

    def _show_draft(self) -> None:
        doc = self._draft.doc
        event_type = "" if doc is None else doc.type
        if event_type != self._shown_type:
            self._shown_type = event_type
            self.form.forget()
            self.types.value = event_type
        self._is_warned = False
        _, problems = self._draft.check(self._composer.variables)
        self.form.show(self._draft.rows, problems)
        self.json.tell(is_invalid=bool(self._draft.misread))
        self._tell(_sentence([str(each) for each in problems]), is_wrong=bool(problems))

    def _tell(self, sentence: str, *, is_wrong: bool = False) -> None:
        self._said.tell(sentence, is_wrong=is_wrong)
        self._send.text = _SEND_ANYWAY if self._is_warned else _SEND


def _groups(types: tuple[str, ...]) -> list[Group]:
    families: dict[str, list[tuple[str, str]]] = {}
    for each in types:
        family = each.partition(".")[0].replace("_", " ").capitalize()
        families.setdefault(family, []).append((each, each))
    return [Group(family, found) for family, found in families.items()]


def _sentence(problems: list[str]) -> str:
    told = [each if each.endswith((".", "?")) else f"{each}." for each in problems[:_MAX_PROBLEMS]]
    more = len(problems) - len(told)
    return "\n".join([*told, f"And {more} more."] if more > 0 else told)


def _brief(event: Mapping[str, Any]) -> str:
    """Return type and the first words of an event, to tell it from others of its type."""
    words = [str(each) for each in _leaves(event) if isinstance(each, str)][1:]
    rest = ", ".join(words)
    return f"{event['type']}: {rest[:40]}" if rest else str(event["type"])


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return [leaf for each in value.values() for leaf in _leaves(each)]
    return (
        [leaf for each in value for leaf in _leaves(each)] if isinstance(value, list) else [value]
    )
