from __future__ import annotations

import builtins
import io
import struct
import tracemalloc

import numpy as np
import pytest
import soundfile

from console import wav
from console.audio import sound_file

RATE_HZ = 24_000


def tone(rate_hz: int, duration_s: float = 1.0, channels: int = 1) -> np.ndarray:
    times = np.arange(int(rate_hz * duration_s)) / rate_hz
    mono = 0.3 * np.sin(2 * np.pi * 440 * times)
    return np.repeat(mono[:, None], channels, axis=1)


def file_of(samples: np.ndarray, rate_hz: int, **kind: str) -> io.BytesIO:
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, **kind)
    return file


def samples_of(recorded) -> np.ndarray:
    data = recorded.read(0, recorded.n_samples)
    recorded.close()
    return np.frombuffer(data, dtype="<i2").astype(np.float64) / 32_768


@pytest.mark.parametrize(
    ("kind", "rate_hz", "channels"),
    [
        ({"format": "WAV", "subtype": "PCM_16"}, 24_000, 1),
        ({"format": "WAV", "subtype": "PCM_16"}, 44_100, 2),
        ({"format": "WAV", "subtype": "PCM_24"}, 96_000, 1),
        ({"format": "WAV", "subtype": "FLOAT"}, 48_000, 2),
        ({"format": "WAV", "subtype": "ULAW"}, 8_000, 1),
        ({"format": "FLAC"}, 44_100, 2),
        ({"format": "OGG", "subtype": "VORBIS"}, 48_000, 1),
        ({"format": "OGG", "subtype": "OPUS"}, 48_000, 1),
        ({"format": "MP3"}, 44_100, 1),
        ({"format": "AIFF"}, 22_050, 2),
    ],
    ids=str,
)
def test_a_file_of_any_kind_rate_and_number_of_channels_is_read(kind, rate_hz, channels):
    file = file_of(tone(rate_hz, channels=channels), rate_hz, **kind)

    heard = samples_of(sound_file.read(file))

    expected = tone(RATE_HZ)[:, 0]
    # Codecs may add silence at both ends, and resampling rounds the length.
    assert abs(heard.size - RATE_HZ) < 0.07 * RATE_HZ
    middle = heard[6_000:18_000]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(middle.size)))
    assert np.argmax(spectrum) == 220  # half a second: 2 Hz a bin
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(np.sqrt(np.mean(expected**2)), rel=0.03)


def test_what_has_the_right_form_already_stays_as_it_is():
    data = (np.arange(-20_000, 20_000, 7)).astype("<i2").tobytes()

    recorded = sound_file.read(io.BytesIO(wav.pack(data)))

    assert recorded.read(0, recorded.n_samples) == data
    recorded.close()


def test_silence_is_put_before_and_behind():
    recorded = sound_file.read(io.BytesIO(wav.pack(b"\1\0" * 24)), before_ms=2, after_ms=3)

    assert recorded.read(0, 1000) == bytes(96) + b"\1\0" * 24 + bytes(144)
    assert recorded.n_samples == 48 + 24 + 72
    assert recorded.recorded_ms == 1, "its own length"
    recorded.close()


def test_channels_are_mixed_so_that_none_is_lost():
    samples = np.zeros((RATE_HZ, 2))
    samples[:, 1] = tone(RATE_HZ)[:, 0]

    heard = samples_of(sound_file.read(file_of(samples, RATE_HZ, format="WAV", subtype="PCM_16")))

    assert np.max(np.abs(heard)) == pytest.approx(0.15, abs=0.01)


