"""The fields of the session: written as a form or as JSON, told to the server as what changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from nicegui import ui

from console.app.reference.catalogue import Catalogue
from console.app.reference.checks import Path, Problem
from console.app.reference.form import Edit
from console.app.reference.form_draft import MAX_CHARACTERS
from console.app.reference.typed_json import read_json
from console.app.session_draft import SessionDraft
from console.app.session_editor import SessionEditor
from console.app.session_state import InForce, Refusal, in_force, n_different
from console.app.view_model import ViewModel
from console.errors import ConsoleError
from console.ui.elements.browser_shelf import BrowserShelf
from console.ui.elements.event_form import EventForm, Remark, RemarkKind
from console.ui.elements.grouped_select import Group, GroupedSelect
from console.ui.elements.json_text import JsonText
from console.ui.elements.text_file import TextFile
from console.ui.panels.said_line import SaidLine
from console.ui.panels.saved_values import SavedValues, Words, icon_button

_WORDS: Final = Words("session", "Saved sessions", "Presets")
_FILE: Final = "session.json"
_LATER: Final = "Not connected: what you change is used for the next session."
_AGREED: Final = "The server has all of it as it was asked for."
_LOOK_ONLY: Final = "You are watching: nothing can be changed here."
_TYPES: Final = (("realtime", "Conversation"), ("transcription", "Transcription"))
_MAX_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Links:
    """Where the pane leads."""

    show_event: Callable[[str, str], Any]
    """Shows the client's event of an id in the list of events, and points out a field of it."""
    explain: Callable[[str], Any] | None = None
    """Opens the reference at a type of event; None where there is none."""


