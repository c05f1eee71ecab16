"""What is held for browser tabs."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from nicegui import app
from nicegui.observables import ObservableDict

from console.app.backend import Backend
from console.settings import Settings
from console.ui import tabs
from console.ui.grace_times import GRACE_S
from console.ui.sessions import SessionRegistry
from console.ui.visits import Visit
from tests.fakes import ManualClock
from tests.ui.let_in import GUEST
from tests.ui.pages.test_front import visited

SETTINGS = Settings(_env_file=None, target="ws://127.0.0.1:9/v1/realtime")


@pytest_asyncio.fixture
async def clock() -> ManualClock:
    return ManualClock()


@pytest_asyncio.fixture
async def registry(clock: ManualClock) -> AsyncIterator[SessionRegistry]:
    registry = SessionRegistry(Backend(SETTINGS), SETTINGS, clock=clock)
    yield registry
    await registry.close()


async def test_a_tab_is_remembered_while_it_is_open_or_its_session_waits_for_it(
    registry: SessionRegistry, clock: ManualClock
) -> None:
    async with visited(registry, GUEST, "/") as user:
        await user.should_see("Realtime Console")
        held = app.storage._tabs
        waiting, gone = ObservableDict(), ObservableDict()
        held |= {"waiting": waiting, "gone": gone}
        registry.session_for(waiting, Visit(GUEST))

        tabs.forget_closed(registry)
        assert set(held) == {user.tab_id, "waiting"}

        await clock.advance(GRACE_S + 1)
        tabs.forget_closed(registry)
        assert set(held) == {user.tab_id}


async def test_tabs_that_are_gone_are_forgotten_when_another_one_opens(
    registry: SessionRegistry,
) -> None:
    async with visited(registry, GUEST, "/") as user:
        app.storage._tabs["gone"] = ObservableDict()
        await user.open("/")

        assert set(app.storage._tabs) == {user.tab_id}
