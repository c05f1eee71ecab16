"""Nothing of a session is anybody else's: every route of the whole application is tried with all its ids."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import httpx
import pytest_asyncio
from nicegui import app
from nicegui.client import Client
from nicegui.testing import User
from starlette.routing import BaseRoute, Mount
from starlette.types import Message, Receive, Scope, Send

from console.app.backend import Backend
from console.client.relay_sessions import RelaySessions
from console.realtime.events import Event
from console.realtime.observed import ListedSession
from console.settings import Settings
from console.ui import serve
from console.ui.console_session import ConsoleSession
from console.ui.door.door import Door
from console.ui.door.links import Link
from console.ui.door.people import SCOPE_KEY, Person
from console.ui.pages import front, relays
from console.ui.pages.watch import WATCHING
from console.ui.relay_watches import RelayWatches, WatchedRelaySession
from console.ui.sessions import SessionRegistry
from console.ui.visits import Visit
from console.ui.watch_channel import SESSION_OVER
from tests.fakes import PATIENCE_S, FakeTransport
from tests.ui.one_session import add_sound
from tests.ui.simulated_user import user_simulation

SETTINGS: Final = Settings(_env_file=None, target="ws://127.0.0.1:9/v1/realtime")
PNG: Final = b"\x89PNG\r\n\x1a\nrest"
LISTED: Final = ListedSession("s1", token="shop", model="m")
FILLED: Final = {
    "index": "0",
    "item_id": "item_1",
    "form": "md",
    "event_type": "error",
    "place": "0",
}
"""What stands in every session for the parameters of a route; one that is new is missed here."""
NO_ID: Final = {"/favicon.ico", "/assets/{path:path}", "/relays"}
"""Routes without the id of anything; of the latter nobody but the owner has anything."""
TOOLKIT: Final = {
    "/_nicegui_ws",  # whose pages its messages are about: tests/ui/door/test_page_messages.py
    "/static",
    "/libraries/{key:path}",
    "/components/{key:path}",
    "/resources/{key}/{path:path}",
    "/dynamic_resources/{name}",
    "/esm/{key}/{path:path}",
}
"""Of NiceGUI, the same for everybody."""
PAGES: Final = {"/watch-{watch_id}", "/relayed"}
SESSION_S: Final = "/rt/{session_id}"
OWN_ONLY: Final = ("/microphone", "/picture")
"""What a session has that talks, and one that is watched has not."""


class Relay(RelaySessions):
    """A relay with one session, of which nothing more is told."""

    def __init__(self) -> None:
        super().__init__("ws://127.0.0.1:8081", "token", open_transport=FakeTransport().open)

    async def listed(self) -> list[ListedSession]:
        return [LISTED]


@dataclass(frozen=True)
class People:
    """Who has come in by the door."""

    owner: Person
    guest: Person
    stranger: Person
    """Another guest, who has come by the same link."""
    watcher: Person
    """Of the stranger's session."""


@dataclass
class House:
    """The application with sessions of two guests, and one of a relay that the owner watches."""

    user: User
    people: People
    session: ConsoleSession
    """The guest's."""
    other: ConsoleSession
    """The stranger's."""
    relayed: WatchedRelaySession

    def attempts(self) -> Iterator[tuple[str, Person]]:
        """Yield every name of a session with everybody who has nothing of it."""
        session, other, people = self.session, self.other, self.people
        guests = (people.guest, people.stranger, people.watcher)
        yield from ((session.session_id, each) for each in (*guests[1:], people.owner))
        yield from ((session.watch_id, each) for each in guests[1:])
        yield from ((name, people.guest) for name in (other.session_id, other.watch_id))
        yield from ((other.session_id, each) for each in (people.watcher, people.owner))
        yield from ((self.relayed.session_id, each) for each in guests)
        yield from ((LISTED.id, each) for each in (*guests, people.owner))

    async def status(self, person: Person, method: str, path: str) -> int:
        """Ask for something as somebody."""
        transport = httpx.ASGITransport(as_person(person))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return (await client.request(method, path, content=b"")).status_code

    async def page(self, person: Person, path: str) -> User:
        """Open a page as somebody."""
        transport = httpx.ASGITransport(as_person(person))
        self.user.http_client = httpx.AsyncClient(transport=transport, base_url="http://test")
        async with self.user.http_client:
            await self.user.open(path)
        return self.user


def as_person(person: Person) -> Any:
    """Return the application as it is behind the door, where somebody was let in."""

    async def let_in(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, SCOPE_KEY: person}, receive, send)

    return let_in


@pytest_asyncio.fixture
async def house() -> AsyncIterator[House]:
    door, watches = Door(), RelayWatches([Relay()])
    registry = SessionRegistry(Backend(SETTINGS), SETTINGS, door=door)
    owner, guest, stranger = admitted(door, door.owner, *[door.issue("guest")] * 2)
    async with user_simulation(root=front.root(registry)) as user:
        serve.install(registry, watches)
        session = registry.session_for({}, Visit(guest, "192.0.2.7", "Firefox on Windows"))
        other = registry.session_for({}, Visit(stranger, "192.0.2.8", "Chrome on Linux"))
        relayed = await watches.watch(0, LISTED.id, owner)
        assert relayed is not None
        for each in (session, other, relayed):
            sound = Event("response.output_audio.delta", "e", {"delta": "AAAA" * 100})
            each.log.add(0.0, "server", sound, 10)
            add_sound(each, bytes(200))
        for own in (session, other):
            own.picture.attach("cat", PNG)
        admission = door.admit(registry.watch_link(other, "http://test").split("=")[1])
        assert admission is not None
        people = People(owner, guest, stranger, admission.person)
        yield House(user, people, session, other, relayed)
        await watches.close()
        await registry.close()
        Client.page_routes.clear()  # else the reset would have our modules imported a second time


