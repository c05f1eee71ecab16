"""The choice with a controller that only notes what it is asked; the sounds are real."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace

import numpy as np
import pytest
import pytest_asyncio

from console import wav
from console.app.microphone_choice import AFTER_MS, BEFORE_MS, NOTICE, MicrophoneChoice
from console.app.sound_choice import SoundChoice
from console.app.sound_settings import Microphone, SoundSettings
from console.app.stand_in import MAX_TEXT_CHARS
from console.app.view_model import MicrophoneState, Phase, Target, ViewModel
from console.audio.sounds import Recorded, Tone
from console.errors import AudioDeviceError, SpeechEngineError
from tests.audio.test_source_switch import QueueSource
from tests.fakes import ManualClock, settle

SAID = (np.arange(4800) % 30_000 + 1).astype("<i2").tobytes()
"""0.2 s."""


def recorded(data: bytes = SAID) -> Recorded:
    return Recorded(io.BytesIO(data), len(data) // 2)


class Rig:
    """A session that is connected when `connect` was called, and everything that it sent."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.view = ViewModel(target=Target("simulator", "m", "v", "", is_simulator=True))
        self.view.set_sound(settings=SoundSettings(Microphone(chunk_ms=20)))
        self.sound = SoundChoice(self.view)
        self.device = QueueSource()
        self.capture: list[str] = []
        self.calls: list[tuple[object, ...]] = []
        self.heard = bytearray()
        self.speech: list[bytes | Exception] = [SAID]
        self.choice = MicrophoneChoice(
            self.view, self.sound, self.device,
            set_capture=self.capture.append, let_go=self.let_go, speak=self.speak,
            clock=self.clock,
        )  # fmt: skip
        self.choice.serve(self)
        self._pump: asyncio.Task[None] | None = None

    # The controller

    async def talk(self, is_down: bool, held_ms: float) -> None:
        self.calls.append(("talk", is_down, round(held_ms)))
        if not is_down:
            await self.choice.source.wait_until_read()
        self.view.set_talking(is_down and self.view.phase is Phase.CONNECTED)

    def let_go(self) -> None:
        self.calls.append(("let_go",))

    async def use_microphone(self) -> None:
        self.calls.append(("use_microphone",))

    async def connect(self, mode: str) -> None:
        await self.choice.source.start()
        self._pump = asyncio.get_running_loop().create_task(self._read())
        self.view.set_connection(Phase.CONNECTED)
        self.choice.set_capture(mode)  # type: ignore[arg-type]  # of the two modes
        await settle()

    async def disconnect(self) -> None:
        self.choice.set_capture("off")
        await self.choice.source.stop()
        await self.clock.advance(0.1)
        self.view.set_connection(Phase.DISCONNECTED)

    async def _read(self) -> None:
        async for chunk in self.choice.source.chunks():
            self.heard += chunk

    # What the test does

    async def speak(self, text: str):
        for each in self.speech:
            if isinstance(each, Exception):
                raise each
            yield each

    async def choose(self, **changed: object) -> None:
        before = self.view.sound.settings.microphone
        self.sound.change(microphone=replace(before, **changed))  # type: ignore[arg-type]
        await settle()

    def words(self) -> bytes:
        """What was heard, without the silence around it."""
        return bytes(self.heard).strip(b"\0")

    @property
    def notice(self) -> str:
        return next((n.sentence for n in self.view.notices if n.notice_id == NOTICE), "")


@pytest_asyncio.fixture
async def rig():
    rig = Rig()
    yield rig
    await rig.disconnect()
    await rig.choice.close()


async def test_a_file_is_heard_once_where_one_listens_all_the_time_then_silence(rig):
    await rig.choice.use_file("said.wav", recorded())
    await rig.connect("vad")

    await rig.clock.advance(1.001)

    assert rig.words() == SAID.strip(b"\0")
    assert len(rig.heard) == 48_000
    assert not rig.view.stand_in.is_playing
    assert rig.view.microphone is MicrophoneState.ON
    assert rig.view.sound.settings.microphone.kind == "file"


@pytest.mark.parametrize("is_held", [True, False])
async def test_a_turn_that_is_let_go_falls_silent_and_begins_anew(rig, is_held):
    await rig.choice.use_file("said.wav", recorded())
    await rig.connect("manual")
    await (rig.choice.talk(True, 0) if is_held else rig.choice.play())
    await rig.clock.advance(0.401)
    n_heard = len(rig.heard)

    rig.view.set_talking(False)
    rig.choice.let_go()
    await rig.clock.advance(2.0)
    assert ("let_go",) in rig.calls
    assert ("talk", False, 400) not in rig.calls
    assert not rig.view.stand_in.is_playing
    assert len(rig.heard) == n_heard

    rig.heard.clear()
    await rig.choice.play()
    await rig.clock.advance(1.001)
    assert rig.words() == SAID.strip(b"\0")


