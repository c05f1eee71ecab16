"""The machine's sound, through the real PortAudio, on a virtual sound card."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time

import numpy as np
import pytest

from console import tasks
from console.audio.ports import Heard
from console.audio.sounddevice_io import SounddeviceSink, SounddeviceSource, device_names
from console.errors import AudioDeviceError
from tests import speech
from tests.pulse import VirtualSoundCard, share_found, write_wav

SAID = np.frombuffer(speech.say("What is the weather in Paris?"), dtype="<i2")
SENTENCE = SAID[np.argmax(np.abs(SAID) > 300) :]
"""A sentence that begins with sound, so that its first sample can be heard in a recording."""

MOST = 0.5
"""Of the pieces of a sentence; those with a gap in them, made by a busy machine, are not found."""


def use(card: VirtualSoundCard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let PortAudio of this process find `card`, and nothing else."""
    for name, value in card.environment.items():
        monkeypatch.setenv(name, value)
    import sounddevice

    # PortAudio lists the devices once, when it is initialised.
    sounddevice._terminate()
    sounddevice._initialize()


@pytest.fixture
def card(sound_card, monkeypatch):
    use(sound_card, monkeypatch)
    return sound_card


@contextlib.asynccontextmanager
async def started(device):
    await device.start()
    try:
        yield device
    finally:
        await device.stop()


async def read_all(source):
    async with asyncio.timeout(10):
        async for _ in source.chunks():
            pass


def chunks_of(samples, n_samples=2400):
    return [samples[at : at + n_samples].tobytes() for at in range(0, len(samples), n_samples)]


def test_the_names_of_microphones_and_speakers_are_known(card):
    microphones, speakers = device_names()

    assert microphones
    assert speakers


@pytest.mark.parametrize("device_rate_hz", [None, 44_100])
async def test_the_speaker_plays_what_was_queued_from_first_to_last_sample(card, device_rate_hz):
    sink = SounddeviceSink(device_rate_hz=device_rate_hz)
    async with card.record_speaker() as speaker, started(sink):
        for chunk in chunks_of(SENTENCE):
            sink.play("item", chunk)
        sink.finish("item")
        begin = await speaker.wait_for_sound()
        await speaker.wait_for_samples(begin + len(SENTENCE) + 2400)

    assert share_found(speaker.samples(), SENTENCE) > MOST
    assert sink.underruns == 0


@pytest.mark.parametrize("device_rate_hz", [None, 48_000])
async def test_the_microphone_delivers_what_was_said_in_chunks_of_20_ms(
    card, tmp_path, device_rate_hz
):
    wav = write_wav(tmp_path / "said.wav", SENTENCE, 24_000)
    captured = bytearray()

    async with started(SounddeviceSource(device_rate_hz=device_rate_hz)) as source:
        speaking = tasks.spawn(card.play_into_microphone(wav), name="speak")
        async for chunk in source.chunks():
            assert len(chunk) == 960
            # What was captured before the sentence began is of no interest.
            if captured or np.any(np.frombuffer(chunk, "<i2")):
                captured += chunk
            if len(captured) > 2 * (len(SENTENCE) + 4800):
                break
        await speaking

    assert share_found(np.frombuffer(bytes(captured), "<i2"), SENTENCE) > MOST
    assert source.dropped_chunks == 0


