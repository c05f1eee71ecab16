"""Recording and playing, on the virtual sound card."""

from __future__ import annotations

import asyncio

import pytest

from console import pcm, tasks, wav
from console.audio import Recorder
from console.audio.sounddevice_source import SounddeviceSource
from console.examples import record_and_play
from tests.audio.machine import MOST, use
from tests.audio.port_suite import TONE
from tests.pulse import RATE_HZ, rms, share_found, write_wav


@pytest.fixture
def card(sound_card, monkeypatch):
    use(sound_card, monkeypatch)
    return sound_card


async def test_what_is_said_is_saved_shown_and_played_back(card, tmp_path, capsys):
    said = write_wav(tmp_path / "said.wav", TONE, RATE_HZ)
    path = tmp_path / "recording.wav"

    speaking = tasks.spawn(card.play_into_microphone(said), name="speak")
    async with card.record_microphone() as microphone:
        await microphone.wait_for_sound()
    async with card.record_speaker() as speaker:
        status = await asyncio.to_thread(record_and_play.main, [str(path), "--seconds", "1"])
        begin = await speaker.wait_for_sound()
        await speaker.wait_for_samples(begin + RATE_HZ)
    await speaking

    saved, rate_hz = wav.unpack(path.read_bytes())
    lines = capsys.readouterr().out.splitlines()
    assert (status, rate_hz) == (0, 24_000)
    assert pcm.bytes_to_ms(len(saved)) >= 1000
    assert rms(pcm.to_int16(saved)) > 3000
    assert share_found(speaker.samples(), pcm.to_int16(saved)[: RATE_HZ // 2]) > MOST
    assert any("█" in line or "▇" in line for line in lines)
    assert f"s are in {path}." in "\n".join(lines)
    assert "At the end the strongest note is A4." in lines
    assert any("s of it were heard." in line for line in lines)


def test_the_devices_are_listed_with_their_rates(card, capsys):
    assert record_and_play.main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()

    assert lines[0] == "Microphones:"
    assert any("Hz  (default)" in line for line in lines)


def test_a_microphone_that_is_not_there_is_named(card, tmp_path, capsys):
    status = record_and_play.main([str(tmp_path / "x.wav"), "--microphone", "Theremin"])

    assert status == 1
    assert "microphone 'Theremin' cannot be used" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_named(card, tmp_path, capsys):
    path = tmp_path / "no folder" / "x.wav"

    assert record_and_play.main([str(path), "--seconds", "0.1"]) == 1
    assert "x.wav cannot be written: No such file" in capsys.readouterr().err


async def test_a_microphone_that_goes_away_ends_the_recording_with_what_there_is(
    card, tmp_path, capsys, monkeypatch
):
    opened: list[Recorder] = []

    class Watched(Recorder):
        async def begin(self, device: str | None = None) -> None:
            await super().begin(device)
            opened.append(self)

        async def record(self, *arguments, **named) -> None:
            await super().record(*arguments, **named)
            assert isinstance(self._source, SounddeviceSource)
            self._source._device._stream.abort()

    monkeypatch.setattr(record_and_play, "Recorder", Watched)
    sound = await record_and_play.record(tmp_path / "x.wav", 60, None)

    assert len(opened) == 1
    assert len(sound) < 60 * RATE_HZ
    assert "stopped delivering sound" in capsys.readouterr().out


def test_levels_are_drawn_as_characters():
    assert record_and_play.picture([each / 8 for each in range(9)]) == " ▁▂▃▄▅▆▇█"
