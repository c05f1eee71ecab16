"""Which page a visitor gets."""

import contextlib
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from nicegui import app
from nicegui.testing import User

from console.app.backend import Backend
from console.app.view_model import Phase
from console.settings import Settings
from console.ui.door.door import Door
from console.ui.door.people import SCOPE_KEY, Person
from console.ui.pages import front
from console.ui.pages.watch import WATCHING
from console.ui.sessions import MAX_SESSIONS_OF_A_PERSON, SessionRegistry
from console.ui.visits import Visit
from console.ui.watching import LAST_WORDS_S
from tests.fakes import ManualClock, settle
from tests.ui.let_in import GUEST, STRANGER, WATCHER
from tests.ui.simulated_user import user_simulation

SETTINGS = Settings(_env_file=None, target="ws://127.0.0.1:9/v1/realtime")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest_asyncio.fixture
async def registry(clock: ManualClock) -> AsyncIterator[SessionRegistry]:
    registry = SessionRegistry(Backend(SETTINGS), SETTINGS, door=Door(clock=clock), clock=clock)
    yield registry
    await registry.close()


@contextlib.asynccontextmanager
async def visited(registry: SessionRegistry, person: Person, path: str) -> AsyncIterator[User]:
    """Open a page as somebody."""
    async with user_simulation(root=front.root(registry)) as user:
        front.install(registry, "Realtime Console")

        @app.middleware("http")
        async def let_in(request, call_next):
            request.scope[SCOPE_KEY] = person
            return await call_next(request)

        await user.open(path)
        yield user


async def test_a_guest_gets_a_session_of_their_own(registry: SessionRegistry) -> None:
    async with visited(registry, GUEST, "/") as user:
        await user.should_see("Realtime Console")

        ((visit, session),) = registry.visits()
        assert visit.person == GUEST
        assert registry.own(session.session_id, GUEST) is session


async def test_who_may_only_watch_gets_no_session(registry: SessionRegistry) -> None:
    async with visited(registry, WATCHER, "/") as user:
        await user.should_see(front.ONLY_WATCHING)

        assert registry.visits() == []


async def test_somebody_with_many_sessions_is_told_to_close_some(
    registry: SessionRegistry,
) -> None:
    for _ in range(MAX_SESSIONS_OF_A_PERSON):
        registry.session_for({}, Visit(GUEST))
    async with visited(registry, GUEST, "/") as user:
        await user.should_see(front.TOO_MANY)


async def test_a_session_can_be_watched_by_whose_it_is(registry: SessionRegistry) -> None:
    session = registry.session_for({}, Visit(GUEST))
    async with visited(registry, GUEST, f"/watch-{session.watch_id}") as user:
        await user.should_see(WATCHING)
        await user.should_see("Guest 1")


async def test_who_comes_between_two_sessions_sees_nothing_of_the_last_and_then_the_next(
    registry: SessionRegistry, clock: ManualClock
) -> None:
    session = registry.session_for({}, Visit(GUEST))
    for phase in (Phase.CONNECTED, Phase.DISCONNECTED):
        session.view.set_connection(phase)
        await settle()
    await clock.advance(LAST_WORDS_S)
    async with visited(registry, GUEST, f"/watch-{session.watch_id}") as user:
        await user.should_see(front.NOT_YET)
        await user.should_not_see(WATCHING)

        assert session.watching.begun.n_handlers == 1
        session.log.clear()
        session.view.set_connection(Phase.CONNECTED)
        await settle()
        await user.open(f"/watch-{session.watch_id}")
        await user.should_see(WATCHING)


@pytest.mark.parametrize("name", ["session_id", "watch_id"])
async def test_a_session_of_others_is_not_shown(registry: SessionRegistry, name: str) -> None:
    session = registry.session_for({}, Visit(GUEST))
    async with visited(registry, STRANGER, f"/watch-{getattr(session, name)}") as user:
        await user.should_see(front.NOT_TO_WATCH)
        await user.should_see("Open the console")
