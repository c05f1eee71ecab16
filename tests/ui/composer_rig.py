"""The composer of a simulated page: what the browser would do and keep."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Iterable
from typing import Any, TypeVar

from nicegui import ui
from nicegui.testing import User

from console.ui.elements.event_form import EventForm
from console.ui.elements.grouped_select import GroupedSelect
from console.ui.elements.json_text import JsonText
from console.ui.elements.reference_view import ReferenceView
from console.ui.elements.tab_row import TabRow
from tests.fakes import settle
from tests.ui.demo_session import DemoSession, opened_page

E = TypeVar("E", bound=ui.element)


def tell(element: ui.element, event: str, args: Any) -> None:
    """Tell an element what its part in the browser would."""
    for listener in list(element._event_listeners.values()):
        if listener.type == event:
            element._handle_event({"listener_id": listener.id, "args": args})


def tab_row(user: User, name: str) -> TabRow:
    """Return a row of tabs by its class: beside the events, or of a phone."""
    assert user.client is not None
    found = user.client.elements.values()
    (row,) = (each for each in found if isinstance(each, TabRow) and name in each.classes)
    return row


def choose_tab(user: User, row: str, name: str) -> None:
    """Choose a tab as the browser tells it."""
    tell(tab_row(user, row), "chosen", name)


def keep_in(user: User, storage: dict[str, str]) -> None:
    """Let the browser of a user keep events."""

    def write(match: re.Match[str]) -> bool:
        storage["kept"] = json.loads(f"[{match[1]}]")[0]
        return True

    user.javascript_rules[re.compile(r'.*"read"', re.DOTALL)] = lambda _: storage.get("kept", "")
    user.javascript_rules[re.compile(r'.*"write", ?\[(.*)\]', re.DOTALL)] = write


class Composer:
    """The page with its composer, and the storage of the browser."""

    def __init__(self, user: User, session: DemoSession, storage: dict[str, str]) -> None:
        self.user = user
        self.session = session
        self.storage = storage
        self._was_read = asyncio.Event()
        user.javascript_rules[re.compile(r'.*"read"', re.DOTALL)] = self._read
        user.javascript_rules[re.compile(r'.*"write", ?\[(.*)\]', re.DOTALL)] = self._write

    def _read(self, _: re.Match[str]) -> str:
        self._was_read.set()
        return self.storage.get("kept", "")

    def _write(self, match: re.Match[str]) -> bool:
        self.storage["kept"] = json.loads(f"[{match[1]}]")[0]
        return True

    async def open(self) -> None:
        """Open the composer's tab and wait until it is there."""
        choose_tab(self.user, "rc-side__tabs", "Composer")
        await self.user.should_see("Send event", retries=50)
        async with asyncio.timeout(5):
            await self._was_read.wait()
        await settle()

    def all(self, kind: type[E]) -> Iterable[E]:
        assert self.user.client is not None
        found = self.user.client.elements.values()
        return [each for each in found if isinstance(each, kind)]

    def one(self, kind: type[E], label: str = "") -> E:
        (found,) = (each for each in self.all(kind) if label in str(each.props.get("label", "")))
        return found

    @property
    def form(self) -> EventForm:
        return self.one(EventForm)

    @property
    def json(self) -> JsonText:
        return self.one(JsonText)

    @property
    def reference(self) -> ReferenceView:
        return self.one(ReferenceView)

    @property
    def kept(self) -> list[str]:
        """What the menu of kept events shows."""
        groups = self.one(GroupedSelect, "Saved events").props["groups"]
        return [text for group in groups for _, text in group["options"]]

    def choose(self, label: str, value: str) -> None:
        tell(self.one(GroupedSelect, label), "chosen", value)

    def edit(self, *path: str | int, action: str = "set", value: Any = None) -> None:
        tell(self.form, "edit", {"path": list(path), "action": action, "value": value})

    def type(self, event: Any) -> None:
        text = event if isinstance(event, str) else json.dumps(event)
        tell(self.json, "typed", text)

    def row(self, *path: str | int) -> dict[str, Any]:
        (row,) = (each for each in self.form.shown if each["path"] == list(path))
        return row

    def press(self, label: str) -> None:
        """Press a button by its name for screen readers."""
        for each in self.all(ui.button):
            if each.text == label or each.props.get("aria-label") == label:
                tell(each, "click", {})

    def save_as(self, name: str) -> None:
        self.press("Save this event")
        self.one(ui.input, "Name").value = name
        (form,) = (each for each in self.all(ui.element) if "rc-composer__naming" in each.classes)
        tell(form, "submit.prevent", {})


@contextlib.asynccontextmanager
async def opened_composer(
    session: DemoSession | None = None, storage: dict[str, str] | None = None
) -> AsyncIterator[Composer]:
    """Open the page and its composer."""
    session = session or DemoSession()
    async with opened_page(session) as user:
        composer = Composer(user, session, {} if storage is None else storage)
        await composer.open()
        yield composer
