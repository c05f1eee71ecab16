"""The recorder, on a source whose every chunk is known, and on the virtual sound card."""

from __future__ import annotations

import asyncio
import logging
import tracemalloc
from collections.abc import AsyncIterator

import numpy as np
import pytest
import pytest_asyncio

from console import pcm, tasks, wav
from console.audio import Recorder
from console.audio.chunk_queue import ChunkQueue
from console.audio.sounddevice_library import Format, SoundDevices
from console.audio.sounddevice_source import SounddeviceSource
from console.errors import AudioDeviceError
from tests.audio.machine import MOST, source_rig, use
from tests.audio.port_suite import SENTENCE, TONE
from tests.pulse import share_found


class KnownSource:
    """A microphone into which the test puts chunks."""

    def __init__(self) -> None:
        self.queue = ChunkQueue(max_bytes=1 << 40)
        self.n_starts = self.n_stops = 0

    @property
    def dropped_chunks(self) -> int:
        return 0

    async def start(self) -> None:
        self.n_starts += 1
        self.queue = ChunkQueue(max_bytes=1 << 40)

    async def stop(self) -> None:
        self.n_stops += 1
        self.queue.close(discard=True)

    def chunks(self) -> AsyncIterator[bytes]:
        return self.queue.chunks()

    async def wait_until_read(self) -> None:
        await self.queue.wait_until_read()

    async def hear(self, *chunks: bytes) -> None:
        """Put chunks in and wait until the recorder has done with them."""
        for each in chunks:
            self.queue.put(each)
        await self.queue.wait_until_read()


@pytest.fixture
def source() -> KnownSource:
    return KnownSource()


@pytest_asyncio.fixture
async def recorder(source):
    found = Recorder(source)
    yield found
    await found.quit()


def numbered(n_samples: int, first: int = 0) -> bytes:
    return np.arange(first, first + n_samples).astype("<i2").tobytes()


# ---------------------------------------------------------------- what it does


async def test_it_records_between_record_and_pause_only(recorder, source):
    assert recorder.status == "ended"
    await recorder.begin()
    assert recorder.status == "paused"
    await source.hear(numbered(10, 100))
    await recorder.record()
    assert recorder.status == "recording"
    await source.hear(numbered(10))
    await recorder.pause()
    await source.hear(numbered(10, 200))
    await recorder.record()
    await source.hear(numbered(10, 10))
    await recorder.pause()

    assert recorder.status == "paused"
    assert recorder.read() == numbered(20)
    assert recorder.duration_ms == pytest.approx(20 / 24)
    assert recorder.sample_rate_hz == 24_000


async def test_what_was_captured_before_a_pause_is_in_the_recording(recorder, source):
    await recorder.begin()
    await recorder.record()
    source.queue.put(numbered(10))
    await recorder.pause()

    assert recorder.read() == numbered(10)


async def test_a_chunk_can_be_worked_on_by_a_coroutine_and_end_the_recording(recorder, source):
    chunks = []

    async def keep(chunk: bytes) -> None:
        chunks.append(chunk)
        await recorder.pause()

    await recorder.begin()
    await recorder.record(keep, chunk_samples=10)
    await source.hear(numbered(10), numbered(10))

    assert chunks == [numbered(10)]
    assert recorder.status == "paused"


async def test_a_chunk_can_end_everything(recorder, source):
    ended = asyncio.Event()

    async def end(chunk: bytes) -> None:
        await recorder.end()
        ended.set()

    await recorder.begin()
    await recorder.record(end, chunk_samples=10)
    source.queue.put(numbered(10))
    await asyncio.wait_for(ended.wait(), 5)

    assert recorder.status == "ended"
    assert source.n_stops == 1


async def test_work_that_fails_is_logged_and_the_recording_goes_on(recorder, source, caplog):
    def fail(chunk: bytes) -> None:
        raise RuntimeError("no room")

    await recorder.begin()
    await recorder.record(fail, chunk_samples=10)
    await source.hear(numbered(10), numbered(10, 10))
    await recorder.pause()

    assert recorder.read() == numbered(20)
    assert len(caplog.records) == 2


