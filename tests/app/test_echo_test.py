from __future__ import annotations

import asyncio

import numpy as np
import pytest

from console import pcm
from console.app.echo_test import EchoTest
from console.app.sound_settings import Microphone, SoundSettings, Speaker
from console.app.view_model import Phase, Target, ViewModel
from console.audio.sounds import Tone
from console.errors import AudioDeviceError
from tests.fakes import ManualClock, settle

CHUNK_MS = 20
DELAY_MS = 140


class Room:
    """A microphone and a speaker in one room: what is played is heard a while later."""

    def __init__(self, clock: ManualClock, *, has_echo: bool = True) -> None:
        self.clock = clock
        self.has_echo = has_echo
        self.error: AudioDeviceError | None = None
        self.breaks_after: int | None = None
        self.is_mute = False
        self.dropped_chunks = 0
        self.is_on = False
        self.capture: list[str] = []
        self.played: dict[str, bytes] = {}
        self.n_clears = 0
        self._sound = np.frombuffer(Tone().read(0, 24_000 * 20), "<i2").astype(np.int32)
        self._origin_s = 0.0
        self._n_samples = 0

    # The microphone

    async def start(self) -> None:
        if self.error is not None:
            raise self.error
        self.is_on = True
        self._origin_s = self.clock.now_s()
        self._n_samples = 0

    async def stop(self) -> None:
        self.is_on = False

    async def chunks(self):
        size = pcm.ms_to_samples(CHUNK_MS)
        while True:
            await self.clock.sleep(CHUNK_MS / 1000)
            if not self.is_on:
                return
            if self.is_mute:
                continue
            self._n_samples += size
            if self.breaks_after is not None and self._n_samples > self.breaks_after:
                raise AudioDeviceError("The microphone was unplugged.")
            part = self._sound[self._n_samples - size : self._n_samples]
            yield np.clip(part, -32_768, 32_767).astype("<i2").tobytes()

    async def wait_until_read(self) -> None:
        pass

    # The speaker

    @property
    def sink(self) -> Sink:
        return Sink(self)

    def hear(self, audio: bytes) -> None:
        if not self.has_echo:
            return
        after_s = self.clock.now_s() - self._origin_s + DELAY_MS / 1000
        at = pcm.ms_to_samples(after_s * 1000)
        samples = np.frombuffer(audio, "<i2").astype(np.int32) // 2
        self._sound[at : at + samples.size] += samples


class Sink:
    def __init__(self, room: Room) -> None:
        self._room = room

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    def play(self, track: str, audio: bytes) -> None:
        self._room.played[track] = audio
        self._room.hear(audio)

    def finish(self, track: str) -> None:
        pass

    async def interrupt(self) -> None:
        return None

    async def clear(self) -> None:
        self._room.n_clears += 1


TARGET = Target("simulator", "m", "v", "", is_simulator=True)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def view() -> ViewModel:
    return ViewModel(target=TARGET)


@pytest.fixture
def room(clock: ManualClock) -> Room:
    return Room(clock)


@pytest.fixture
def echo(view: ViewModel, room: Room, clock: ManualClock) -> EchoTest:
    return EchoTest(view, room, room.sink, set_capture=room.capture.append, clock=clock)


async def run(echo: EchoTest, clock: ManualClock, duration_s: float = 12.0) -> None:
    running = asyncio.get_running_loop().create_task(echo.run())
    await clock.advance(duration_s)
    await running


async def test_three_seconds_are_played_back_and_the_round_trip_is_told(echo, view, room, clock):
    seen: list[str] = []
    view.on_change = lambda part: seen.append(f"{part} {view.echo.phase}")

    await run(echo, clock)

    assert seen == [f"sound {each}" for each in (
        "opening", "recording", "measuring", "playing", "done"
    )]  # fmt: skip
    recorded = room.played["echo-2"]
    assert recorded == Tone().read(0, 3 * 24_000)
    assert view.echo.round_trip_ms == pytest.approx(DELAY_MS, abs=CHUNK_MS)
    assert view.echo.loudness == "good"
    assert view.echo.sentence == (
        f"Level -20 dBFS, good. Round trip {view.echo.round_trip_ms:.0f} ms."
    )
    assert room.capture == ["vad", "off"]
    assert not room.is_on
    assert room.n_clears == 1


async def test_without_an_echo_the_level_is_told_and_why_there_is_no_round_trip(
    echo, view, room, clock
):
    room.has_echo = False

    await run(echo, clock)

    assert view.echo.phase == "done"
    assert view.echo.round_trip_ms is None
    assert "so there is no round trip to tell: headphones, or echo cancellation" in (
        view.echo.sentence
    )


@pytest.mark.parametrize("phase", [Phase.CONNECTING, Phase.CONNECTED, Phase.RECONNECTING])
async def test_a_session_that_goes_on_is_not_disturbed(echo, view, room, phase):
    view.set_connection(phase)

    await echo.run()

    assert view.echo.phase == "failed"
    assert "disconnect first" in view.echo.sentence
    assert room.capture == []
    assert not room.is_on


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (SoundSettings(microphone=Microphone(is_muted=True)), "microphone is muted here"),
        (SoundSettings(speaker=Speaker(is_muted=True)), "speaker is muted here"),
    ],
)
async def test_what_is_muted_cannot_be_tested(echo, view, settings, sentence):
    view.set_sound(settings=settings)

    await echo.run()

    assert sentence in view.echo.sentence


async def test_a_microphone_that_cannot_be_had_ends_the_test_with_its_sentence(echo, view, room):
    room.error = AudioDeviceError("No microphone was found.")

    await echo.run()

    assert (view.echo.phase, view.echo.sentence) == ("failed", "No microphone was found.")
    assert room.capture == ["off"]


async def test_a_microphone_that_breaks_ends_the_test_with_its_sentence(echo, view, room, clock):
    room.breaks_after = 24_000

    await run(echo, clock)

    assert (view.echo.phase, view.echo.sentence) == ("failed", "The microphone was unplugged.")


async def test_a_microphone_that_is_on_and_says_nothing_is_told(
    echo, view, room, clock, monkeypatch
):
    monkeypatch.setattr("console.app.echo_test.SILENCE_TIMEOUT_S", 0.01)
    room.is_mute = True

    await echo.run()

    assert (view.echo.phase, view.echo.sentence) == (
        "failed",
        "The microphone is on, but no sound comes from it.",
    )
    assert not room.is_on


async def test_a_session_that_begins_takes_the_microphone_over_as_it_is(echo, view, room, clock):
    running = asyncio.get_running_loop().create_task(echo.run())
    await clock.advance(1.0)
    assert view.echo.is_running

    await echo.give_way()
    await running

    assert view.echo.phase == "idle"
    assert room.capture == ["vad"]
    await echo.give_way()


async def test_asking_twice_is_one_test(echo, view, room, clock):
    both = [asyncio.get_running_loop().create_task(echo.run()) for _ in range(2)]
    await settle()
    await clock.advance(12)
    await asyncio.gather(*both)

    assert list(room.played) == ["chirp-1", "echo-2"]
