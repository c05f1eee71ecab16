import asyncio
import json
from collections.abc import AsyncIterator

import pytest_asyncio
from nicegui import ui
from nicegui.testing import User

from console.app.reference.catalogue import MISSING, ReferenceUnavailableError
from console.realtime.events import Event
from console.ui.elements.json_text import JsonText
from console.ui.elements.reference_view import ReferenceView
from console.ui.panels import read_catalogue as reading
from console.ui.panels.composer import ComposerPane
from tests.app.reference.rig import catalogue
from tests.ui.composer_rig import keep_in, tell
from tests.ui.demo_session import DemoSession
from tests.ui.simulated_user import user_simulation

DELETE = {"type": "conversation.item.delete", "item_id": "item_1"}


class Opened:
    """A page with the pane alone."""

    def __init__(self, user: User, session: DemoSession, pane: ComposerPane) -> None:
        self.user = user
        self.session = session
        self.pane = pane

    def elements(self) -> list[ui.element]:
        assert self.user.client is not None
        return list(self.user.client.elements.values())

    @property
    def composed(self) -> object:
        (text,) = (each for each in self.elements() if isinstance(each, JsonText))
        return json.loads(text.text)

    @property
    def reference(self) -> ReferenceView:
        (view,) = (each for each in self.elements() if isinstance(each, ReferenceView))
        return view


@pytest_asyncio.fixture
async def page() -> AsyncIterator[Opened]:
    panes: list[ComposerPane] = []
    session = DemoSession()
    async with user_simulation(root=lambda: panes.append(ComposerPane(session))) as user:
        keep_in(user, {})
        await user.open("/")
        yield Opened(user, session, panes[0])


async def test_nothing_is_read_or_built_before_it_is_opened(page: Opened, monkeypatch) -> None:
    async def never() -> None:
        raise AssertionError("it was read")

    monkeypatch.setattr(reading, "load_catalogue", never)

    assert page.pane.compose is None
    assert not any(isinstance(each, JsonText) for each in page.elements())


async def test_who_comes_while_it_is_built_finds_it_built(page: Opened) -> None:
    event = Event("conversation.item.delete", "event_9", {"item_id": "item_1"})
    row = page.session.composer.log.add(0.0, "client", event, 10)

    await asyncio.gather(page.pane.open(), page.pane.reuse(row, 0))

    assert page.composed == DELETE


async def test_an_event_that_is_gone_is_said_to_be(page: Opened) -> None:
    await page.pane.reuse(99, 0)

    await page.user.should_see("no longer kept on the server")


async def test_without_the_package_it_is_said_how_to_get_it_and_tried_again(
    page: Opened, monkeypatch
) -> None:
    async def missing() -> None:
        raise ReferenceUnavailableError(MISSING)

    with monkeypatch.context() as broken:
        broken.setattr(reading, "load_catalogue", missing)
        await page.pane.explain("session.update")
        await page.pane.reuse(0, 0)
        await page.user.should_see("pip install openai")

    await page.pane.open()
    await page.user.should_see(f"openai {catalogue().version}")


async def test_an_event_is_explained_and_composed_from_there(page: Opened) -> None:
    await page.pane.explain("session.update")
    assert page.reference.open_type == "session.update"

    tell(page.reference, "compose", "response.cancel")

    assert page.composed == {"type": "response.cancel"}


async def test_a_field_is_pointed_out_until_something_else_is_opened(page: Opened) -> None:
    await page.pane.explain("session.update", "session.audio.inptu")
    assert page.reference.open_type == "session.update"
    assert page.reference.props["field"] == "session.audio.inptu"

    tell(page.reference, "chosen", "response.done")
    assert page.reference.props["field"] == ""


async def test_an_event_that_nobody_has_documented_is_said_to_be_unknown(page: Opened) -> None:
    await page.pane.explain("response.magic")

    await page.user.should_see("response.magic is in no documentation")
    tell(page.reference, "chosen", "response.done")
    await page.user.should_not_see("response.magic is in no documentation")


async def test_it_is_counted_anew_whenever_it_is_opened(page: Opened) -> None:
    await page.pane.open()
    page.session.composer.log.add(0.0, "server", Event("response.done"), 9)
    assert page.reference.props["seen"] == {}

    await page.pane.open()

    assert page.reference.props["seen"] == {"response.done": 1}
