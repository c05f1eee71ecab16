"""The sound of a session; the test is its browser and its machine, and hears what the user says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from console import tasks
from console.app.answer_playback import AnswerPlayback
from console.app.conversation_view import ConversationView
from console.app.event_log import EventLog
from console.app.microphone_lease import MicrophoneLease, MicrophoneTakenError
from console.app.presses import TOO_MANY
from console.app.shared_sources import SharedSources
from console.app.sound_settings import Device, Microphone, SoundSettings, Speaker
from console.app.view_model import MicrophoneState, Phase, Target, ViewModel
from console.audio.devices import DeviceWatch
from console.audio.playback import PlaybackHealth
from console.audio.ports import Heard
from console.realtime.items import ContentPart, Item
from console.settings import Settings
from console.ui.channel_wire import BrowserMicrophone, Drained, HeardReport, Talk
from console.ui.session_channel import SessionChannel
from console.ui.session_sound import SessionSound
from tests.fakes import ManualClock, settle
from tests.ui.page_lines import Browser, ScriptedFeed, connected

MICROPHONE_ON = BrowserMicrophone(MicrophoneState.ON, "")
UNPLUGGED = BrowserMicrophone(MicrophoneState.UNPLUGGED, "USB microphone")


class NotedSpeech:
    """A `SpokenInput` that notes what it is told."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    async def talk(self, is_down: bool, held_ms: float) -> None:
        self.calls.append(("talk", is_down, held_ms))

    async def use_microphone(self) -> None:
        self.calls.append(("use_microphone",))

    def microphone_freed(self) -> None:
        self.calls.append(("freed",))

    async def sound_changed(self, settings: SoundSettings) -> None:
        self.calls.append(("changed", settings.microphone.kind))

    async def end_speech(self) -> None:
        self.calls.append(("end_speech",))


class Rig:
    """A session's sound, and all around it."""

    def __init__(
        self, *, microphone: str = "device", is_local: bool = False, lease: MicrophoneLease
    ) -> None:
        self.clock = ManualClock()
        self.view = ViewModel(target=Target("simulator", "m", "v", "", is_simulator=True))
        self.channel = SessionChannel(
            ScriptedFeed(), sound="local" if is_local else "browser", clock=self.clock
        )
        self.shared = SharedSources(Settings(_env_file=None, microphone=microphone))
        self.sound = SessionSound(
            self.view,
            self.channel,
            self.clock,
            devices=DeviceWatch() if is_local else None,
            shared=self.shared,
            lease=lease,
        )
        self.spoken = NotedSpeech()
        self.sound.serve(self.spoken)

    def followed(self) -> AnswerPlayback:
        """Return a playback that is told what is heard of the answer `item_1`."""
        conversation = ConversationView()
        answer = Item("item_1", "message", "assistant", content=[ContentPart("output_audio")])
        conversation.update(answer, lambda: ["item_1"])
        playback = AnswerPlayback(
            self.sound.sink,
            log=EventLog(),
            conversation=conversation,
            touch=lambda: None,
            view=self.view,
            clock=self.clock,
        )
        self.sound.report_to(playback)
        return playback

    async def close(self) -> None:
        await self.channel.close()
        await self.sound.close()
        await self.shared.close()


class Rigs:
    """Makes rigs of one person, and closes them."""

    def __init__(self) -> None:
        self.lease = MicrophoneLease()
        self.made: list[Rig] = []

    def new(self, **given: Any) -> Rig:
        self.made.append(Rig(lease=self.lease, **given))
        return self.made[-1]


@pytest_asyncio.fixture
async def rigs() -> AsyncIterator[Rigs]:
    rigs = Rigs()
    yield rigs
    for each in rigs.made:
        await each.close()


@pytest.fixture
def rig(rigs: Rigs) -> Rig:
    return rigs.new()


def press(browser: Browser) -> None:
    browser.send({"k": "talk", "down": True, "held_ms": 0})


# What the speaker tells


