from dataclasses import replace

import pytest

from console.app.sound_choice import SoundChoice
from console.app.sound_settings import Microphone
from console.app.stand_in_meter import StandInMeter
from console.app.view_model import Target, ViewModel
from console.audio.sounds import Tone
from console.signals import Signal
from tests.fakes import ManualClock

CHUNK = 480
"""Samples of 20 ms."""


class Meter:
    """A tone in the microphone's place, and the bars that are shown of it."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.choice = SoundChoice(
            ViewModel(target=Target("simulator", "model", "voice", hint="", is_simulator=True))
        )
        self.choice.change(microphone=Microphone(kind="tone"))
        self.spoken: Signal[bytes] = Signal("spoken")
        self.shown: list[list[float]] = []
        StandInMeter(
            self.spoken, self.choice, self.clock,
            show_levels=lambda bars: self.shown.append(list(bars)),
        )  # fmt: skip

    async def speak(self, n_chunks: int) -> None:
        tone = Tone()
        for number in range(n_chunks):
            self.spoken.emit(tone.read(number * CHUNK, CHUNK))
            await self.clock.advance(0.02)


async def test_the_bars_are_those_of_the_sound() -> None:
    meter = Meter()
    await meter.speak(20)

    bars = meter.shown[-1]
    assert len(bars) == 10
    assert max(bars) > 0.5
    assert min(bars) < 0.2, "a tone is in one band only"


async def test_they_are_shown_at_most_20_times_a_second() -> None:
    meter = Meter()
    await meter.speak(50)

    assert len(meter.shown) == pytest.approx(17, abs=3)


async def test_nothing_is_shown_of_a_muted_microphone() -> None:
    meter = Meter()
    muted = replace(meter.choice.settings.microphone, is_muted=True)
    meter.choice.change(microphone=muted)
    await meter.speak(5)

    assert meter.shown == []


async def test_the_bars_fall_when_the_sound_ends() -> None:
    meter = Meter()
    await meter.speak(5)
    meter.spoken.emit(b"")

    assert meter.shown[-1] == [0.0] * 10


async def test_nothing_is_shown_once_a_device_is_the_microphone_again() -> None:
    meter = Meter()
    await meter.speak(5)
    meter.shown.clear()
    meter.choice.change(microphone=Microphone())
    await meter.speak(1)
    meter.spoken.emit(b"")

    assert meter.shown == []
