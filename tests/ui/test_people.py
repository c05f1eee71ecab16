"""Who is here, for the host and for a guest."""

import pytest
import pytest_asyncio

from console.app.backend import Backend
from console.settings import Settings
from console.ui.door.door import Door
from console.ui.people import People
from console.ui.sessions import SessionRegistry
from console.ui.visits import Visit
from tests.fakes import ManualClock, settle

SETTINGS = Settings(_env_file=None, target="ws://127.0.0.1:9/v1/realtime")
BASE = "https://192.0.2.1:8080"


@pytest.fixture
def door():
    return Door(clock=ManualClock())


@pytest_asyncio.fixture
async def registry(door):
    registry = SessionRegistry(Backend(SETTINGS), SETTINGS, door=door, clock=ManualClock())
    yield registry
    await registry.close()


@pytest_asyncio.fixture
async def host(door, registry):
    return arrive(door.admit(door.owner.token).person, registry, "127.0.0.1")


@pytest_asyncio.fixture
async def guest(door, registry, host):
    return arrive(door.admit(door.issue("guest").token).person, registry, "192.0.2.7")


def arrive(person, registry, address):
    visit = Visit(person, address, "Firefox on Windows")
    return People(registry, registry.session_for({}, visit), visit, BASE)


async def test_the_host_sees_everybody(host, guest):
    rows = host.rows()

    assert [(each.who, each.where, each.is_own, each.is_guest) for each in rows] == [
        ("Host", "127.0.0.1, Firefox on Windows", True, False),
        ("Guest 1", "192.0.2.7, Firefox on Windows", False, True),
    ]
    assert [each.state for each in rows] == ["Page closed", "Page closed"]
    assert not any(each.is_there for each in rows)


async def test_this_page_comes_first_and_two_tabs_of_somebody_are_told_apart(registry, host, guest):
    second = Visit(guest._visit.person, "192.0.2.7")
    registry.session_for({}, second)
    later = People(registry, registry.session_for({}, host._visit), host._visit, BASE)

    assert [each.who for each in later.rows()] == [
        "Host, tab 2",
        "Host",
        "Guest 1",
        "Guest 1, tab 2",
    ]
    assert [each.who for each in host.rows()][:2] == ["Host", "Host, tab 2"]  # guests after hosts


async def test_a_guest_sees_nobody_and_ends_nothing(registry, host, guest):
    watch_id = host.rows()[0].watch_id
    await guest.end(watch_id)
    guest.shut_out(watch_id)

    assert guest.rows() == []
    assert not guest.is_host
    assert host.rows()[0].watch_id == watch_id
    assert not registry.visits()[0][1].view.notices


async def test_everybody_has_a_link_to_be_watched_by(host, guest):
    assert guest.watch_link().startswith(f"{BASE}/watch-")
    assert guest.watch_link() != host.watch_link()
    assert guest.n_watchers == 0


async def test_the_host_ends_a_session_or_shuts_a_guest_out(registry, host, guest):
    changes: list[None] = []
    stop = host.changed.connect(changes.append)
    await host.end(host.rows()[1].watch_id)
    assert len(host.rows()) == 2
    assert registry.visits()[1][1].view.notices

    host.shut_out(host.rows()[1].watch_id)
    await settle()
    assert [each.who for each in host.rows()] == ["Host"]
    assert len(changes) >= 2
    stop()


async def test_the_host_is_not_shut_out(host):
    host.shut_out(host.rows()[0].watch_id)
    await settle()

    assert len(host.rows()) == 1
