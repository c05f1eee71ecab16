"""The player, on a speaker whose every sample is known, and on the virtual sound card."""

from __future__ import annotations

import numpy as np
import pytest
import pytest_asyncio

from console.audio import StreamPlayer, TrackOffset, WavSink
from console.audio.playback import PlaybackQueue
from console.audio.ports import Heard
from console.audio.sounddevice_sink import SounddeviceSink
from tests.audio.machine import MOST, sink_rig, use
from tests.audio.port_suite import SENTENCE, TONE, chunks_of
from tests.fakes import ManualClock
from tests.pulse import share_found


class KnownSink:
    """A speaker that plays when the test says so."""

    device_rate_hz = 24_000

    def __init__(self) -> None:
        self.queue = PlaybackQueue(fade_ms=0)
        self.heard = b""
        self.n_starts = self.n_stops = 0

    async def start(self) -> None:
        self.n_starts += 1

    async def stop(self) -> None:
        self.n_stops += 1

    def play(self, track: str, pcm: bytes) -> None:
        self.queue.play(track, pcm)

    def finish(self, track: str) -> None:
        self.queue.finish(track)

    async def interrupt(self) -> Heard | None:
        return self.queue.interrupt()

    async def clear(self) -> None:
        self.queue.clear()

    async def position(self) -> Heard | None:
        return self.queue.position

    def recent(self) -> bytes:
        return self.heard[-4800:]

    def render(self, n_samples: int) -> bytes:
        sound = self.queue.pull(n_samples)
        self.heard += sound
        return sound


@pytest.fixture
def sink() -> KnownSink:
    return KnownSink()


@pytest_asyncio.fixture
async def player(sink):
    found = StreamPlayer(sink)
    await found.connect()
    return found


def numbered(n_samples: int, first: int = 1) -> np.ndarray:
    return np.arange(first, first + n_samples).astype(np.int16)


# ---------------------------------------------------------------- what it does


async def test_it_plays_what_is_added_and_returns_its_samples(player, sink):
    added = player.add(numbered(10).tobytes())

    assert added.tolist() == numbered(10).tolist()
    assert sink.render(10) == numbered(10).tobytes()


async def test_a_view_of_samples_is_played_without_what_lies_around_it(player, sink):
    player.add(numbered(100)[10:20])

    assert sink.render(20) == numbered(10, 11).tobytes() + bytes(20)


async def test_it_says_what_is_heard_without_disturbing_it(player, sink):
    assert await player.offset() is None
    player.add(numbered(4800), "item")
    sink.render(2400)

    assert await player.offset() == TrackOffset("item", 2400, 0.1)
    assert sink.render(10) == numbered(10, 2401).tobytes()


async def test_what_is_heard_has_a_spectrum(player, sink):
    player.add(TONE[:24_000])
    sink.render(24_000)
    found = player.frequencies("frequency", max_dbfs=0)

    assert found.frequencies_hz[int(np.argmax(found.values))] == pytest.approx(440, abs=12)


async def test_closing_releases_the_speaker_and_it_can_be_opened_again(player, sink):
    await player.close()
    with pytest.raises(ValueError, match="connect first"):
        player.add(bytes(2))
    with pytest.raises(ValueError, match="connect first"):
        player.frequencies()
    await player.connect()
    player.add(bytes(2))

    assert (sink.n_starts, sink.n_stops) == (2, 1)


async def test_what_is_no_16_bit_sound_is_refused(player):
    with pytest.raises(ValueError, match="pairs of bytes"):
        player.add(b"\0")
    with pytest.raises(TypeError, match="not float32; convert"):
        player.add(np.zeros(3, dtype=np.float32))
    for shape in [(), (2, 3), (1, 3)]:
        with pytest.raises(ValueError, match=r"shape .* is needed, not .*mix its channels"):
            player.add(np.zeros(shape, dtype=np.int16))


async def test_a_sink_that_cannot_say_what_it_plays_is_named(tmp_path):
    player = StreamPlayer(WavSink(tmp_path / "heard.wav", ManualClock()))
    await player.connect()
    with pytest.raises(TypeError, match="WavSink cannot say"):
        player.frequencies()
    with pytest.raises(TypeError, match="WavSink cannot say"):
        await player.offset()
    await player.close()


# ---------------------------------------------------------------- what must not come back


@pytest.mark.parametrize("n_samples", [1, 127, 129, 1000])
async def test_sound_of_any_length_is_played_whole_and_nothing_leaks_into_the_next_track(
    player, sink, n_samples
):
    player.add(numbered(n_samples), "first")
    player.add(numbered(n_samples, 5000), "second")
    sink.render(n_samples)
    offset = await player.offset()

    assert offset == TrackOffset("first", n_samples, n_samples / 24_000)
    assert sink.render(n_samples) == numbered(n_samples, 5000).tobytes()


async def test_after_an_underrun_it_plays_on_and_counts_on(player, sink):
    player.add(numbered(100), "item")
    sink.render(300)  # 200 too many
    player.add(numbered(100, 101), "item")

    assert sink.render(100) == numbered(100, 101).tobytes()
    assert await player.interrupt() == TrackOffset("item", 200, 200 / 24_000)


async def test_an_interruption_tells_the_track_that_is_heard_and_not_the_one_behind_it(
    player, sink
):
    player.add(numbered(100), "heard")
    player.add(numbered(100), "queued")
    sink.render(40)

    assert await player.interrupt() == TrackOffset("heard", 40, 40 / 24_000)
    assert player.add(numbered(10), "queued").size == 0
    assert await player.interrupt() is None
    player.add(numbered(10), "next")
    sink.render(1000)
    assert await player.offset() == TrackOffset("next", 10, 10 / 24_000)


async def test_the_default_speaker_plays_from_first_to_last_sample(sound_card, monkeypatch):
    use(sound_card, monkeypatch)
    player = StreamPlayer()
    assert isinstance(player._sink, SounddeviceSink)
    async with sink_rig(player._sink, sound_card) as rig:
        await player.connect()
        for chunk in chunks_of(SENTENCE, 1111):
            player.add(chunk)
        player.finish()
        heard = await rig.listen(len(SENTENCE))

    assert share_found(heard, SENTENCE) > MOST