async def test_how_well_the_browser_keeps_up_with_the_sound_is_shown(rig: Rig) -> None:
    rig.channel.sink.play("item_1", bytes(48_000))
    rig.channel.sink.note_heard(HeardReport("item_1", 4800, 0, 1, 2400))

    assert rig.view.sound.playback == PlaybackHealth(prebuffer_ms=100, underruns=1)


async def test_what_the_browser_has_played_is_told_until_it_has_ended(rig: Rig) -> None:
    rig.followed().play("item_1", bytes(9600))
    rig.channel.sink.note_heard(HeardReport("item_1", 2400, 2400, 0, 0))
    assert rig.view.is_speaking

    rig.channel.sink.note_drained(Drained("item_1", 4800))

    assert not rig.view.is_speaking


async def test_nothing_sounds_any_more_in_a_browser_that_has_gone(rig: Rig) -> None:
    rig.followed().play("item_1", bytes(9600))
    rig.channel.sink.note_heard(HeardReport("item_1", 2400, 2400, 0, 0))

    rig.channel.closed.emit(None)

    assert not rig.view.is_speaking


async def test_what_this_machine_has_played_is_told_until_it_has_ended(rigs: Rigs) -> None:
    rig = rigs.new(is_local=True)
    rig.followed()
    assert rig.sound.local is not None

    rig.sound.local.heard.emit(Heard("item_1", 2400))
    assert rig.view.is_speaking
    rig.channel.closed.emit(None)
    assert rig.view.is_speaking, "the page is gone, the machine is not"
    rig.sound.local.drained.emit("item_1")

    assert not rig.view.is_speaking


async def test_recordings_fall_silent_when_the_user_begins_to_speak(rig: Rig) -> None:
    async with connected(rig.channel) as browser:
        rig.view.set_talking(True)
        rig.sound.view_changed(frozenset({"turn"}))

        assert await browser.until("hush") == {"k": "hush"}


# What the microphone tells


async def test_a_press_while_the_line_is_restored_is_let_go_and_comes_to_nothing_later(
    rig: Rig,
) -> None:
    rig.view.set_connection(Phase.RECONNECTING)
    async with connected(rig.channel) as browser:
        rig.channel.set_capture("manual")
        press(browser)
        assert await browser.until("release") == {"k": "release"}

        rig.view.set_connection(Phase.CONNECTED)
        press(browser)
        talk = await rig.channel.talk.wait(timeout_s=2)

    assert talk.is_down
    assert ("talk", True, 0) in rig.spoken.calls


async def test_more_presses_than_can_be_acted_on_are_refused_with_a_sentence(rig: Rig) -> None:
    rig.view.set_connection(Phase.CONNECTED)
    while rig.channel.may_press():
        rig.channel.talk.emit(Talk(is_down=True, held_ms=0))

    (notice,) = rig.view.notices
    assert notice.sentence == TOO_MANY


async def test_a_microphone_that_goes_away_ends_the_speech_and_the_page_says_so(rig: Rig) -> None:
    rig.view.set_connection(Phase.CONNECTED)
    rig.channel.microphone.emit(MICROPHONE_ON)
    await settle()
    assert rig.spoken.calls == []

    rig.channel.microphone.emit(UNPLUGGED)
    await settle()

    assert rig.spoken.calls == [("end_speech",)]
    assert rig.view.microphone is MicrophoneState.UNPLUGGED


@pytest.mark.parametrize("kind", ["tone", "noise", "silence"])
async def test_a_session_begins_with_the_sound_that_is_to_be_its_microphone(
    rigs: Rigs, kind: str
) -> None:
    rig = rigs.new(microphone=kind)
    await settle()
    await rig.sound.microphone.source.start()
    rig.view.set_connection(Phase.CONNECTED)
    rig.sound.microphone.set_capture("vad")

    heard = bytearray()

    async def hear() -> None:
        async for chunk in rig.sound.microphone.source.chunks():
            heard.extend(chunk)

    hearing = tasks.spawn(hear(), name="hear")
    await rig.clock.advance(0.1)
    await tasks.cancel(hearing)

    assert heard
    assert any(heard) == (kind != "silence")
    assert rig.view.sound.settings.microphone.kind == kind


