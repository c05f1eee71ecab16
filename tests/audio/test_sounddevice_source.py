"""A microphone of this machine, through the real PortAudio, on a virtual sound card."""

from __future__ import annotations

import asyncio
import sys
import threading

import numpy as np
import pytest
import pytest_asyncio

from console import tasks
from console.audio import device_stream
from console.audio.sounddevice_library import PORTAUDIO, Format
from console.audio.sounddevice_source import SounddeviceSource
from console.errors import AudioDeviceError
from tests.audio.machine import MOST, MachineSourceRig, source_rig, use
from tests.audio.port_suite import (
    SENTENCE,
    TONE,
    SourceSuite,
    drain,
    first_of,
    heard_until,
)
from tests.pulse import share_found


@pytest.fixture
def card(sound_card, monkeypatch):
    use(sound_card, monkeypatch)
    return sound_card


@pytest_asyncio.fixture
async def rig(card, tmp_path):
    async with source_rig(SounddeviceSource(), card, tmp_path) as found:
        yield found


class TestTheMachinesMicrophone(SourceSuite):
    """The tests that every microphone passes."""


@pytest.mark.parametrize("wanted", [Format(48_000), Format(44_100), Format(44_100, 2)])
async def test_whatever_the_device_speaks_comes_in_as_24_khz_mono(card, tmp_path, wanted):
    async with source_rig(SounddeviceSource(wanted=wanted), card, tmp_path) as rig:
        await rig.source.start()
        speaking = tasks.spawn(rig.speak(SENTENCE), name="speak")
        captured = await heard_until(rig.source, len(SENTENCE))
        await speaking

        assert rig.source.device_rate_hz == wanted.rate_hz
        assert share_found(captured, SENTENCE) > MOST


@pytest.mark.parametrize("chunk_ms", [10, 20, 35, 100])
async def test_chunks_are_as_long_as_asked(rig: MachineSourceRig, chunk_ms):
    rig.source.chunk_ms = chunk_ms
    await rig.source.start()

    assert len(await first_of(rig.source)) == chunk_ms * 48


async def test_the_last_tenth_of_a_second_is_there_for_a_meter(rig: MachineSourceRig):
    assert rig.source.recent() == b""
    await rig.source.start()
    speaking = tasks.spawn(rig.speak(TONE[:24_000]), name="speak")
    await heard_until(rig.source, 12_000)

    assert len(rig.source.recent()) == pytest.approx(4800, abs=480)
    assert np.any(np.frombuffer(rig.source.recent(), "<i2"))
    await speaking
    await rig.source.stop()
    assert rig.source.recent() == b""


async def test_what_is_held_back_arrives_as_silence_of_the_same_length(rig: MachineSourceRig):
    rig.source.is_held_back = lambda: True
    await rig.source.start()
    speaking = tasks.spawn(rig.speak(TONE[:12_000]), name="speak")
    n_chunks = 0
    async for chunk in rig.source.chunks():
        n_chunks += 1
        assert not np.any(np.frombuffer(chunk, "<i2"))
        if speaking.done():
            break

    assert n_chunks >= 12_000 / 480
    assert np.any(TONE[:12_000])


async def test_input_that_the_device_lost_is_counted(rig: MachineSourceRig, monkeypatch):
    await rig.source.start()
    await first_of(rig.source)
    assert rig.source.overflows == 0

    rig.source._accept(rig.source._device._token, bytes(480), True)  # as PortAudio says it

    assert rig.source.overflows == 1


async def test_chunks_that_nobody_reads_are_dropped_and_counted_over_all_starts(
    rig: MachineSourceRig, monkeypatch
):
    await rig.source.start()
    for _ in range(3 * 1000 // 20):
        rig.source._accept(rig.source._device._token, bytes(960), False)
    dropped = rig.source.dropped_chunks
    await rig.source.stop()
    await rig.source.start()

    assert dropped >= 50
    assert rig.source.dropped_chunks == dropped


async def test_another_microphone_goes_on_in_the_same_chunks(rig: MachineSourceRig):
    await rig.source.start()
    chunks = rig.source.chunks()
    await anext(chunks)
    await rig.source.use("pulse")
    speaking = tasks.spawn(rig.speak(TONE[:24_000]), name="speak")

    async with asyncio.timeout(10):
        async for chunk in chunks:
            if np.any(np.frombuffer(chunk, "<i2")):
                break
    assert rig.source.device == "pulse"
    await speaking


async def test_choosing_a_microphone_that_is_not_there_ends_the_chunks_with_its_name(
    rig: MachineSourceRig,
):
    await rig.source.start()
    with pytest.raises(AudioDeviceError, match="'Theremin' cannot be used"):
        await rig.source.use("Theremin")

    with pytest.raises(AudioDeviceError, match="'Theremin' cannot be used"):
        await drain(rig.source)


async def test_a_microphone_that_does_not_exist_is_named(card):
    with pytest.raises(AudioDeviceError, match="microphone 'Theremin' cannot be used"):
        await SounddeviceSource("Theremin").start()


async def test_without_portaudio_the_sentence_says_how_to_get_it_or_to_use_the_browser(
    tmp_path, monkeypatch
):
    (tmp_path / "sounddevice.py").write_text('raise OSError("PortAudio library not found")\n')
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)

    with pytest.raises(AudioDeviceError, match=r"apt-get install libportaudio2.*--audio browser"):
        await SounddeviceSource().start()


async def test_a_microphone_that_goes_away_ends_the_chunks_with_a_sentence_and_says_so(
    rig: MachineSourceRig,
):
    told: list[AudioDeviceError] = []
    rig.source.lost.connect(told.append)
    await rig.source.start()
    await first_of(rig.source)
    rig.source._device._stream.abort()  # what PortAudio does when a device is pulled out

    with pytest.raises(AudioDeviceError, match="stopped delivering sound"):
        await drain(rig.source)
    assert len(told) == 1
    assert not rig.source.is_running


async def test_a_lost_microphone_can_be_started_again(rig: MachineSourceRig):
    await rig.source.start()
    rig.source._device._stream.abort()
    with pytest.raises(AudioDeviceError):
        await drain(rig.source)
    await rig.source.start()

    assert await first_of(rig.source)


async def test_looking_for_new_devices_interrupts_nobody_for_long(rig: MachineSourceRig):
    told: list[AudioDeviceError] = []
    rig.source.lost.connect(told.append)
    await rig.source.start()
    chunks = rig.source.chunks()
    await anext(chunks)
    await asyncio.to_thread(PORTAUDIO.renew)
    speaking = tasks.spawn(rig.speak(TONE[:24_000]), name="speak")

    async with asyncio.timeout(10):
        async for chunk in chunks:
            if np.any(np.frombuffer(chunk, "<i2")):
                break
    await speaking
    assert told == []


async def test_a_driver_that_never_answers_is_told_instead_of_waited_for(card, monkeypatch):
    release = threading.Event()
    monkeypatch.setattr(device_stream, "_OPEN_TIMEOUT_S", 0.05)
    monkeypatch.setattr(PORTAUDIO, "open", lambda *arguments: release.wait())
    try:
        with pytest.raises(AudioDeviceError, match="did not answer"):
            await SounddeviceSource().start()
    finally:
        release.set()
