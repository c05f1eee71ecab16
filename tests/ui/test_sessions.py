import asyncio
from typing import Any

import orjson
import pytest
import pytest_asyncio
from websockets.asyncio.server import ServerConnection, serve

from console.app.backend import Backend
from console.app.microphone_lease import MicrophoneTakenError
from console.app.own_tools import OwnTools
from console.app.view_model import MicrophoneState, Phase
from console.audio.sounddevice_library import PORTAUDIO, SoundDevice, SoundDevices
from console.settings import Settings
from console.ui.channel_wire import BrowserMicrophone
from console.ui.door.door import Door
from console.ui.grace_times import GRACE_S
from console.ui.sessions import (
    ENDED_BY_HOST,
    MAX_SESSIONS_OF_A_PERSON,
    SessionRegistry,
    TooManySessionsError,
)
from console.ui.visits import Visit
from console.ui.watching import LAST_WORDS_S
from tests.fakes import ManualClock, settle
from tests.tools.test_tool_file import ADD, HEAD
from tests.ui.let_in import GUEST, OWNER, STRANGER, WATCHER

SETTINGS = Settings(_env_file=None, target="ws://127.0.0.1:9/v1/realtime")


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def door(clock):
    return Door(clock=clock)


@pytest_asyncio.fixture
async def registry(clock, door):
    registry = SessionRegistry(Backend(SETTINGS), SETTINGS, door=door, clock=clock)
    yield registry
    await registry.close()


def visit(person=GUEST):
    return Visit(person, "192.0.2.7", "Firefox on Windows")


async def test_a_tab_finds_its_session_again_and_another_tab_has_another(registry):
    first_tab: dict[str, str] = {}
    second_tab: dict[str, str] = {}

    session = registry.session_for(first_tab, visit())

    assert registry.session_for(first_tab, visit()) is session
    assert registry.session_for(second_tab, visit()) is not session
    assert registry.own(session.session_id, GUEST) is session
    assert registry.own("x" * len(session.session_id), GUEST) is None


async def test_a_session_id_cannot_be_guessed(registry):
    ids = {registry.session_for({}, visit()).session_id for _ in range(20)}

    assert len(ids) == 20
    assert all(len(each) >= 43 for each in ids)


async def test_a_session_that_nobody_comes_back_to_ends_after_the_grace_time(registry, clock):
    tab: dict[str, str] = {}
    session = registry.session_for(tab, visit())
    session.channel.connected.emit(None)
    await clock.advance(10 * GRACE_S)
    assert registry.own(session.session_id, GUEST) is session

    session.channel.closed.emit(None)
    await clock.advance(GRACE_S - 1)
    assert registry.own(session.session_id, GUEST) is session
    await clock.advance(2)

    assert registry.own(session.session_id, GUEST) is None
    assert registry.session_for(tab, visit()) is not session


