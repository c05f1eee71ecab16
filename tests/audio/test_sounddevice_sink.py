"""A speaker of this machine, through the real PortAudio, on a virtual sound card."""

from __future__ import annotations

import asyncio
import sys
import time

import numpy as np
import pytest
import pytest_asyncio

from console.audio import sounddevice_sink
from console.audio.sounddevice_library import PORTAUDIO, Format
from console.audio.sounddevice_sink import SounddeviceSink
from console.errors import AudioDeviceError
from console.pcm import SAMPLE_RATE_HZ
from tests.audio.machine import MOST, MachineSinkRig, sink_rig, use
from tests.audio.port_suite import SENTENCE, TONE, SinkSuite, chunks_of
from tests.pulse import AUDIBLE_RMS, WINDOW, rms, share_found


@pytest.fixture
def card(sound_card, monkeypatch):
    use(sound_card, monkeypatch)
    return sound_card


@pytest_asyncio.fixture
async def rig(card):
    async with sink_rig(SounddeviceSink(), card) as found:
        yield found


class TestTheMachinesSpeaker(SinkSuite):
    """The tests that every speaker passes."""


def level(samples: np.ndarray) -> float:
    """Return the level of a tone; a busy machine may put gaps between its windows."""
    windows = samples[: len(samples) // WINDOW * WINDOW].reshape(-1, WINDOW)
    return float(np.median([each for each in map(rms, windows) if each > AUDIBLE_RMS]))


def play_all(sink: SounddeviceSink, samples: np.ndarray) -> None:
    for chunk in chunks_of(samples):
        sink.play("item", chunk)
    sink.finish("item")


@pytest.mark.parametrize("wanted", [Format(48_000), Format(44_100), Format(44_100, 2)])
async def test_whatever_the_device_speaks_the_sentence_is_heard(card, wanted):
    async with sink_rig(SounddeviceSink(wanted=wanted), card) as rig:
        play_all(rig.sink, SENTENCE)
        heard = await rig.listen(len(SENTENCE))

        assert rig.sink.device_rate_hz == wanted.rate_hz
        assert share_found(heard, SENTENCE) > MOST
        assert rig.sink.underruns == 0


async def test_the_sound_stops_within_50_ms(card):
    async with card.record_speaker() as speaker:
        sink = SounddeviceSink()
        await sink.start()
        sink.play("item", TONE.tobytes())
        begin = await speaker.wait_for_sound()
        await speaker.wait_for_samples(begin + 12_000)
        interrupted_s = time.time()
        await sink.interrupt()
        end = await speaker.wait_for_silence(begin, 200)
        await sink.stop()

    assert speaker.time_of(end) - interrupted_s < 0.05


async def test_interrupt_counts_in_the_protocols_samples_whatever_the_device_speaks(card):
    async with sink_rig(SounddeviceSink(wanted=Format(48_000)), card) as rig:
        play_all(rig.sink, TONE)
        await rig.listen(12_000)
        heard = await rig.sink.interrupt()
        sounding_ms = await rig.sounding_ms()

    assert heard is not None
    assert heard.n_samples / 24 == pytest.approx(sounding_ms, abs=20)


async def test_volume_is_heard_at_once_and_counts_as_heard_even_when_silent(rig: MachineSinkRig):
    rig.sink.play("item", TONE.tobytes())
    loud = await rig.listen(7200)
    rig.sink.set_volume(0.0)
    await rig._recording.wait_for_silence(await rig._recording.wait_for_sound(), 300)
    heard = await rig.sink.interrupt()

    assert level(loud) == pytest.approx(8000 / np.sqrt(2), rel=0.1)
    assert heard is not None
    assert heard.n_samples > len(loud)  # the silent part was played as well


@pytest.mark.parametrize("volume", [-0.1, 1.1])
def test_a_volume_outside_of_its_range_is_refused(volume):
    with pytest.raises(ValueError, match="between 0 and 1"):
        SounddeviceSink().set_volume(volume)


async def test_half_the_volume_is_half_as_loud(rig: MachineSinkRig):
    rig.sink.set_volume(0.5)
    rig.sink.play("item", TONE.tobytes())
    heard = await rig.listen(9600)

    assert level(heard) == pytest.approx(4000 / np.sqrt(2), rel=0.1)


async def test_it_knows_whether_something_sounds_and_keeps_the_last_of_it_for_a_meter(
    rig: MachineSinkRig, monkeypatch
):
    monkeypatch.setattr(sounddevice_sink, "ECHO_S", 5.0)  # a busy machine calls back late
    assert not rig.sink.is_sounding
    rig.sink.play("item", TONE.tobytes())
    await rig.listen(4800)

    assert rig.sink.is_sounding
    assert np.any(np.frombuffer(rig.sink.recent(), "<i2"))
    await rig.sink.stop()
    assert rig.sink.recent() == b""


async def test_nothing_was_heard_of_a_speaker_that_is_closed():
    sink = SounddeviceSink()
    sink.play("item", bytes(960))

    assert await sink.interrupt() is None


async def test_a_speaker_that_does_not_exist_is_named(card):
    with pytest.raises(AudioDeviceError, match="speaker 'Theremin' cannot be used"):
        await SounddeviceSink("Theremin").start()


async def test_without_portaudio_the_sentence_says_how_to_get_it_or_to_use_the_browser(
    tmp_path, monkeypatch
):
    (tmp_path / "sounddevice.py").write_text('raise OSError("PortAudio library not found")\n')
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)

    with pytest.raises(AudioDeviceError, match=r"apt-get install libportaudio2.*--audio browser"):
        await SounddeviceSink().start()


