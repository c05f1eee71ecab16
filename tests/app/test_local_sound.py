"""This machine's sound in a session, on the virtual sound card."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from console.app import local_sound
from console.app.local_sound import LEVELS_PER_S, SPEAKER, LocalSound, has_both, usable_sound
from console.app.sound_choice import SoundChoice
from console.app.sound_settings import Device, Microphone, Speaker
from console.app.view_model import Phase, Target, ViewModel
from console.audio.devices import DeviceWatch
from console.audio.ports import Heard
from console.audio.sounddevice_library import PORTAUDIO, SoundDevice, SoundDevices
from console.audio.sounddevice_sink import SounddeviceSink
from console.errors import AudioDeviceError
from tests.audio.machine import use
from tests.audio.port_suite import TONE
from tests.fakes import ManualClock, settle

HERE = SoundDevices(
    (SoundDevice("default", 44_100, True), SoundDevice("pulse", 48_000, False)),
    (SoundDevice("default", 44_100, True), SoundDevice("pulse", 48_000, False)),
)
NOTHING = SoundDevices()


class Rig:
    """A session's local sound; the test is the watch and the page."""

    def __init__(self) -> None:
        self.view = ViewModel(Target("simulator", "m", "v", "", is_simulator=True))
        self.choice = SoundChoice(self.view, "local")
        self.watch = DeviceWatch(interval_s=0.1)
        self.clock = ManualClock()
        self.shown: list[tuple[Any, list[float]]] = []
        self.local = LocalSound(
            self.view, self.choice, self.watch, self.clock, show_levels=self._show
        )

    def _show(
        self, microphone: Sequence[float] | None, speaker: Sequence[float], is_sounding: bool
    ) -> None:
        self.shown.append((None if microphone is None else list(microphone), list(speaker)))
        self.is_sounding = is_sounding

    async def look(self, found: SoundDevices) -> None:
        """Let the watch find these."""
        self.watch._latest = found
        self.watch.changed.emit(found)
        await self.local._looked(found)

    async def choose(self, **chosen: Any) -> None:
        """Choose something of microphone and speaker."""
        self.choice.change(**chosen)
        await settle()

    def sentence(self, notice_id: str) -> str | None:
        return next(
            (each.sentence for each in self.view.notices if each.notice_id == notice_id), None
        )


@pytest.fixture
def card(sound_card, monkeypatch):
    use(sound_card, monkeypatch)
    return sound_card


@pytest_asyncio.fixture
async def rig(card):
    found = Rig()
    yield found
    await found.local.close()


# ---------------------------------------------------------------- whose sound is used


def test_the_browsers_sound_needs_nothing_of_this_machine(monkeypatch):
    monkeypatch.setattr(PORTAUDIO, "devices", None)

    assert usable_sound("browser") == ("browser", "")


def test_local_sound_is_used_where_there_are_devices(card):
    assert usable_sound("local") == ("local", "")


def test_without_portaudio_the_browsers_sound_is_used_and_a_sentence_says_how_to_get_it(
    tmp_path, monkeypatch
):
    (tmp_path / "sounddevice.py").write_text('raise OSError("PortAudio library not found")\n')
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)

    kind, sentence = usable_sound("local")

    assert kind == "browser"
    assert "apt-get install libportaudio2" in sentence
    assert "The browser's sound is used until then" in sentence


def test_without_devices_the_browsers_sound_is_used_and_a_sentence_says_so(monkeypatch):
    monkeypatch.setattr(PORTAUDIO, "devices", lambda: NOTHING)

    kind, sentence = usable_sound("local")

    assert kind == "browser"
    assert "neither a microphone nor a speaker" in sentence


def test_a_machine_has_both_ends_only_with_a_microphone_and_a_speaker(card, monkeypatch):
    assert has_both()
    found = PORTAUDIO.devices()
    monkeypatch.setattr(PORTAUDIO, "devices", lambda: SoundDevices(found.inputs, ()))
    assert not has_both()
    monkeypatch.setattr(PORTAUDIO, "devices", lambda: SoundDevices((), found.outputs))
    assert not has_both()


# ---------------------------------------------------------------- choice


async def test_the_page_lists_the_devices_by_name_with_their_rates(rig):
    await rig.look(HERE)

    assert rig.view.sound.inputs == (
        Device("default", "default (44,100 Hz)"),
        Device("pulse", "pulse (48,000 Hz)"),
    )
    assert rig.view.sound.outputs == rig.view.sound.inputs
    assert rig.view.sound.can_choose_output


async def test_what_is_chosen_is_used(rig):
    await rig.choose(
        microphone=Microphone(device_id="pulse", chunk_ms=50), speaker=Speaker(device_id="pulse")
    )

    assert rig.local.source.device == rig.local.sink.device == "pulse"
    assert rig.local.source.chunk_ms == 50


async def test_a_speaker_is_changed_while_it_plays(rig):
    await rig.local.sink.start()
    rig.local.sink.play("item", TONE.tobytes())
    await rig.local._chosen(replace(rig.choice.settings, speaker=Speaker(device_id="pulse")))
    assert rig.local.sink.device == "pulse"

    heard = await rig.local.sink.interrupt()
    assert heard is not None
    assert heard.track == "item"