async def test_it_can_be_heard_again_and_stopped(rig):
    await rig.choice.use_file("said.wav", recorded())
    await rig.connect("vad")
    await rig.clock.advance(1.001)

    await rig.choice.play()
    assert rig.view.stand_in.is_playing
    await rig.clock.advance(0.101)
    await rig.choice.stop_playing()
    await rig.clock.advance(0.5)

    assert rig.heard.count(SAID) == 1
    assert SAID[:4800] in rig.heard[48_000:]
    assert not rig.view.stand_in.is_playing


async def test_each_session_hears_it_from_the_beginning(rig):
    await rig.choice.use_file("said.wav", recorded())
    for _ in range(2):
        await rig.connect("vad")
        await rig.clock.advance(1.001)
        await rig.disconnect()

    assert rig.heard.count(SAID) == 2


async def test_what_a_lost_line_cuts_off_is_said_again_and_what_was_said_is_not(rig):
    await rig.choice.use_file("said.wav", recorded())
    await rig.connect("vad")
    await rig.clock.advance(0.101)
    rig.choice.set_capture("off")
    await rig.clock.advance(1.001)
    rig.choice.set_capture("vad")
    await rig.clock.advance(1.001)
    assert rig.heard.count(SAID) == 1

    rig.choice.set_capture("off")
    rig.choice.set_capture("vad")
    await rig.clock.advance(1.001)

    assert rig.heard.count(SAID) == 1


async def test_a_press_begins_it_and_a_release_cuts_it_off(rig):
    await rig.choice.use_file("said.wav", recorded())
    await rig.connect("manual")
    await rig.clock.advance(1.001)
    assert rig.heard == b""

    for _ in range(2):
        await rig.choice.talk(True, 0)
        await rig.clock.advance(0.101)
        await rig.choice.talk(False, 100)
        await rig.clock.advance(1.001)

    assert bytes(rig.heard) == SAID[:4800] * 2
    assert rig.calls == [("talk", True, 0), ("talk", False, 100)] * 2


async def test_a_release_that_comes_at_once_does_not_overtake_its_press(rig):
    await rig.choice.use_file("said.wav", recorded())
    await rig.connect("manual")

    await asyncio.gather(rig.choice.talk(True, 0), rig.choice.talk(False, 5))
    await rig.clock.advance(1.001)

    assert rig.heard == b""
    assert not rig.view.stand_in.is_playing


async def test_one_call_has_a_whole_file_said_as_one_turn(rig):
    await rig.choice.use_file("said.wav", recorded())
    await rig.connect("manual")
    rig.calls.clear()

    await rig.choice.play()
    await rig.choice.talk(True, 0)  # a button does not disturb it
    await rig.choice.talk(False, 50)
    await rig.clock.advance(1.001)

    assert bytes(rig.heard).rstrip(b"\0") == SAID.rstrip(b"\0")
    kind, is_down, held_ms = rig.calls[-1]
    assert rig.calls[:-1] == [("use_microphone",), ("talk", True, 0)]
    assert (kind, is_down) == ("talk", False)
    assert 200 <= held_ms <= 260
    assert not rig.view.is_talking


async def test_stopping_a_turn_sends_what_was_said_of_it(rig):
    await rig.choice.use_file("said.wav", recorded())
    await rig.connect("manual")
    await rig.choice.play()
    await rig.clock.advance(0.101)

    await rig.choice.stop_playing()
    await rig.clock.advance(1.001)

    assert bytes(rig.heard) == SAID[:4800]
    assert rig.calls[-1] == ("talk", False, 101)


async def test_a_change_of_turn_detection_forgets_the_turn(rig):
    await rig.choice.use_file("said.wav", recorded())
    await rig.connect("manual")
    await rig.choice.play()
    await rig.clock.advance(0.101)

    rig.choice.set_capture("vad")
    await rig.clock.advance(1.001)
    rig.choice.set_capture("manual")
    await rig.choice.talk(True, 0)

    assert rig.calls[-1] == ("talk", True, 0)
    assert rig.view.stand_in.is_playing


async def test_a_repeated_file_begins_again_but_a_turn_of_it_ends(rig):
    await rig.choice.use_file("said.wav", recorded())
    rig.choice.repeat(True)
    await rig.connect("vad")
    await rig.clock.advance(1.101)
    assert rig.heard.count(SAID) == 5

    rig.choice.repeat(False)
    await rig.clock.advance(1.001)
    assert rig.heard.count(SAID) == 6

    rig.choice.repeat(True)
    rig.choice.set_capture("manual")
    await rig.choice.play()
    await rig.clock.advance(1.001)
    assert rig.heard.count(SAID) == 7


async def test_another_file_takes_the_place_of_the_one_before(rig):
    first = recorded()
    await rig.choice.use_file("first.wav", first)
    await rig.connect("vad")
    await rig.clock.advance(0.101)

    other = SAID[::-1]
    await rig.choice.use_file("second.wav", recorded(other))
    await rig.clock.advance(1.001)

    assert other in rig.heard
    assert SAID not in rig.heard
    assert first.is_over(0)
    assert rig.view.stand_in.file_name == "second.wav"