def admitted(door: Door, *links: Link) -> list[Person]:
    """Return who comes in by some links."""
    admissions = [door.admit(each.token) for each in links]
    return [each.person for each in admissions if each is not None]


def table(routes: Iterable[BaseRoute]) -> Iterator[tuple[str, str]]:
    """Yield all routes, as method (or what it is else) and path."""
    for route in routes:
        if (router := getattr(route, "original_router", None)) is not None:
            yield from table(router.routes)
        elif isinstance(route, Mount):
            yield "mount", route.path
        else:
            for method in getattr(route, "methods", None) or {"socket"}:
                yield method, str(getattr(route, "path", ""))


def known(path: str) -> bool:
    """Return whether this test knows what a path is."""
    toolkit = re.sub(r"^/_nicegui/[\d.]+", "", path)
    return path in NO_ID | PAGES or path.startswith(SESSION_S) or toolkit in TOOLKIT


def filled(path: str, name: str) -> str:
    """Return a path for a session, with what is there in every session.

    Raises:
        KeyError: It has a parameter that this test does not know.
    """
    found = path.replace("{session_id}", name)
    return re.sub(r"{(\w+)(?::\w+)?}", lambda each: FILLED[each[1]], found)


async def told(person: Person, path: str, *, stays: bool = False) -> list[Message]:
    """Open a WebSocket and return what is sent, up to its end; one that `stays` is left."""
    came: asyncio.Queue[Message] = asyncio.Queue()
    came.put_nowait({"type": "websocket.connect"})
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)
        if stays and message["type"] == "websocket.accept":
            came.put_nowait({"type": "websocket.disconnect", "code": 1001})

    scope: Scope = {
        "type": "websocket", "path": path, "raw_path": path.encode(), "root_path": "", "scheme": "ws",
        "query_string": b"", "headers": [], "subprotocols": [], "http_version": "1.1",
        "client": ("192.0.2.9", 1), "server": ("test", 80), "asgi": {"version": "3.0"},
    }  # fmt: skip
    async with asyncio.timeout(PATIENCE_S):
        with contextlib.suppress(asyncio.CancelledError):
            await as_person(person)(scope, came.get, send)
    return sent


async def test_every_route_is_known_to_this_test(house: House) -> None:
    found = list(table(app.routes))

    assert [path for _, path in found if not known(path)] == []
    assert {path for _, path in found} >= NO_ID | PAGES | {SESSION_S, f"{SESSION_S}/picture"}


async def test_nothing_of_a_session_is_anothers_by_any_route_and_any_of_its_ids(
    house: House,
) -> None:
    asked = [
        (method, path)
        for method, path in table(app.routes)
        if path.startswith(SESSION_S) and method != "socket"
    ]
    assert {method for method, _ in asked} == {"GET", "POST"}
    for method, path in asked:
        own = await house.status(house.people.guest, method, filled(path, house.session.session_id))
        assert own != 404, (method, path)
        if not path.endswith(OWN_ONLY):
            relayed = filled(path, house.relayed.session_id)
            assert await house.status(house.people.owner, method, relayed) != 404, (method, path)
        for name, person in house.attempts():
            status = await house.status(person, method, filled(path, name))
            assert status == 404, (method, path, person.role)


async def test_no_socket_of_a_session_opens_to_others_by_any_of_its_ids(house: House) -> None:
    sockets = [path for method, path in table(app.routes) if method == "socket"]
    refusal = {"type": "websocket.close", "code": SESSION_OVER}

    assert sockets == [SESSION_S]
    for name, person in [
        (house.session.session_id, house.people.guest),
        (house.session.watch_id, house.people.guest),
        (house.other.watch_id, house.people.watcher),
        (house.session.watch_id, house.people.owner),
        (house.relayed.session_id, house.people.owner),
    ]:
        kept = await told(person, filled(SESSION_S, name), stays=True)
        assert not [each for each in kept if each.get("code") == SESSION_OVER], person.role
    for name, person in house.attempts():
        accepted, ended = await told(person, filled(SESSION_S, name))
        assert accepted["type"] == "websocket.accept"
        assert refusal.items() <= ended.items(), person.role


async def test_no_page_shows_a_session_to_others_by_any_of_its_ids(house: House) -> None:
    watched = await house.page(house.people.guest, f"/watch-{house.session.watch_id}")
    await watched.should_see(WATCHING)
    for name, person in house.attempts():
        page = await house.page(person, f"/watch-{name}")
        await page.should_see(front.NOT_TO_WATCH)
        await page.should_not_see(WATCHING)


async def test_no_page_of_a_relay_opens_to_anybody_but_the_owner(house: House) -> None:
    shown = await house.page(house.people.owner, f"/relayed?relay=0&session={LISTED.id}")
    await shown.should_see(relays.WATCHING)
    await (await house.page(house.people.owner, "/relays")).should_see("shop")
    for person in (house.people.guest, house.people.stranger, house.people.watcher):
        for path in ("/relays", f"/relayed?relay=0&session={LISTED.id}"):
            page = await house.page(person, path)
            await page.should_see(relays.NOT_YOURS)
            await page.should_not_see("shop")
