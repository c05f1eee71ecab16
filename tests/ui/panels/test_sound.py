from dataclasses import replace
from urllib.parse import quote

import pytest
from nicegui import ui
from nicegui.testing import User

from console.app.echo_report import EchoState
from console.app.sound_settings import Device, Microphone, SoundSettings, Speaker
from console.app.view_model import MicrophoneState
from console.audio.playback import PlaybackHealth
from console.ui.panels.sound import INSTEAD
from tests.ui.demo_session import DemoSession, opened_page
from tests.ui.panels.test_actions import element_named

DESK = Device("a1", "Desk microphone")
ROOM = Device("b2", "Room microphone")
HEADPHONES = Device("c3", "Headphones")


def dialog(user: User) -> ui.dialog:
    assert user.client is not None
    return next(
        each
        for each in user.client.elements.values()
        if isinstance(each, ui.dialog) and each.props.get("aria-label") == "Sound"
    )


def select(user: User, label: str) -> ui.select:
    return next(
        each for each in user.find(kind=ui.select).elements if each.props.get("label") == label
    )


def switch(user: User, words: str) -> ui.switch:
    assert user.client is not None
    switches = (each for each in user.client.elements.values() if isinstance(each, ui.switch))
    (found,) = (each for each in switches if each.text == words)
    return found


def number(user: User, label: str) -> ui.number:
    (found,) = (each for each in user.find(kind=ui.number).elements if each.props["label"] == label)
    return found


def press(button: ui.element) -> None:
    """Click as a browser does that the simulated user has no name for."""
    send(button, "click")


def leave(field: ui.element) -> None:
    """Put the focus elsewhere, as a browser does."""
    send(field, "blur")


def send(element: ui.element, event: str) -> None:
    for listener in element._event_listeners.values():
        if listener.type == event:
            element._handle_event({"listener_id": listener.id, "args": {}, "id": element.id})


async def open_sound(user: User, session: DemoSession) -> None:
    client = user.client
    assert client is not None
    (opens,) = (
        each
        for each in client.elements.values()
        if isinstance(each, ui.button) and each.props.get("aria-label") == "Sound"
    )
    press(opens)
    await user.should_see(kind=ui.switch, content="Mute microphone")


async def test_the_dialog_is_built_when_it_is_opened_first() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        await user.should_not_see(kind=ui.dialog)

        await open_sound(user, session)

        assert dialog(user).value
        assert switch(user, "Echo cancellation").value


async def test_a_device_is_chosen_with_its_name_so_that_it_is_found_again() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        await open_sound(user, session)
        session.devices_changed([DESK, ROOM], [], can_choose_output=False, remarks=[])
        source = select(user, "Microphone")
        assert isinstance(source.options, dict)
        assert list(source.options.values())[:3] == ["System default", DESK.label, ROOM.label]

        source.value = "device:b2"
        await session.asked(["change_sound", Microphone(device_id="b2", label=ROOM.label)])
        source.value = "device:"
        await session.asked_times(2)

    assert session.calls[-1] == ["change_sound", Microphone()]


async def test_a_chosen_device_that_has_gone_is_still_told() -> None:
    session = DemoSession()
    session.sound.change(microphone=Microphone(device_id="x", label="Old microphone"))
    async with opened_page(session) as user:
        await open_sound(user, session)
        session.devices_changed([DESK], [], can_choose_output=False, remarks=["It is not there."])

        source = select(user, "Microphone")
        assert isinstance(source.options, dict)
        assert source.options["device:x"] == "Old microphone (not there)"
        assert source.value == "device:x"
        await user.should_see("It is not there.")


async def test_something_else_may_stand_in_for_a_microphone() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        await open_sound(user, session)
        select(user, "Microphone").value = "tone"
        await session.asked(["change_sound", Microphone(kind="tone")])

        assert not switch(user, "Echo cancellation").visible
        assert switch(user, "Mute microphone").visible


async def test_switches_and_chunk_are_changed_one_by_one() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        await open_sound(user, session)
        switch(user, "Noise suppression").value = False
        await session.asked(["change_sound", wanted := Microphone(noise_suppression=False)])

        number(user, "Chunk, ms").value = 250
        await session.asked_times(2)

    assert session.calls[-1] == ["change_sound", replace(wanted, chunk_ms=100)]


async def test_a_chunk_that_was_left_empty_is_the_one_in_use_again() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        await open_sound(user, session)
        chunk = number(user, "Chunk, ms")
        in_use = chunk.value
        chunk.value = None
        leave(chunk)

        assert chunk.value == in_use == session.view.sound.settings.microphone.chunk_ms