class SessionForm:
    """One draft on top of what is asked for; built in parts, by whoever lays them out."""

    def __init__(
        self,
        view: ViewModel,
        editor: SessionEditor | None,
        catalogue: Catalogue,
        shelf: BrowserShelf,
        links: Links,
    ) -> None:
        """Begin with what is asked for; see `SessionPane` for the arguments.

        Raises:
            ReferenceUnavailableError: The installed package documents no session.
        """
        self._view, self._editor, self._links = view, editor, links
        self._draft = SessionDraft(catalogue, view.session)
        self._shelf = shelf
        self._refusals: tuple[Refusal, ...] | None = None
        self._saved: SavedValues | None = None
        self._tells_problems = False

    # Building

    def build_head(self) -> None:
        """Build what chooses, saves, reads and writes whole sessions."""
        self._refused = ui.element("ul").classes("rc-refused").props('aria-label="Refused"')
        if self._editor is None:
            return
        with ui.element("div").classes("rc-composer__head rc-session__head"):
            self._types = GroupedSelect(
                "Type of the session", [Group("", _TYPES)], on_chosen=self._choose_type
            )
            self._saved = SavedValues(
                self._shelf,
                _WORDS,
                current=self._current,
                suggest=lambda: str(self._view.session.requested.get("type", "")),
                on_taken=self.take,
                tell=self._tell,
                more=lambda kept: [],
            )
            TextFile(
                "Read a session from a file",
                limit=MAX_CHARACTERS,
                on_read=self._read,
                on_refused=lambda why: self._tell(why, is_wrong=True),
            )
            icon_button("download", "Write this session into a file", self._write)
        self._saved.build_naming()

    def build_fields(self) -> None:
        """Build the form."""
        self.form = EventForm(
            "Fields of the session",
            on_edit=self._edited,
            on_cause=self._show_cause,
            is_read_only=self._editor is None,
        )

    def build_json(self) -> None:
        """Build the JSON."""
        self.json = JsonText("Session as JSON", limit=MAX_CHARACTERS, on_typed=self._typed)
        if self._editor is None:
            self.json.props("readonly")

    def build_foot(self) -> None:
        """Build what is said, and the buttons that make changes count."""
        self._said = SaidLine()
        with ui.element("div").classes("rc-composer__foot") as foot:
            self._state = ui.label().classes("rc-session__state")
            with ui.element("div").classes("rc-session__buttons"):
                self._discard = ui.button("Discard", color=None, on_click=self.discard)
                self._discard.props("no-caps flat").classes("rc-button")
                self._apply = ui.button("Apply", color=None, on_click=self.apply)
                self._apply.props('no-caps outline title="Ctrl+Enter"').classes("rc-button")
        foot.on("keydown.ctrl.enter", self.apply)

    async def read_kept(self) -> None:
        """Offer what the browser keeps."""
        if self._saved is not None:
            await self._saved.read()

    # What somebody does

    async def take(self, session: Mapping[str, Any]) -> None:
        """Take over a whole session that was kept before; while one goes on, `apply` tells it."""
        present = self._view.session.requested.get("type")
        kind = session.get("type", present)
        if kind != present and not self._choose_type(str(kind)):
            return
        assert self._editor is not None
        self._draft.draft.open(self._editor.completed({**session, "type": kind}))
        await self._changed()

    async def apply(self) -> None:
        """Ask for what is written; only what differs is told to the server."""
        if self._editor is None or not self._draft.changes:
            return
        if problems := self._draft.draft.problems():
            self._tell(_sentence(problems), is_wrong=True)
            return
        names = self._draft.changes
        try:
            await self._editor.change(self._draft.draft.value)
        except (ConsoleError, ValueError) as error:
            self._tell(str(error), is_wrong=True)
            return
        self._draft.discard(self._view.session)
        if self._view.session.is_live:
            self._tell(f"Asked for: {_named(names)}.")
        self._draw(has_new_text=True)

    def discard(self) -> None:
        """Go back to what is asked for."""
        self._draft.discard(self._view.session)
        self._tell("")
        self._draw(has_new_text=True)

    def refresh(self) -> None:
        """Show how the session stands now, with what is written on top of it."""
        self._draw(has_new_text=self._draft.follow(self._view.session) or not self.json.text)

    async def _edited(self, edit: Edit) -> None:
        if self._draft.draft.edit(edit):
            await self._changed()
        else:
            self._draw()

    async def _typed(self, text: str) -> None:
        self._draft.draft.type_json(text)
        await self._changed(has_new_text=False)

    async def _changed(self, *, has_new_text: bool = True) -> None:
        self._tell("")
        self._draw(has_new_text=has_new_text)
        if not self._view.session.is_live and not self._draft.draft.problems():
            await self.apply()

    def _choose_type(self, kind: str) -> bool:
        """Go over to a session of another type; returns whether that can be done."""
        assert self._editor is not None
        self._tell("")
        try:
            self._editor.choose_type(kind)
        except ConsoleError as error:
            self._tell(str(error), is_wrong=True)
            return False
        self.refresh()
        return True

    async def _read(self, name: str, text: str) -> None:
        try:
            value = read_json(text)
        except ValueError as error:
            self._tell(f"{name} is no JSON: {error}.", is_wrong=True)
            return
        if isinstance(value, dict) and isinstance(value.get("session"), dict):
            value = value["session"]  # of a session.update that was saved as it is
        if not isinstance(value, dict):
            self._tell(f"{name} holds no session: a JSON object is needed.", is_wrong=True)
            return
        await self.take(value)

    def _write(self) -> None:
        value = self._current()
        if value is None:
            self._tell("This is no JSON yet, so it cannot be written.", is_wrong=True)
            return
        text = json.dumps(value, ensure_ascii=False, indent=2)
        ui.download.content(text, _FILE, "application/json")

    def _current(self) -> Mapping[str, Any] | None:
        value = self._draft.draft.value
        return value if isinstance(value, dict) and not self._draft.draft.misread else None

    def _show_cause(self, path: Path) -> None:
        found = next((each for each in self._view.session.refusals if each.path == path), None)
        if found is not None and found.event_id:
            self._show_refused(found)

    def _show_refused(self, refusal: Refusal) -> None:
        """Point out what was refused, in the event and among the fields."""
        self.form.point_out(refusal.path)
        self._links.show_event(refusal.event_id, refusal.param)

    # Showing

    def _draw(self, *, has_new_text: bool = False) -> None:
        state, draft = self._view.session, self._draft.draft
        compared = in_force(state)
        problems = draft.problems()
        refused = [Problem(each.path, f"refused: {each.sentence}") for each in state.refusals]
        self.form.show(
            draft.rows,
            [*problems, *refused],
            remarks={path: _remark(each) for path, each in compared.items()},
            fixed=state.fixed,
            causes=[each.path for each in state.refusals if each.event_id],
        )
        if has_new_text and self.json.text != draft.text:
            self.json.show(draft.text)
        self.json.tell(is_invalid=bool(draft.misread))
        if problems or self._tells_problems:
            self._tell(_sentence(problems) if problems else "", is_wrong=bool(problems))
        self._tells_problems = bool(problems)
        self._draw_foot(n_different(compared), bool(problems))
        self._draw_refusals()

    def _draw_foot(self, n_differing: int, is_wrong: bool) -> None:
        state, changes = self._view.session, self._draft.changes
        if self._editor is None:
            words = _LOOK_ONLY
        elif changes and state.is_live:
            words = f"{_count(len(changes), 'change')} not asked for yet: {_named(changes)}."
        elif not state.is_live:
            words = _LATER
        else:
            words = _AGREED
            if n_differing:
                words = f"{_count(n_differing, 'field')} not as asked for: see the marks."
        self._state.text = words
        if self._editor is not None:
            self._types.value = str(state.requested.get("type", "realtime"))
            is_fixed = ("type",) in state.fixed
            self._types.props(
                add="disabled" if is_fixed else "", remove="" if is_fixed else "disabled"
            )
        self._discard.set_visibility(bool(changes) and self._editor is not None)
        self._apply.set_visibility(state.is_live and self._editor is not None)
        self._apply.set_enabled(bool(changes) and not is_wrong)

    def _draw_refusals(self) -> None:
        refusals = self._view.session.refusals
        if refusals == self._refusals:
            return
        self._refusals = refusals
        self._refused.clear()
        self._refused.set_visibility(bool(refusals))
        with self._refused:
            for each in refusals:
                self._refusal(each)

    def _refusal(self, refusal: Refusal) -> None:
        with ui.element("li").classes("rc-refused__row").props("role=alert"):
            code = f" ({refusal.code})" if refusal.code else ""
            about = f"{refusal.param}: " if refusal.param else ""
            ui.label(f"{about}{refusal.sentence}{code}").classes("rc-refused__sentence")
            if refusal.event_id:
                _text_button("Show the event", lambda: self._show_refused(refusal))
            if self._links.explain is not None:
                explain = self._links.explain
                _text_button("Documentation", lambda: explain("session.update"))

    def _tell(self, sentence: str, *, is_wrong: bool = False) -> None:
        self._said.tell(sentence, is_wrong=is_wrong)


def _text_button(words: str, on_click: Callable[[], Any]) -> None:
    with ui.element("button").classes("rc-text-button").props("type=button") as button:
        ui.label(words)
    button.on("click", on_click)


def _remark(told: InForce) -> Remark:
    kinds: dict[bool | None, RemarkKind] = {True: "agrees", False: "differs", None: "told"}
    return Remark(f"server: {told.text}", kinds[told.agrees])


def _sentence(problems: list[Problem]) -> str:
    first = str(problems[0])
    told = first if first.endswith((".", "?")) else f"{first}."
    return told if len(problems) == 1 else f"{told} And {len(problems) - 1} more."


def _named(names: list[str]) -> str:
    shown = ", ".join(names[:_MAX_NAMED])
    return shown if len(names) <= _MAX_NAMED else f"{shown} and {len(names) - _MAX_NAMED} more"


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
