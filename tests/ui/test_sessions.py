import pytest
import pytest_asyncio

from console.app.backend import Backend
from console.audio.sounddevice_library import PORTAUDIO, SoundDevice, SoundDevices
from console.settings import Settings
from console.ui.sessions import GRACE_S, SessionRegistry
from tests.fakes import ManualClock

SETTINGS = Settings(_env_file=None, target="ws://127.0.0.1:9/v1/realtime")


@pytest.fixture
def clock():
    return ManualClock()


@pytest_asyncio.fixture
async def registry(clock):
    registry = SessionRegistry(Backend(SETTINGS), SETTINGS, clock=clock)
    yield registry
    await registry.close()


async def test_a_tab_finds_its_session_again_and_another_tab_has_another(registry):
    first_tab: dict[str, str] = {}
    second_tab: dict[str, str] = {}

    session = registry.session_for(first_tab)

    assert registry.session_for(first_tab) is session
    assert registry.session_for(second_tab) is not session
    assert registry.get(session.session_id) is session
    assert registry.get("x" * len(session.session_id)) is None


async def test_a_session_id_cannot_be_guessed(registry):
    ids = {registry.session_for({}).session_id for _ in range(20)}

    assert len(ids) == 20
    assert all(len(each) >= 43 for each in ids)


async def test_a_session_that_nobody_comes_back_to_ends_after_the_grace_time(registry, clock):
    tab: dict[str, str] = {}
    session = registry.session_for(tab)
    session.channel.connected.emit(None)
    await clock.advance(10 * GRACE_S)
    assert registry.get(session.session_id) is session

    session.channel.closed.emit(None)
    await clock.advance(GRACE_S - 1)
    assert registry.get(session.session_id) is session
    await clock.advance(2)

    assert registry.get(session.session_id) is None
    assert registry.session_for(tab) is not session


async def test_coming_back_in_time_keeps_the_session(registry, clock):
    session = registry.session_for({})
    session.channel.connected.emit(None)
    session.channel.closed.emit(None)
    await clock.advance(GRACE_S / 2)

    session.channel.connected.emit(None)
    await clock.advance(GRACE_S)

    assert registry.get(session.session_id) is session


async def test_a_visitor_whose_channel_never_opens_is_forgotten(registry, clock):
    session = registry.session_for({})

    await clock.advance(GRACE_S + 1)

    assert registry.get(session.session_id) is None


async def test_without_local_sound_a_session_has_the_browsers_and_a_sentence_says_why(
    clock, monkeypatch
):
    monkeypatch.setattr(PORTAUDIO, "devices", SoundDevices)
    settings = SETTINGS.model_copy(update={"audio": "local"})
    registry = SessionRegistry(Backend(settings), settings, clock=clock)
    session = registry.session_for({})

    assert session.local is None
    assert session.view.sound.is_browser
    assert "neither a microphone nor a speaker" in session.view.notices[0].sentence
    await registry.close()


async def test_with_local_sound_a_session_hears_and_speaks_through_the_machine(clock, monkeypatch):
    headset = (SoundDevice("headset", 48_000, True),)
    monkeypatch.setattr(PORTAUDIO, "devices", lambda: SoundDevices(headset, headset))
    settings = SETTINGS.model_copy(update={"audio": "local"})
    registry = SessionRegistry(Backend(settings), settings, clock=clock)
    session = registry.session_for({})

    assert session.local is not None
    assert not session.view.sound.is_browser
    assert session.view.notices == []
    await registry.close()