class AnsweringServer:
    """Begins a session, and at once an answer that it never finishes."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.closed: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()

    async def run(self, connection: ServerConnection) -> None:
        session = {"type": "realtime", "object": "realtime.session", "id": "sess_1"}
        response = {"id": "resp_1", "status": "in_progress", "conversation_id": "conv_1"}
        begin: tuple[dict[str, Any], ...] = (
            {"type": "session.created", "session": session},
            {"type": "response.created", "response": response},
        )
        for event in begin:
            await connection.send(orjson.dumps(event).decode())
        async for message in connection:
            self.heard.append(orjson.loads(message)["type"])
        self.closed.set_result(connection.close_code)


async def test_a_tab_that_was_closed_in_an_answer_cancels_it_and_ends_the_session_after_a_while(
    clock,
):
    server = AnsweringServer()
    async with serve(server.run, "127.0.0.1", 0) as listening, asyncio.timeout(10):
        (socket,) = listening.sockets
        settings = SETTINGS.model_copy(
            update={"target": f"ws://127.0.0.1:{socket.getsockname()[1]}/v1/realtime"}
        )
        registry = SessionRegistry(Backend(settings), settings, clock=clock)
        session = registry.session_for({}, visit())
        session.channel.connected.emit(None)
        changed = asyncio.Event()
        session.changed.connect(lambda _: changed.set())
        await session.connect(with_microphone=False)
        while not session.view.is_answering:
            changed.clear()
            await changed.wait()

        session.channel.closed.emit(None)
        await clock.advance(GRACE_S - 1)
        assert "response.cancel" not in server.heard
        await clock.advance(2)

        assert await server.closed == 1000
        assert server.heard[-1] == "response.cancel"
        assert registry.own(session.session_id, GUEST) is None
        await registry.close()


async def test_coming_back_in_time_keeps_the_session(registry, clock):
    session = registry.session_for({}, visit())
    session.channel.connected.emit(None)
    session.channel.closed.emit(None)
    await clock.advance(GRACE_S / 2)

    session.channel.connected.emit(None)
    await clock.advance(GRACE_S)

    assert registry.own(session.session_id, GUEST) is session


async def test_a_visitor_whose_channel_never_opens_is_forgotten(registry, clock):
    session = registry.session_for({}, visit())

    await clock.advance(GRACE_S + 1)

    assert registry.own(session.session_id, GUEST) is None


async def test_without_local_sound_a_session_has_the_browsers_and_a_sentence_says_why(
    clock, monkeypatch
):
    monkeypatch.setattr(PORTAUDIO, "devices", SoundDevices)
    settings = SETTINGS.model_copy(update={"audio": "local"})
    registry = SessionRegistry(Backend(settings), settings, clock=clock)
    session = registry.session_for({}, visit())

    assert session.sound.local is None
    assert session.view.sound.is_browser
    assert "neither a microphone nor a speaker" in session.view.notices[0].sentence
    await registry.close()


async def test_with_local_sound_a_session_hears_and_speaks_through_the_machine(clock, monkeypatch):
    headset = (SoundDevice("headset", 48_000, True),)
    monkeypatch.setattr(PORTAUDIO, "devices", lambda: SoundDevices(headset, headset))
    settings = SETTINGS.model_copy(update={"audio": "local"})
    registry = SessionRegistry(Backend(settings), settings, clock=clock)
    session = registry.session_for({}, visit())

    assert session.sound.local is not None
    assert not session.view.sound.is_browser
    assert session.view.notices == []
    await registry.close()


async def test_a_session_is_nobody_elses(registry):
    session = registry.session_for({}, visit())

    for name in (session.session_id, session.watch_id):
        for person in (STRANGER, WATCHER):
            assert registry.own(name, person) is None
            assert registry.shown(name, person) is None
    assert registry.own(session.session_id, OWNER) is None
    assert registry.own(session.watch_id, GUEST) is None
    assert registry.shown(session.session_id, GUEST) is session
    assert registry.shown(session.watch_id, GUEST) is session


async def test_a_tab_that_another_person_opens_has_another_session(registry):
    tab: dict[str, str] = {}
    session = registry.session_for(tab, visit())

    assert registry.session_for(tab, visit(STRANGER)) is not session


async def test_a_watch_link_shows_one_session_to_whoever_has_it(door, registry):
    session = registry.session_for({}, visit())
    other = registry.session_for({}, visit())
    link = registry.watch_link(session, "https://192.0.2.1:8080")
    assert link == registry.watch_link(session, "https://192.0.2.1:8080")
    path, token = link.removeprefix("https://192.0.2.1:8080").split("?token=")
    assert path == f"/watch-{session.watch_id}"

    watcher = door.admit(token).person

    assert watcher.role == "watcher"
    assert registry.shown(session.watch_id, watcher) is session
    assert registry.shown(session.session_id, watcher) is None
    assert registry.shown(other.watch_id, watcher) is None


async def test_a_watch_link_ends_with_its_session(door, registry, clock):
    session = registry.session_for({}, visit())
    token = registry.watch_link(session, "").split("=")[1]
    await clock.advance(GRACE_S + 1)

    assert door.admit(token) is None
    assert registry.watched(session.watch_id, GUEST) is None


async def test_what_ends_while_all_is_closed_is_nothing_new(registry, caplog):
    session = registry.session_for({}, visit())
    watch_id = session.watch_id

    await registry.close()
    session.watching.ended.emit(watch_id)

    assert caplog.records == []


async def test_a_watch_link_shows_no_session_that_is_begun_after_its_own(door, registry, clock):
    session = registry.session_for({}, visit())
    session.channel.connected.emit(None)
    link, watch_id = registry.watch_link(session, ""), session.watch_id
    watcher = door.admit(link.split("=")[1]).person
    host = door.admit(door.owner.token).person
    changes: list[None] = []
    registry.changed.connect(changes.append)

    for phase in (Phase.CONNECTED, Phase.DISCONNECTED):
        session.view.set_connection(phase)
        await settle()
        assert registry.watched(watch_id, watcher) is session
    changes.clear()
    await clock.advance(LAST_WORDS_S)

    assert door.admit(link.split("=")[1]) is None
    assert [registry.watched(watch_id, each) for each in (watcher, host, GUEST)] == [None] * 3
    assert registry.watched(session.watch_id, watcher) is None
    assert registry.watched(session.watch_id, host) is session
    assert registry.watch_link(session, "") != link
    assert changes

    # What the last one has left is for whose it is, until the next has begun.
    assert registry.to_watch(session.watch_id, host) is None
    assert registry.shown(session.watch_id, host) is None
    assert registry.shown(session.session_id, GUEST) is session
    session.log.clear()
    assert registry.to_watch(session.watch_id, host) is session
    assert registry.shown(session.watch_id, host) is session


async def test_the_host_watches_every_session(door, registry):
    session = registry.session_for({}, visit())
    host = door.admit(door.owner.token).person

    assert registry.watched(session.watch_id, host) is session
    assert [(each.person, which) for each, which in registry.visits()] == [(GUEST, session)]
    assert registry.name_of(GUEST) == "Guest 1"


async def test_the_host_ends_a_session_and_everything_of_it_is_kept(registry):
    changes: list[None] = []
    session = registry.session_for({}, visit())
    registry.changed.connect(changes.append)

    await registry.end(session)

    (notice,) = session.view.notices
    assert (notice.sentence, notice.action) == (ENDED_BY_HOST, "save")
    assert registry.own(session.session_id, GUEST) is session
    assert changes


async def test_who_is_shut_out_loses_all_sessions(door, registry):
    person = door.admit(door.issue("guest").token).person
    lost = [registry.session_for({}, visit(person)) for _ in range(2)]
    kept = registry.session_for({}, visit())

    registry.shut_out(person)
    await settle()

    assert all(registry.shown(each.session_id, person) is None for each in lost)
    assert registry.own(kept.session_id, GUEST) is kept
    assert person not in door.people()


async def test_one_person_has_one_microphone_and_another_has_another(registry):
    first = registry.session_for({}, visit())
    second = registry.session_for({}, visit())
    other = registry.session_for({}, visit(STRANGER))
    for session in (first, second, other):
        session.channel.source.set_microphone(BrowserMicrophone(MicrophoneState.ON, ""))

    await first.sound.microphone.source.start()
    with pytest.raises(MicrophoneTakenError):
        await second.sound.microphone.source.start()
    await other.sound.microphone.source.start()


async def test_nobody_opens_sessions_without_end(registry):
    for _ in range(MAX_SESSIONS_OF_A_PERSON):
        registry.session_for({}, visit())

    with pytest.raises(TooManySessionsError):
        registry.session_for({}, visit())
    assert registry.session_for({}, visit(STRANGER))


async def test_a_person_keeps_a_memory_in_all_of_their_sessions_and_nobody_else_has_it(registry):
    first = registry.session_for({}, visit())
    first.tools.memory.set("name", "Ada")
    first.tools.memory.keep(True)

    same, host = registry.session_for({}, visit()), registry.session_for({}, visit(OWNER))

    assert same.view.memory == {"name": "Ada"}
    assert host.view.memory == registry.session_for({}, visit(STRANGER)).view.memory == {}


async def test_guests_have_no_tool_of_the_hosts_that_is_not_meant_for_them(clock, tmp_path):
    file = tmp_path / "own.py"
    file.write_text(
        HEAD + ADD + '@tool(guests=True)\ndef more() -> int:\n    "More."\n    return 1\n'
    )
    registry = SessionRegistry(
        Backend(SETTINGS), SETTINGS, door=Door(clock=clock), clock=clock, own_tools=OwnTools(file)
    )

    names = [
        {each.name for each in registry.session_for({}, visit(person)).view.tools.tools}
        for person in (OWNER, GUEST)
    ]

    assert names[0] - names[1] == {"add"}
    assert "more" in names[1]
    await registry.close()


async def test_what_a_guest_switches_is_so_in_their_session_alone(registry):
    guest, host = registry.session_for({}, visit()), registry.session_for({}, visit(OWNER))

    await guest.tools.lab.enable("get_weather", False)
    guest.tools.use_units("imperial")

    assert [each.is_enabled for each in guest.view.tools.tools] == [False, True]
    assert [each.is_enabled for each in host.view.tools.tools] == [True, True]
    assert host.view.units == "metric"