async def test_clear_forgets_what_was_recorded_and_goes_on(recorder, source):
    await recorder.begin()
    await recorder.record()
    await source.hear(numbered(10))
    recorder.clear()
    await source.hear(numbered(5, 50))
    await recorder.pause()

    assert recorder.read() == numbered(5, 50)


async def test_it_is_saved_as_a_wav_file_that_others_can_read(recorder, source, tmp_path):
    await recorder.begin()
    await recorder.record()
    await source.hear(numbered(2400))
    await recorder.pause()
    saved = await recorder.save(tmp_path / "said.wav")

    assert wav.unpack(saved.path.read_bytes()) == (numbered(2400), 24_000)
    assert (saved.sample_rate_hz, saved.n_channels, saved.duration_ms) == (24_000, 1, 100)


async def test_it_is_saved_while_recording_only_when_that_is_wanted(recorder, source, tmp_path):
    await recorder.begin()
    await recorder.record()
    await source.hear(numbered(10))
    with pytest.raises(ValueError, match="pause first, or save with force"):
        await recorder.save(tmp_path / "said.wav")
    await recorder.save(tmp_path / "said.wav", force=True)
    await source.hear(numbered(10, 10))
    await recorder.pause()

    assert wav.unpack((tmp_path / "said.wav").read_bytes())[0] == numbered(10)
    assert recorder.read() == numbered(20)


async def test_a_file_that_cannot_be_written_is_an_error_of_the_system(recorder, tmp_path):
    with pytest.raises(FileNotFoundError):
        await recorder.save(tmp_path / "no folder" / "said.wav")


async def test_the_end_releases_the_microphone_and_saves(recorder, source, tmp_path):
    await recorder.begin()
    await recorder.record()
    source.queue.put(numbered(10))
    saved = await recorder.end(tmp_path / "said.wav")

    assert saved is not None
    assert wav.unpack(saved.path.read_bytes())[0] == numbered(10)
    assert (recorder.status, source.n_stops) == ("ended", 1)
    assert await recorder.end() is None
    await recorder.begin()
    assert recorder.read() == b""


async def test_what_is_heard_has_a_spectrum_even_while_it_is_not_recorded(recorder, source):
    await recorder.begin()
    await source.hear(TONE[:24_000].tobytes())
    found = recorder.frequencies("music", max_dbfs=0)

    assert found.labels[int(np.argmax(found.values))] == "A4"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda each: each.record(), "begin first"),
        (lambda each: each.pause(), "does not record"),
    ],
)
async def test_a_call_at_the_wrong_time_says_what_to_do(recorder, wrong, says):
    with pytest.raises(ValueError, match=says):
        await wrong(recorder)


async def test_other_calls_at_the_wrong_time_say_what_to_do(recorder):
    with pytest.raises(ValueError, match="begin first"):
        recorder.frequencies()
    with pytest.raises(ValueError, match="given its source"):
        await recorder.begin("headset")
    await recorder.begin()
    with pytest.raises(ValueError, match="end it first"):
        await recorder.begin()
    with pytest.raises(ValueError, match="at least 1 sample"):
        await recorder.record(chunk_samples=0)
    await recorder.record()
    with pytest.raises(ValueError, match="pause it first"):
        await recorder.record()


async def test_a_microphone_that_goes_away_stops_the_recording_with_a_sentence_and_keeps_it(
    recorder, source
):
    told: list[str] = []
    recorder.stopped.connect(told.append)
    await recorder.begin()
    await recorder.record()
    await source.hear(numbered(10))
    source.queue.close(AudioDeviceError("The microphone is gone."))
    async with asyncio.timeout(5):
        await recorder._pump

    assert told == ["The microphone is gone."]
    assert recorder.status == "ended"
    assert recorder.read() == numbered(10)
    await recorder.begin()
    assert source.n_starts == 2


async def test_a_microphone_that_cannot_be_opened_leaves_it_ended(card):
    recorder = Recorder()
    with pytest.raises(AudioDeviceError, match="'Theremin' cannot be used"):
        await recorder.begin("Theremin")

    assert recorder.status == "ended"


