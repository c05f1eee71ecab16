"""This machine's sound for tests: PortAudio of this process on the virtual sound card."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path

import numpy as np
import pytest

from console.audio.ports import Heard
from console.audio.sounddevice_library import PORTAUDIO
from console.audio.sounddevice_sink import BUFFERINGS, SounddeviceSink
from console.audio.sounddevice_source import SounddeviceSource
from console.pcm import SAMPLE_RATE_HZ, Int16Array
from tests.audio.port_suite import chunks_of
from tests.pulse import AUDIBLE_RMS, WINDOW, Recording, VirtualSoundCard, write_wav

MOST = 0.5
"""Of the pieces of a sentence; those with a gap in them, made by a busy machine, are not found."""
LONGEST_QUIET = 3 * SAMPLE_RATE_HZ // 1000
"""A tone is never below the level of sound for as many samples."""
_ALSA = """</usr/share/alsa/alsa.conf>
"""
_HEADSET = """
pcm.headset { type pulse device headset hint { show on description "Headset" } }
"""


def use(card: VirtualSoundCard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let PortAudio of this process, and of those that it starts, find `card` and nothing else."""
    for name, value in card.environment.items():
        monkeypatch.setenv(name, value)
    PORTAUDIO.renew()


class Headset:
    """A second speaker that can be plugged in and pulled out: a sink and its name in ALSA."""

    name = "headset"

    def __init__(self, card: VirtualSoundCard, directory: Path) -> None:
        self._card = card
        self.configuration = directory / "asound.conf"
        self.configuration.write_text(_ALSA)
        self._module = ""

    def plug_in(self) -> None:
        """Let the system find it."""
        self._module = self._card.load("module-null-sink", "sink_name=headset", "norewinds=1")
        self.configuration.write_text(_ALSA + _HEADSET)

    def pull_out(self) -> None:
        """Take it away, whoever uses it."""
        self.configuration.write_text(_ALSA)
        self._card.unload(self._module)
        self._module = ""

    def put_away(self) -> None:
        """Leave the sound card as it was."""
        if self._module:
            self.pull_out()


class MachineSourceRig:
    """The machine's microphone, and paplay in front of it."""

    least_share = MOST
    has_room = True

    def __init__(self, source: SounddeviceSource, card: VirtualSoundCard, directory: Path) -> None:
        self.source = source
        self._card = card
        self._wav = directory / "said.wav"

    async def speak(self, samples: Int16Array) -> None:
        """Say `samples`."""
        write_wav(self._wav, samples, SAMPLE_RATE_HZ)
        await self._card.play_into_microphone(self._wav)


class MachineSinkRig:
    """The machine's speaker, and parec in front of it."""

    least_share = MOST
    slack_ms = 20.0

    def __init__(self, sink: SounddeviceSink, recording: Recording) -> None:
        self.sink = sink
        self._recording = recording

    async def listen(self, n_samples: int) -> Int16Array:
        """Return what was heard from the first sound on."""
        begin = max(0, await self._recording.wait_for_sound() - WINDOW)
        await self._recording.wait_for_samples(begin + n_samples + SAMPLE_RATE_HZ // 10)
        return self._recording.samples(begin)

    async def ask(self, question: Awaitable[Heard | None]) -> Heard | None:
        """Await the answer: the device gives it by itself."""
        async with asyncio.timeout(5):
            return await question

    async def feed(self, track: str, samples: Int16Array, delta_ms: int) -> None:
        """Queue `samples` in real time."""
        began_s = time.monotonic()
        for at, delta in enumerate(chunks_of(samples, delta_ms * SAMPLE_RATE_HZ // 1000)):
            await asyncio.sleep(max(0.0, began_s + at * delta_ms / 1000 - time.monotonic()))
            self.sink.play(track, delta)

    async def sounding_ms(self) -> float:
        """Count the sound alone: a busy machine may put gaps into it."""
        begin = await self._recording.wait_for_sound()
        end = await self._recording.wait_for_silence(begin, 300)
        heard = self._recording.samples(max(0, begin - WINDOW), end + WINDOW)
        loud = np.flatnonzero(np.abs(heard.astype(np.int32)) > AUDIBLE_RMS)
        steps = np.diff(loud)
        return float(np.sum(steps[steps < LONGEST_QUIET])) * 1000 / SAMPLE_RATE_HZ


@contextlib.asynccontextmanager
async def source_rig(
    source: SounddeviceSource, card: VirtualSoundCard, directory: Path
) -> AsyncIterator[MachineSourceRig]:
    """Give the rig of a microphone, and close it in the end."""
    try:
        yield MachineSourceRig(source, card, directory)
    finally:
        await source.stop()


@contextlib.asynccontextmanager
async def sink_rig(sink: SounddeviceSink, card: VirtualSoundCard) -> AsyncIterator[MachineSinkRig]:
    """Give the rig of an open speaker, and close it in the end."""
    # A machine that is busy with tests cannot feed the smallest buffer without gaps.
    sink._device.buffering = BUFFERINGS[1]
    async with card.record_speaker() as recording:
        await sink.start()
        try:
            yield MachineSinkRig(sink, recording)
        finally:
            await sink.stop()