async def test_a_speaker_that_goes_away_says_so_and_still_tells_what_was_heard(
    rig: MachineSinkRig,
):
    told: list[AudioDeviceError] = []
    rig.sink.lost.connect(told.append)
    rig.sink.play("item", TONE.tobytes())
    await rig.listen(4800)
    lost = asyncio.ensure_future(rig.sink.lost.wait(timeout_s=5))
    await asyncio.sleep(0)
    rig.sink._device._stream.abort()  # what PortAudio does when a device is pulled out
    assert "no longer takes sound" in str(await lost)

    heard = await rig.sink.interrupt()

    assert len(told) == 1
    assert heard is not None
    assert heard.track == "item"
    assert heard.n_samples > 0


async def test_what_waited_when_the_speaker_went_away_is_played_when_it_is_back(
    rig: MachineSinkRig,
):
    rig.sink.play("item", SENTENCE[:12_000].tobytes())
    await rig.listen(4800)
    lost = asyncio.ensure_future(rig.sink.lost.wait(timeout_s=5))
    await asyncio.sleep(0)
    rig.sink._device._stream.abort()
    await lost
    rig.sink.play("item", SENTENCE[12_000:].tobytes())
    rig.sink.finish("item")
    await rig.sink.start()
    heard = await rig.listen(len(SENTENCE))

    assert share_found(heard, SENTENCE[12_000:]) > MOST


async def test_another_speaker_goes_on_where_the_first_stopped(rig: MachineSinkRig):
    play_all(rig.sink, SENTENCE)
    await rig.listen(4800)
    await rig.sink.use("pulse")
    heard = await rig.listen(len(SENTENCE) + SAMPLE_RATE_HZ // 2)

    assert rig.sink.device == "pulse"
    assert share_found(heard, SENTENCE) > MOST


async def test_another_rate_forgets_what_waited_but_not_how_far_it_was_heard(
    rig: MachineSinkRig, monkeypatch
):
    rig.sink.play("item", TONE.tobytes())
    await rig.listen(12_000)
    rig.sink._device.wanted = Format(48_000)
    await rig.sink.use("pulse")
    heard = await rig.sink.interrupt()
    sounding_ms = await rig.sounding_ms()

    assert heard is not None
    assert heard.track == "item"
    assert heard.n_samples / 24 == pytest.approx(sounding_ms, abs=20)


async def test_looking_for_new_devices_loses_no_sound(rig: MachineSinkRig):
    told: list[AudioDeviceError] = []
    rig.sink.lost.connect(told.append)
    play_all(rig.sink, SENTENCE)
    await rig.listen(4800)
    await asyncio.to_thread(PORTAUDIO.renew)
    heard = await rig.listen(len(SENTENCE) + 4800)

    assert told == []
    assert share_found(heard, SENTENCE) > MOST


async def test_a_device_that_ran_out_of_sound_is_counted(rig: MachineSinkRig):
    class Underflow:
        output_underflow = True

    before = rig.sink.underflows
    rig.sink._device._stream.abort()
    rig.sink._wanted_by_device(
        rig.sink._device._token, memoryview(bytearray(480)), 240, Underflow()
    )

    assert rig.sink.underflows == before + 1