async def test_interrupt_stops_the_sound_and_tells_what_the_recording_contains(card):
    tone = (8000 * np.sin(2 * np.pi * 440 * np.arange(24_000 * 5) / 24_000)).astype("<i2")
    async with card.record_speaker() as speaker, started(SounddeviceSink()) as sink:
        for chunk in chunks_of(tone):
            sink.play("first", chunk)
        sink.play("second", tone.tobytes())
        begin = await speaker.wait_for_sound()
        await speaker.wait_for_samples(begin + 12_000)
        interrupted_s = time.time()
        heard = await sink.interrupt()
        sink.play("first", tone.tobytes())
        sink.play("second", tone.tobytes())
        end = await speaker.wait_for_silence(begin, 200)

    assert heard is not None
    assert heard.track == "first"
    # Counted in windows with sound: a busy machine may put gaps between them.
    recorded_ms = 10 * int(np.sum(speaker.audible()[begin // 240 : end // 240]))
    assert recorded_ms == pytest.approx(heard.n_samples / 24, abs=20)
    assert speaker.time_of(end) - interrupted_s < 0.1


async def test_interrupt_counts_in_the_protocols_samples_whatever_the_device_speaks(card):
    sink = SounddeviceSink(device_rate_hz=48_000)
    async with card.record_speaker() as speaker, started(sink):
        for chunk in chunks_of(SENTENCE):
            sink.play("item", chunk)
        begin = await speaker.wait_for_sound()
        await speaker.wait_for_samples(begin + 12_000)
        heard = await sink.interrupt()
        await speaker.wait_for_silence(begin, 300)

    assert heard is not None
    assert share_found(speaker.samples(), SENTENCE[: heard.n_samples]) > MOST
    assert share_found(speaker.samples(), SENTENCE[heard.n_samples + 2400 :]) < 0.2


async def test_nothing_was_heard_when_nothing_was_played_or_the_speaker_is_closed(card):
    async with started(SounddeviceSink()) as sink:
        assert await sink.interrupt() is None

    sink.play("item", bytes(960))
    assert await sink.interrupt() is None


async def test_clear_lets_an_interrupted_track_be_played_again(card):
    async with card.record_speaker() as speaker, started(SounddeviceSink()) as sink:
        sink.play("item", bytes(960))
        assert await sink.interrupt() == Heard("item", 0)
        await sink.clear()
        sink.play("item", SENTENCE.tobytes())

        await speaker.wait_for_sound()


async def test_devices_can_be_stopped_twice_and_started_again(card):
    source, sink = SounddeviceSource(), SounddeviceSink()
    for device in (source, sink):
        await device.start()
        await device.start()
        await device.stop()
        await device.stop()
        await device.start()

    async for chunk in source.chunks():
        assert len(chunk) == 960
        break
    await source.stop()
    await sink.stop()


@pytest.mark.parametrize("kind", [SounddeviceSource, SounddeviceSink])
async def test_a_device_that_does_not_exist_is_named(card, kind):
    with pytest.raises(AudioDeviceError, match="'Theremin' cannot be used"):
        await kind("Theremin").start()


@pytest.mark.parametrize("kind", [SounddeviceSource, SounddeviceSink])
async def test_without_portaudio_the_sentence_says_how_to_get_it_or_to_use_the_browser(
    kind, tmp_path, monkeypatch
):
    (tmp_path / "sounddevice.py").write_text('raise OSError("PortAudio library not found")\n')
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)

    with pytest.raises(AudioDeviceError, match=r"apt-get install libportaudio2.*--audio browser"):
        await kind().start()


async def test_a_microphone_that_goes_away_ends_the_chunks_with_a_sentence(card):
    async with started(SounddeviceSource()) as source:
        await anext(source.chunks())
        source._stream.abort()  # what PortAudio does when a device is pulled out

        with pytest.raises(AudioDeviceError, match="stopped delivering sound"):
            await read_all(source)


async def test_a_speaker_that_goes_away_still_tells_what_was_heard(card):
    async with card.record_speaker() as speaker, started(SounddeviceSink()) as sink:
        sink.play("item", SENTENCE.tobytes())
        await speaker.wait_for_sound()
        sink._stream.abort()
        sink.play("item", SENTENCE.tobytes())  # ignored: nobody will ever take it

        heard = await sink.interrupt()

    assert heard is not None
    assert heard.track == "item"
    assert heard.n_samples > 0


async def test_a_negative_length_of_sound_is_refused_before_it_reaches_the_device(card):
    async with started(SounddeviceSink()) as sink:
        with pytest.raises(ValueError, match="pairs of bytes"):
            sink.play("item", b"\0\0\0")