@pytest.mark.parametrize(
    ("speaker", "gain"),
    [(Speaker(volume=0.5), 0.5), (Speaker(volume=0.5, is_muted=True), 0.0), (Speaker(), 1.0)],
)
async def test_volume_and_mute_of_the_speaker_are_heeded(rig, speaker, gain):
    await rig.choose(speaker=Speaker(volume=0.9))
    await rig.choose(speaker=speaker)

    assert rig.local.sink._gain == gain


async def test_a_chosen_device_that_is_not_there_is_named(rig):
    await rig.choose(microphone=Microphone(device_id="Theremin"))
    await rig.look(HERE)

    assert any("microphone 'Theremin' is not there" in each for each in rig.view.sound.remarks)
    await rig.choose(microphone=Microphone(device_id="pulse"))
    await rig.look(HERE)
    assert not any("Theremin" in each for each in rig.view.sound.remarks)


async def test_choosing_a_speaker_that_cannot_be_opened_says_so_and_another_ends_that(rig):
    await rig.local.sink.start()
    await rig.local._chosen(replace(rig.choice.settings, speaker=Speaker(device_id="Theremin")))
    assert "'Theremin' cannot be used" in (rig.sentence(SPEAKER) or "")
    await rig.local._chosen(rig.choice.settings)

    assert rig.sentence(SPEAKER) is None
    assert rig.local.sink.is_running


# ---------------------------------------------------------------- loss and return


async def test_a_lost_speaker_is_told_and_comes_back_by_itself(rig):
    await rig.local.sink.start()
    lost = asyncio.ensure_future(rig.local.sink.lost.wait(timeout_s=5))
    await asyncio.sleep(0)
    rig.local.sink._device._stream.abort()  # what PortAudio does when a device is pulled out
    await lost
    assert "no longer takes sound" in (rig.sentence(SPEAKER) or "")
    await rig.look(NOTHING)
    assert not rig.local.sink.is_running
    await rig.look(HERE)

    assert rig.local.sink.is_running
    assert rig.sentence(SPEAKER) is None


async def test_a_lost_microphone_is_opened_again_within_the_session_when_it_is_back(rig):
    rig.view.set_connection(Phase.CONNECTED)
    rig.local.use_microphone = rig.local.source.start
    await rig.local.source.start()
    lost = asyncio.ensure_future(rig.local.source.lost.wait(timeout_s=5))
    await asyncio.sleep(0)
    rig.local.source._device._stream.abort()
    await lost
    await rig.look(NOTHING)
    assert not rig.local.source.is_running
    await rig.look(HERE)

    assert rig.local.source.is_running


async def test_a_microphone_that_was_lost_in_a_session_that_is_over_stays_closed(rig):
    rig.local.use_microphone = rig.local.source.start
    rig.local.source.lost.emit(AudioDeviceError("The microphone is gone."))
    await rig.look(HERE)
    rig.view.set_connection(Phase.CONNECTED)
    await rig.look(HERE)

    assert not rig.local.source.is_running


async def test_a_speaker_that_is_listed_but_cannot_be_opened_yet_is_tried_again(rig, monkeypatch):
    rig.local.sink.lost.emit(AudioDeviceError("The speaker is gone."))

    async def refuse() -> None:
        raise AudioDeviceError("busy")

    with monkeypatch.context() as patch:
        patch.setattr(rig.local.sink, "start", refuse)
        await rig.look(HERE)
    assert rig.sentence(SPEAKER) is not None
    await rig.look(HERE)

    assert rig.sentence(SPEAKER) is None


async def test_a_speaker_that_could_not_be_opened_takes_no_sound_until_it_is_found(rig):
    await rig.local._chosen(replace(rig.choice.settings, speaker=Speaker(device_id="Theremin")))
    with pytest.raises(AudioDeviceError):
        await rig.local.sink.start()
    rig.local.sink.play("old", TONE.tobytes())
    await rig.local._chosen(rig.choice.settings)
    await rig.local.sink.start()
    assert await rig.local.sink.interrupt() is None
    rig.local.sink.play("new", TONE.tobytes())
    heard = await rig.local.sink.interrupt()

    assert heard is not None
    assert heard.track == "new"


async def test_the_server_of_the_sound_dies_and_everything_comes_back_with_it(
    rig, card, monkeypatch
):
    rig.view.set_connection(Phase.CONNECTED)
    rig.local.use_microphone = rig.local.source.start
    await rig.local.source.start()
    await rig.local.sink.start()
    both = asyncio.gather(
        rig.local.source.lost.wait(timeout_s=10), rig.local.sink.lost.wait(timeout_s=10)
    )
    await asyncio.sleep(0)
    rig.local.opened()
    await rig.watch.looked.wait(timeout_s=15)
    card.stop()
    await both
    await rig.watch.changed.wait(lambda found: not found.outputs, timeout_s=15)
    card.start()
    await rig.watch.changed.wait(lambda found: bool(found.outputs), timeout_s=15)
    async with asyncio.timeout(15):
        while not (rig.local.source.is_running and rig.local.sink.is_running):
            await rig.watch.looked.wait(timeout_s=15)

    assert rig.sentence(SPEAKER) is None


