from __future__ import annotations

import numpy as np
import pytest

from console import wav
from console.audio.file_source import FileSource, read_file
from console.errors import AudioDeviceError
from tests.audio.stepped_clock import SteppedClock


def counting(n_samples: int) -> bytes:
    return (np.arange(n_samples) % 30_000 + 1).astype("<i2").tobytes()


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


async def take(source: FileSource, n_chunks: int) -> bytes:
    chunks = source.chunks()
    taken = b"".join([await anext(chunks) for _ in range(n_chunks)])
    await chunks.aclose()
    return taken


async def test_a_file_is_spoken_from_its_beginning_at_each_start(tmp_path, clock):
    path = tmp_path / "said.wav"
    path.write_bytes(wav.pack(counting(700)))
    source = FileSource(path, clock)

    for _ in range(2):
        await source.start()
        await source.start()
        assert await take(source, 3) == counting(700) + bytes(2 * (3 * 480 - 700))
        await source.stop()
        await source.stop()


async def test_a_file_is_repeated_with_silence_before_and_behind_it(tmp_path, clock):
    path = tmp_path / "said.wav"
    path.write_bytes(wav.pack(counting(480)))
    source = FileSource(path, clock, repeats=True, before_ms=10, after_ms=30)
    await source.start()

    once = bytes(2 * 240) + counting(480) + bytes(2 * 720)
    assert await take(source, 6) == once * 2
    await source.stop()


async def test_a_file_of_another_rate_is_resampled(tmp_path, clock):
    times = np.arange(48_000) / 48_000
    tone = (10_000 * np.sin(2 * np.pi * 440 * times)).astype("<i2").tobytes()
    path = tmp_path / "said.wav"
    path.write_bytes(wav.pack(tone, 48_000))
    source = FileSource(path, clock)
    await source.start()

    second = await take(source, 50)

    spectrum = np.abs(np.fft.rfft(np.frombuffer(second, "<i2")))
    assert np.argmax(spectrum) == 440
    await source.stop()


@pytest.mark.parametrize(
    ("content", "why"), [(None, "No such file"), (b"not a sound", "no sound file")]
)
async def test_a_file_that_cannot_be_the_microphone_is_named(tmp_path, clock, content, why):
    path = tmp_path / "said.wav"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(AudioDeviceError, match=rf"^said\.wav cannot be the microphone: .*{why}"):
        await FileSource(path, clock).start()


async def test_a_file_can_be_read_without_a_source(tmp_path):
    path = tmp_path / "said.wav"
    path.write_bytes(wav.pack(counting(480)))

    recorded = await read_file(path, after_ms=10)

    assert recorded.n_samples == 720
    recorded.close()