async def test_the_speaker_is_chosen_where_the_browser_lets_one() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        await open_sound(user, session)
        output = select(user, "Speaker")
        assert not output.enabled
        assert "leaves it to the system" in output.props["hint"]

        session.devices_changed([], [HEADPHONES], can_choose_output=True, remarks=[])
        assert output.enabled
        assert "hint" not in output.props
        output.value = "device:c3"
        await session.asked(["change_sound", Speaker("c3", "Headphones")])


async def test_the_volume_is_told_when_the_handle_is_let_go() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        await open_sound(user, session)
        user.find(kind=ui.slider).trigger("change", 40)
        await session.asked(["change_sound", Speaker(volume=0.4)])

        (volume,) = user.find(kind=ui.slider).elements
        assert volume.value == 40


async def test_what_is_muted_elsewhere_shows_in_the_dialog() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        await open_sound(user, session)
        session.sound.change(microphone=Microphone(is_muted=True), speaker=Speaker(is_muted=True))

        assert switch(user, "Mute microphone").value
        assert switch(user, "Mute speaker").value
        assert session.calls == []


async def test_on_the_machine_only_the_switch_that_does_something_is_there() -> None:
    session = DemoSession()
    session.view.set_sound(is_browser=False)
    async with opened_page(session) as user:
        await open_sound(user, session)

        words = "Hold the microphone back while the assistant speaks (off with headphones)"
        assert switch(user, words).visible
        await user.should_not_see("Echo cancellation")
        await user.should_not_see("Noise suppression")


async def test_both_can_be_muted_from_the_bar_and_the_page_says_so() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.be_connected()
        mute = element_named(user, "Mute microphone")
        assert mute.props["data-rc-mute"] == "microphone"
        press(mute)
        await session.asked(["change_sound", Microphone(is_muted=True)])

        assert mute.props["aria-pressed"] == "true"
        assert element_named(user, "Push to talk").props["disable"]
        await user.should_see("microphone muted")
        press(element_named(user, "Mute speaker"))
        await session.asked_times(2)
        assert session.view.sound.settings.speaker.is_muted
        press(mute)
        await session.asked_times(3)
        assert mute.props["aria-pressed"] == "false"
        assert not element_named(user, "Push to talk").props["disable"]


async def test_a_microphone_that_has_gone_is_taken_up_from_the_bar() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.be_connected(MicrophoneState.UNPLUGGED)
        take_up = element_named(user, "Use microphone")
        assert "data-rc-microphone" in take_up.props
        assert "data-rc-mute" not in take_up.props
        press(take_up)

        await session.asked(["use_microphone"])


async def test_the_browser_remembers_what_was_chosen() -> None:
    remembered = SoundSettings(Microphone(chunk_ms=20), Speaker(volume=0.3))
    session = DemoSession()
    cookies = {"rc_sound": quote(remembered.to_text(), safe="")}
    async with opened_page(session, cookies) as user:
        await open_sound(user, session)

        assert session.view.sound.settings == remembered


@pytest.mark.parametrize(
    ("playback", "words"),
    [
        (PlaybackHealth(60), "Buffer 60 ms, no gaps so far."),
        (PlaybackHealth(180, underruns=1), "Buffer 180 ms, 1 gap so far."),
        (
            PlaybackHealth(180, underruns=2, dropped_ms=3200),
            "Buffer 180 ms, 2 gaps so far, 3.2 s dropped.",
        ),
    ],
)
async def test_the_speakers_health_is_told_in_words(playback, words) -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        await open_sound(user, session)
        await user.should_not_see("so far")

        session.view.set_sound(playback=playback)

        await user.should_see(words)


async def test_the_dialog_holds_the_echo_test() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        await open_sound(user, session)

        await user.should_see(kind=ui.button, content="Echo test")
        session.view.set_echo(EchoState("recording", "Speak now."))
        await user.should_see("Speak now.")


async def test_what_stands_in_for_a_microphone_is_divided_from_microphones() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        await open_sound(user, session)
        source = select(user, "Microphone")
        labels = [each["label"] for each in source.props["options"]]

        assert labels.index("System default") < labels.index(INSTEAD) < labels.index("A sound file")
        assert INSTEAD in source.props[":option-disable"]
        source.value = "divider"
        assert source.value == "device:"
        await session.asked()