def broken_flac() -> bytes:
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, 48_000)
    data = bytearray(file_of(noise, 48_000, format="FLAC").getvalue())
    data[5_000:] = bytes(len(data) - 5_000)
    return bytes(data)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "it is empty"),
        (b"Not a sound at all, but a letter.", "no sound file that can be read here"),
        (b"\0" * 5000, "no sound file that can be read here"),
        (b"\0\0\0\x20ftypM4A " + bytes(100), r"MP4 sound \(.*\) cannot .* WAV, .* with: ffmpeg -i"),
        (b"\x1a\x45\xdf\xa3" + bytes(100), r"WebM .* sound \(.*\) cannot .* with: ffmpeg -i"),
        (wav.pack(b""), "there is no sound in it"),
        (wav.pack(b"\1\0" * 9, 200), "claims 200 samples a second"),
        (broken_flac(), "damaged"),
    ],
    ids=["empty", "text", "zeros", "mp4", "webm", "no samples", "no rate", "broken"],
)
def test_what_cannot_be_heard_is_refused_in_words(content, sentence):
    with pytest.raises(ValueError, match=sentence):
        sound_file.read(io.BytesIO(content))


def test_too_many_channels_are_refused():
    samples = np.zeros((100, 40))

    with pytest.raises(ValueError, match="it has 40 channels; 32 is the most"):
        sound_file.read(file_of(samples, RATE_HZ, format="WAV", subtype="PCM_16"))


def test_a_file_that_is_too_large_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(sound_file, "MAX_FILE_BYTES", 1024 * 1024)

    with pytest.raises(ValueError, match="it has 2 MiB; 1 MiB is the most"):
        sound_file.read(io.BytesIO(bytes(2 * 1024 * 1024)))


def test_a_small_file_that_holds_hours_is_refused_without_unpacking_them(monkeypatch):
    monkeypatch.setattr(sound_file, "MAX_DURATION_S", 60)
    hour = file_of(np.zeros(8_000 * 3600, dtype=np.int16), 8_000, format="FLAC")
    assert hour.getbuffer().nbytes < 1024 * 1024

    tracemalloc.start()
    with pytest.raises(ValueError, match="longer than 1 min, which is the most"):
        sound_file.read(hour)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 10 * 1024 * 1024


@pytest.mark.parametrize("channels", [1, 2])
def test_a_long_wav_takes_no_memory_for_its_length(channels):
    minutes = file_of(np.zeros((8_000 * 240, channels), dtype=np.int16), 8_000, format="WAV")

    tracemalloc.start()
    recorded = sound_file.read(minutes)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    recorded.close()

    assert peak < 5 * 1024 * 1024


def test_a_wav_that_ends_within_a_sample_gives_the_whole_ones():
    recorded = sound_file.read(io.BytesIO(wav.pack(b"\1\0" * 240)[:-1]))

    assert recorded.n_samples == 239
    recorded.close()


def test_a_wav_whose_header_claims_more_than_there_is_gives_what_there_is():
    data = wav.pack(b"\1\0" * 24_000)
    lying = data[:40] + struct.pack("<I", 2**31 - 2) + data[44:]

    recorded = sound_file.read(io.BytesIO(lying))

    assert recorded.n_samples == 24_000
    recorded.close()


def test_without_libsndfile_plain_wav_is_read_all_the_same(monkeypatch):
    real = builtins.__import__

    def without(name, *arguments):
        if name == "soundfile":
            raise OSError("sndfile library not found")
        return real(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", without)
    recorded = sound_file.read(io.BytesIO(wav.pack(b"\1\0" * 24)))
    assert recorded.n_samples == 24
    recorded.close()

    with pytest.raises(ValueError, match=r"libsndfile is missing .*pip install soundfile"):
        sound_file.read(file_of(tone(48_000), 48_000, format="FLAC"))


def test_a_file_of_this_machine_is_opened_by_its_path(tmp_path):
    path = tmp_path / "said.wav"
    path.write_bytes(wav.pack(b"\1\0" * 24))

    recorded = sound_file.open_file(path)

    assert recorded.n_samples == 24
    recorded.close()
    with pytest.raises(FileNotFoundError):
        sound_file.open_file(tmp_path / "nothing.wav")