async def test_changing_between_device_and_tone_while_connected_ends_nothing(rig):
    await rig.connect("vad")
    rig.device.say(b"\1\0")
    await settle()

    await rig.choose(kind="tone", chunk_ms=50)
    await rig.clock.advance(0.101)
    await rig.choose(kind="device")
    await rig.clock.advance(0.101)
    rig.device.say(b"\2\0")
    await settle()

    assert bytes(rig.heard) == b"\1\0" + Tone().read(0, 2400) + b"\2\0"
    assert ("use_microphone",) in rig.calls


@pytest.mark.parametrize("kind", ["noise", "silence"])
async def test_generated_sounds_go_on_without_end(rig, kind):
    await rig.choose(kind=kind)
    await rig.connect("vad")
    await rig.clock.advance(2.001)

    assert len(rig.heard) == 2 * 48_000
    assert bool(rig.words()) == (kind == "noise")


async def test_typed_words_are_spoken_as_a_turn(rig):
    await rig.connect("manual")

    await rig.choice.say("  What is the weather?  ")
    await rig.clock.advance(2.001)

    margins = bytes(48 * BEFORE_MS), bytes(48 * AFTER_MS)
    assert bytes(rig.heard).startswith(margins[0] + SAID + margins[1])
    assert rig.view.stand_in.text == "What is the weather?"
    assert rig.view.sound.settings.microphone.kind == "text"
    assert [each[0] for each in rig.calls][-2:] == ["talk", "talk"]


async def test_typed_words_are_spoken_once_and_not_again_with_the_next_session(rig):
    await rig.connect("vad")
    await rig.choice.say("Hello")
    await rig.clock.advance(2.001)
    await rig.disconnect()
    await rig.connect("vad")
    await rig.clock.advance(2.001)

    assert rig.heard.count(SAID) == 1


@pytest.mark.parametrize(
    ("speech", "sentence"),
    [
        ([], "nothing in it that can be spoken"),
        ([SpeechEngineError("No voice.")], "could not be spoken: No voice."),
    ],
)
async def test_words_that_cannot_be_spoken_take_no_turn(rig, speech, sentence):
    rig.speech = speech
    await rig.connect("manual")

    await rig.choice.say("...")
    await rig.clock.advance(1.001)

    assert sentence in rig.notice
    assert rig.heard == b""
    assert rig.calls == []


async def test_words_that_break_off_are_said_as_far_as_they_go(rig):
    rig.speech = [SAID, SpeechEngineError("The voice has stopped.")]
    await rig.connect("manual")

    await rig.choice.say("Hello")
    await rig.clock.advance(2.001)

    assert SAID in rig.heard
    assert "Not all of the words could be spoken: The voice has stopped." in rig.notice


async def test_too_many_words_are_refused_and_none_are_nothing(rig):
    await rig.connect("manual")

    await rig.choice.say("   ")
    assert rig.notice == ""
    await rig.choice.say("a" * (MAX_TEXT_CHARS + 1))

    assert "1,001 characters; 1,000 can be spoken at once" in rig.notice


@pytest.mark.parametrize(
    ("kind", "is_connected", "sentence"),
    [
        ("file", False, "connect first"),
        ("file", True, "There is no file yet"),
        ("text", True, "There are no words yet"),
        ("tone", True, "hold Push to talk instead"),
    ],
)
async def test_what_cannot_be_played_is_said(rig, kind, is_connected, sentence):
    await rig.choose(kind=kind)
    if is_connected:
        await rig.connect("manual")

    await rig.choice.play()

    assert sentence in rig.notice


async def test_nothing_is_spoken_without_a_session(rig):
    await rig.choice.say("Hello")

    assert "connect first" in rig.notice


async def test_what_a_page_sends_is_read_and_refused_in_words(rig):
    await rig.choice.read_file("said.wav", io.BytesIO(wav.pack(SAID)))
    assert rig.view.stand_in.file_ms == 200, "without the silence around it"
    assert not rig.view.stand_in.is_loading

    with pytest.raises(AudioDeviceError, match=r"^letter\.txt cannot be the microphone: it is no"):
        await rig.choice.read_file("letter.txt", io.BytesIO(b"Dear Sir"))
    assert "letter.txt cannot be the microphone" in rig.notice
    assert not rig.view.stand_in.is_loading
    assert rig.view.stand_in.file_name == "said.wav"


async def test_a_refusal_of_the_page_is_told(rig):
    rig.choice.refuse("Too large.")

    assert rig.notice == "Too large."


async def test_a_device_takes_turns_as_it_always_did(rig):
    await rig.connect("manual")

    await rig.choice.talk(True, 0)
    await rig.choice.talk(False, 300)

    assert rig.calls == [("talk", True, 0), ("talk", False, 300)]
    assert rig.capture == ["manual"]
    assert not rig.choice.is_stand_in


async def test_a_session_may_begin_with_a_file_that_it_shares(rig):
    shared = recorded()
    rig.choice.begin_with(Microphone(kind="file", chunk_ms=20), "shared.wav", shared)
    await settle()
    await rig.connect("vad")
    await rig.clock.advance(1.001)
    await rig.choice.close()

    assert rig.words() == SAID.strip(b"\0")
    assert rig.view.stand_in.file_name == "shared.wav"
    assert not shared.is_over(0)
