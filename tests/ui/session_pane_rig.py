"""The session pane on a page of its own, with a server that is the test."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from nicegui import ui
from nicegui.testing import User

from console.app.session_editor import SessionEditor
from console.app.view_model import Part
from console.ui.elements.event_form import EventForm
from console.ui.elements.grouped_select import GroupedSelect
from console.ui.elements.json_text import JsonText
from console.ui.elements.text_file import TextFile
from console.ui.panels.session import SessionPane
from console.ui.panels.session_form import Links, SessionForm
from tests.app.editor_rig import Rig
from tests.ui.composer_rig import keep_in, tell
from tests.ui.simulated_user import user_simulation


class Pane:
    """What somebody sees of the pane, and does in it."""

    def __init__(self, user: User, rig: Rig, pane: SessionPane, shown: list[str]) -> None:
        self.user, self.rig, self.pane = user, rig, pane
        self.shown = shown
        """Events and documentation that were asked for."""

    def elements(self) -> list[ui.element]:
        assert self.user.client is not None
        return list(self.user.client.elements.values())

    def one(self, kind: type[Any], label: str = "") -> Any:
        (found,) = (
            each
            for each in self.elements()
            if isinstance(each, kind) and label in str(each.props.get("label", ""))
        )
        return found

    @property
    def form(self) -> SessionForm:
        assert self.pane.form is not None
        return self.pane.form

    @property
    def json(self) -> str:
        return str(self.one(JsonText).text)

    @property
    def state(self) -> str:
        return self.labelled("rc-session__state")

    @property
    def said(self) -> str:
        return self.labelled("rc-composer__said")

    def labelled(self, name: str) -> str:
        (label,) = (
            each for each in self.elements() if isinstance(each, ui.label) and name in each.classes
        )
        return str(label.text)

    def row(self, *path: str | int) -> dict[str, Any]:
        shown = self.one(EventForm).shown
        (row,) = (each for each in shown if each["path"] == list(path))
        assert isinstance(row, dict)
        return row

    def edit(self, *path: str | int, action: str = "set", value: Any = None) -> None:
        event = {"path": list(path), "action": action, "value": value}
        tell(self.one(EventForm), "edit", event)

    def type(self, text: str) -> None:
        tell(self.one(JsonText), "typed", text)

    def read_file(self, text: str) -> None:
        tell(self.one(TextFile), "read", {"name": "mine.json", "text": text})

    def choose(self, label: str, value: str) -> None:
        tell(self.one(GroupedSelect, label), "chosen", value)

    def press(self, words: str) -> None:
        """Press a button by its words."""
        pressed = False
        for each in self.elements():
            inside = [child for child in each if isinstance(child, ui.label)]
            is_named = isinstance(each, ui.button) and each.text == words
            if is_named or (each.tag == "button" and any(one.text == words for one in inside)):
                tell(each, "click", {})
                pressed = True
        assert pressed, f"no button says {words}"


@contextlib.asynccontextmanager
async def opened_session(
    rig: Rig | None = None, *, is_live: bool = False, may_change: bool = True
) -> AsyncIterator[Pane]:
    """Open the pane, with a session that goes on or before there is one."""
    rig = rig or Rig()
    if is_live:
        await rig.connect()
    made: list[SessionPane] = []
    shown: list[str] = []

    def build() -> None:
        editor: SessionEditor | None = rig.editor if may_change else None
        explain = shown.append if may_change else None
        show_event = lambda event_id, field: shown.append(f"{event_id} {field}")  # noqa: E731
        made.append(SessionPane(rig.view, editor, Links(show_event, explain)))

    async with user_simulation(root=build) as user:
        await user.open("/")
        keep_in(user, {})
        (pane,) = made

        def changed(part: Part) -> None:
            assert user.client is not None
            with user.client:
                pane.refresh(frozenset({part}))

        rig.view.on_change = changed
        assert user.client is not None
        with user.client:
            await pane.open()
        yield Pane(user, rig, pane, shown)
    rig.view.on_change = lambda part: None
    await rig.transport.finish()
