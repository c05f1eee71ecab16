"""The form in which a client event is composed, checked and sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from nicegui import ui

from console.app.composer import SessionComposer
from console.app.reference.catalogue import Catalogue
from console.app.reference.draft import MAX_CHARACTERS, Draft
from console.app.reference.form import Edit
from console.app.reference.kept_events import KeptEvents
from console.errors import ConsoleError
from console.ui.elements.event_form import EventForm
from console.ui.elements.event_shelf import EventShelf
from console.ui.elements.grouped_select import Group, GroupedSelect
from console.ui.elements.json_text import JsonText

_FIRST: Final = "conversation.item.create"
_SEND: Final = "Send event"
_SEND_ANYWAY: Final = "Send anyway"
_MAX_PROBLEMS: Final = 4
_NOT_LASTING: Final = (
    "This browser keeps nothing for this page: it is saved until the page is closed."
)


class ComposeEvent:
    """One draft, as a form and as JSON, with what is kept of earlier ones."""

    def __init__(
        self,
        composer: SessionComposer,
        catalogue: Catalogue,
        shelf: EventShelf,
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
        await self._shelf.read()
        self._offer_kept()

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
        await self._shelf.read()
        await self._keep(self._shelf.kept.with_sent(self._draft.event))

    # Building

    def _build_head(self) -> None:
        with ui.element("div").classes("rc-composer__head"):
            self.types = GroupedSelect(
                "Event to compose", _groups(self._draft.types), on_chosen=self.begin
            )
            _icon_button("menu_book", "What is this event", self._explain)
            self.kept = GroupedSelect(
                "Saved events and those sent last",
                (),
                prompt="Saved and sent",
                on_chosen=self._take,
            )
            _icon_button("bookmark_add", "Save this event", self._ask_name)
            self._remove = _icon_button("bookmark_remove", "Delete this saved event", self._delete)
        with ui.element("form").classes("rc-composer__naming") as self._naming:
            self._naming.on("submit.prevent", self._save)
            self._name = ui.input("Name").props(
                'dense outlined maxlength=80 aria-label="Name to save the event under"'
            )
            ui.button("Save", color=None).props("type=submit no-caps outline").classes("rc-button")
        self._naming.set_visibility(False)
        self._saved_name = ""

    def _build_foot(self) -> None:
        self._said = ui.label().classes("rc-composer__said").props("role=status")
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

    def _take(self, key: str) -> None:
        kind, _, name = key.partition(":")
        kept = self._shelf.kept
        if kind == "saved" and name in kept.saved:
            self.open(kept.saved[name])
            self._know_as(name)
        elif kind == "sent" and int(name) < len(kept.sent):
            self.open(kept.sent[int(name)])

    def _ask_name(self) -> None:
        self._naming.set_visibility(not self._naming.visible)
        self._name.value = self._saved_name or self.types.value
        if self._naming.visible:
            self._name.run_method("focus")

    async def _save(self) -> None:
        name = str(self._name.value or "").strip()
        event, problems = self._draft.event, self._draft.misread
        if problems:
            self._tell("This is no JSON yet, so it cannot be saved.", is_wrong=True)
            return
        await self._shelf.read()
        try:
            await self._keep(self._shelf.kept.with_saved(name, event))
        except ValueError as error:
            self._tell(str(error), is_wrong=True)
            return
        self._naming.set_visibility(False)
        self._know_as(name)
        self._tell(f"Saved as {name}." if self._shelf.is_lasting else _NOT_LASTING)

    async def _delete(self) -> None:
        name = self._saved_name
        await self._shelf.read()
        await self._keep(self._shelf.kept.without(name))
        self._know_as("")
        self._tell(f"{name} is not saved any more.")

    async def _keep(self, kept: KeptEvents) -> None:
        await self._shelf.write(kept)
        self._offer_kept()

    def _know_as(self, name: str) -> None:
        self._saved_name = name
        self._remove.set_visibility(bool(name))

    # Showing

    def _show_all(self) -> None:
        self.json.show(self._draft.text)
        self._know_as("")
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
        self._said.text = sentence
        self._said.set_visibility(bool(sentence))
        self._said.classes(
            add="rc-composer__said--wrong" if is_wrong else "",
            remove="" if is_wrong else "rc-composer__said--wrong",
        )
        self._send.text = _SEND_ANYWAY if self._is_warned else _SEND

    def _offer_kept(self) -> None:
        kept = self._shelf.kept
        self.kept.offer(
            group
            for group in (
                Group("Saved", [(f"saved:{name}", name) for name in kept.saved]),
                Group(
                    "Sent last", [(f"sent:{n}", _brief(each)) for n, each in enumerate(kept.sent)]
                ),
            )
            if group.options
        )


def _icon_button(name: str, label: str, on_click: Callable[[], Any]) -> ui.button:
    button = ui.button(color=None, on_click=on_click).props(f"flat dense icon={name} no-caps")
    return button.props(f'aria-label="{label}" title="{label}"').classes("rc-composer__tool")


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