async def test_the_browsers_microphone_is_nobodys_concern_while_something_stands_in_for_it(
    rigs: Rigs,
) -> None:
    rig = rigs.new(microphone="tone")

    rig.channel.microphone.emit(UNPLUGGED)
    rig.channel.missing.told.emit(1234.0)
    await settle()

    assert rig.view.sound.settings.microphone.kind == "tone"
    assert rig.spoken.calls == []
    assert rig.view.notices == []


async def test_speech_that_the_browser_lost_is_told(rig: Rig) -> None:
    rig.channel.missing.told.emit(1234.0)

    (notice,) = rig.view.notices
    assert notice.sentence.startswith("1.2 s of your speech were lost")
    (remark,) = rig.view.sound.remarks
    assert remark.startswith("1.2 s of your speech were lost")


async def test_what_the_browser_lost_is_no_matter_once_it_was_said_again(rig: Rig) -> None:
    rig.view.set_connection(Phase.CONNECTED)
    rig.channel.missing.told.emit(1234.0)
    for talking, answering in ((True, False), (False, True)):
        rig.view.is_talking, rig.view.is_answering = talking, answering
        rig.sound.view_changed(frozenset({"turn"}))

    assert rig.view.notices == []


async def test_the_notice_about_a_microphone_goes_when_the_session_ends(rig: Rig) -> None:
    rig.view.set_connection(Phase.CONNECTED)
    rig.channel.microphone.emit(UNPLUGGED)
    assert [each.notice_id for each in rig.view.notices] == ["microphone"]

    rig.view.set_connection(Phase.DISCONNECTED)
    rig.sound.view_changed(frozenset({"connection"}))

    assert rig.view.notices == []


async def test_a_microphone_that_another_session_had_is_free_when_it_gives_it_back(
    rigs: Rigs,
) -> None:
    first, second = rigs.new(), rigs.new()
    for each in (first, second):
        each.channel.source.set_microphone(MICROPHONE_ON)
    await first.sound.microphone.source.start()
    with pytest.raises(MicrophoneTakenError):
        await second.sound.microphone.source.start()

    await first.sound.microphone.source.stop()

    assert second.spoken.calls == [("freed",)]


async def test_who_takes_the_microphone_over_has_it_at_the_next_start(rigs: Rigs) -> None:
    first, second = rigs.new(), rigs.new()
    for each in (first, second):
        each.channel.source.set_microphone(MICROPHONE_ON)
    await first.sound.microphone.source.start()

    second.sound.take_over()
    await second.sound.microphone.source.start()

    with pytest.raises(MicrophoneTakenError):
        await anext(first.sound.microphone.source.chunks())


# What is chosen


async def test_a_browser_that_comes_back_has_its_settings_but_its_own_microphone(rig: Rig) -> None:
    kept = SoundSettings(
        Microphone(kind="tone", device_id="usb", label="USB"), Speaker(is_muted=True)
    )

    rig.sound.restore(kept)
    await settle()

    assert rig.view.sound.settings == replace(
        kept, microphone=replace(kept.microphone, kind="device")
    )
    assert rig.spoken.calls == [("changed", "device")]


async def test_the_devices_of_the_browser_are_shown_with_what_is_odd_about_them(rig: Rig) -> None:
    headset = Device("usb", "USB headset")

    rig.sound.list_devices([headset], [headset], can_choose_output=True, remarks=["It is odd."])

    assert rig.view.sound.inputs == rig.view.sound.outputs == (headset,)
    assert rig.view.sound.can_choose_output
    assert "It is odd." in rig.view.sound.remarks


async def test_the_browsers_devices_are_not_those_of_a_session_with_this_machines_sound(
    rigs: Rigs,
) -> None:
    rig = rigs.new(is_local=True)

    rig.sound.list_devices([Device("usb", "USB headset")], [], can_choose_output=True, remarks=[])
    rig.channel.missing.told.emit(1234.0)

    assert rig.view.sound.inputs == ()
    assert rig.view.notices == [], "no sound of the browser's could be missing"