# ---------------------------------------------------------------- echo


@pytest.mark.parametrize(
    ("turn", "has_care", "is_sounding", "held"),
    [
        ("vad", True, True, True),
        ("vad", True, False, False),
        ("vad", False, True, False),
        ("manual", True, True, False),
    ],
)
async def test_the_microphone_is_held_back_while_the_assistant_would_hear_itself(
    rig, monkeypatch, turn, has_care, is_sounding, held
):
    rig.view.set_turn(turn)
    await rig.choose(microphone=Microphone(echo_cancellation=has_care))
    monkeypatch.setattr(type(rig.local.sink), "is_sounding", is_sounding)

    assert rig.local.source.is_held_back() is held


async def test_the_page_says_in_words_what_becomes_of_echo(rig):
    assert rig.view.sound.remarks == ()  # the microphone is held back: nothing is odd
    await rig.choose(microphone=Microphone(echo_cancellation=False))

    assert rig.view.sound.remarks == (local_sound.MAY_HEAR_ITSELF,)


# ---------------------------------------------------------------- meters and numbers


async def test_levels_are_shown_20_times_a_second_while_they_change_and_a_page_is_there(
    rig, monkeypatch
):
    monkeypatch.setattr(rig.watch, "start", lambda: None)
    loud = [TONE[:2400].tobytes()]
    monkeypatch.setattr(rig.local.source, "recent", lambda: loud[0])
    await rig.clock.advance(1)
    assert rig.shown == []

    rig.local.opened()
    await rig.clock.advance(10 / LEVELS_PER_S)
    microphone, speaker = rig.shown[-1]
    assert (len(microphone), len(speaker)) == (10, 10)
    assert max(microphone) > 0.9
    assert max(speaker) == 0
    loud[0] = b""
    await rig.clock.advance(3)
    rested = len(rig.shown)
    assert max(rig.shown[-1][0]) < 0.02
    await rig.clock.advance(3)
    assert len(rig.shown) == rested, "what rests is not sent again"

    await rig.local.closed()
    loud[0] = TONE[:2400].tobytes()
    await rig.clock.advance(1)
    assert len(rig.shown) == rested


async def test_a_muted_microphone_moves_no_bars(rig, monkeypatch):
    monkeypatch.setattr(rig.watch, "start", lambda: None)
    monkeypatch.setattr(rig.local.source, "recent", lambda: TONE[:2400].tobytes())
    await rig.choose(microphone=Microphone(is_muted=True))
    rig.local.opened()
    await rig.clock.advance(0.5)

    assert {max(microphone) for microphone, _ in rig.shown} == {0}


async def test_of_a_microphone_that_something_stands_in_for_nothing_is_told(rig, monkeypatch):
    monkeypatch.setattr(rig.watch, "start", lambda: None)
    monkeypatch.setattr(rig.local.source, "recent", lambda: TONE[:2400].tobytes())
    await rig.choose(microphone=Microphone(kind="tone"))
    rig.local.opened()
    await rig.clock.advance(0.5)

    assert {microphone for microphone, _ in rig.shown} == {None}  # it shows its own bars


async def test_the_page_is_told_when_the_assistant_is_heard(rig, monkeypatch):
    monkeypatch.setattr(rig.watch, "start", lambda: None)
    rig.local.opened()
    await rig.clock.advance(0.1)
    assert not rig.is_sounding
    monkeypatch.setattr(type(rig.local.sink), "is_sounding", True)
    await rig.clock.advance(0.1)

    assert rig.is_sounding


async def test_what_the_machine_was_too_busy_for_is_counted_in_words(rig):
    await rig.look(HERE)
    assert not any("so far" in each for each in rig.view.sound.remarks)
    rig.local.source.overflows = 2
    rig.local.sink.underflows = 1
    await rig.look(HERE)

    assert [each for each in rig.view.sound.remarks if "so far" in each] == [
        "2 times so far the machine was too busy to take the microphone's sound.",
        "Once so far the machine was too busy to feed the speaker.",
    ]


async def test_how_far_an_answer_was_heard_is_told_until_it_is_over(rig, monkeypatch):
    heard: list[Heard] = []
    drained: list[str] = []
    rig.local.heard.connect(heard.append)
    rig.local.drained.connect(drained.append)
    at_ear = [Heard("a1", 240), Heard("a1", 1_440), Heard("a2", 100), None, None]

    async def position():
        return at_ear.pop(0)

    monkeypatch.setattr(rig.local.sink, "position", position)
    monkeypatch.setattr(SounddeviceSink, "is_sounding", property(lambda _: len(at_ear) > 2))
    rig.local.opened()
    for _ in range(6):
        await rig.clock.advance(1 / LEVELS_PER_S)

    assert heard == [Heard("a1", 240), Heard("a1", 1_440), Heard("a2", 100)]
    assert drained == ["a1", "a2"]
    assert len(at_ear) == 1, "nobody asks while nothing sounds"