async def test_a_disk_that_is_full_stops_the_recording_with_a_sentence(recorder, source):
    def refuse(data: bytes) -> None:
        raise OSError(28, "No space left on device")

    stopped = asyncio.ensure_future(recorder.stopped.wait(timeout_s=5))
    await recorder.begin()
    await recorder.record()
    recorder._tape.append = refuse
    source.queue.put(numbered(10))

    assert await stopped == "The recording cannot be kept: No space left on device."


async def test_devices_are_listed_and_their_changes_told_until_that_is_ended(card, recorder):
    told: list[SoundDevices] = []
    came = asyncio.Event()

    def note(found: SoundDevices) -> None:
        told.append(found)
        came.set()

    await recorder.listen_for_device_change(note)
    await asyncio.wait_for(came.wait(), 15)
    await recorder.listen_for_device_change(None)

    assert told == [Recorder.list_devices()]
    assert recorder._watch is None


@pytest.fixture
def card(sound_card, monkeypatch):
    use(sound_card, monkeypatch)
    return sound_card


async def test_a_block_of_its_own_quits_by_itself(source):
    async with Recorder(source) as recorder:
        await recorder.begin()
        await recorder.record()
        await source.hear(numbered(10))

    assert (recorder.status, recorder.read(), source.n_stops) == ("ended", b"", 1)


# ---------------------------------------------------------------- what must not come back


async def test_chunks_are_counted_in_samples_and_not_in_bytes(recorder, source):
    chunks: list[bytes] = []
    await recorder.begin()
    await recorder.record(chunks.append)
    await source.hear(*[bytes(960)] * 40)  # 0.8 s

    assert [len(each) // 2 for each in chunks] == [8192, 8192]


async def test_memory_is_bounded_however_long_the_recording(source, tmp_path):
    recorder = Recorder(source, max_memory_bytes=100_000)
    await recorder.begin()
    await recorder.record(lambda chunk: None)
    await source.hear(bytes(960))
    tracemalloc.start()
    for _ in range(400):
        await source.hear(bytes(48_000))  # a second each
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    await recorder.pause()
    saved = await recorder.save(tmp_path / "long.wav")

    assert grown < 1_000_000
    assert saved.duration_ms == 400_020
    assert saved.path.stat().st_size == 44 + 960 + 400 * 48_000
    await recorder.quit()


async def test_a_recording_of_full_length_pauses_and_says_so(source):
    recorder = Recorder(source, max_bytes=1001)
    told: list[str] = []
    recorder.stopped.connect(told.append)
    await recorder.begin()
    await recorder.record()
    await source.hear(bytes(960), bytes(960))

    assert recorder.status == "paused"
    assert len(recorder.read()) == 1000
    assert len(told) == 1
    assert "full length" in told[0]
    await recorder.quit()


async def test_pausing_hands_the_last_chunk_out_once(recorder, source):
    chunks: list[bytes] = []
    await recorder.begin()
    await recorder.record(chunks.append, chunk_samples=100)
    await source.hear(numbered(250))
    await recorder.pause()
    await source.hear(numbered(10, 300))
    await recorder.record(chunks.append, chunk_samples=100)
    await recorder.pause()

    assert b"".join(chunks) == numbered(250)
    assert [len(each) // 2 for each in chunks] == [100, 100, 50]


async def test_debug_logging_does_not_disturb_the_recording(recorder, source, caplog):
    caplog.set_level(logging.DEBUG)
    await recorder.begin()
    await recorder.record()
    await source.hear(numbered(10))
    await recorder.pause()

    assert recorder.read() == numbered(10)


@pytest.mark.parametrize("wanted", [Format(44_100), Format(48_000)])
async def test_a_microphone_of_any_rate_is_recorded_at_24_khz(card, tmp_path, wanted):
    source = SounddeviceSource(wanted=wanted)
    async with source_rig(source, card, tmp_path) as rig:
        recorder = Recorder(source)
        await recorder.begin()
        enough = asyncio.Event()
        await recorder.record(lambda chunk: enough.set() if recorder.duration_ms > 3000 else None)
        speaking = tasks.spawn(rig.speak(SENTENCE), name="speak")
        await asyncio.wait_for(enough.wait(), 15)
        await speaking
        await recorder.end()

        assert source.device_rate_hz == wanted.rate_hz
        assert share_found(pcm.to_int16(recorder.read()), SENTENCE) > MOST
