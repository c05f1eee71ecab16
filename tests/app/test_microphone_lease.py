"""One microphone for several sessions."""

import pytest

from console.app.microphone_lease import (
    TAKEN,
    TAKEN_AWAY,
    LeasedSource,
    MicrophoneLease,
    MicrophoneTakenError,
)
from console.audio.chunk_queue import ChunkQueue
from console.errors import AudioDeviceError
from tests.fakes import settle


class Device:
    """A microphone whose chunks a test puts in."""

    dropped_chunks = 0

    def __init__(self):
        self.error: AudioDeviceError | None = None
        self.n_starts = 0
        self.n_stops = 0
        self._queue = ChunkQueue()

    async def start(self):
        if self.error is not None:
            raise self.error
        self.n_starts += 1
        self._queue = ChunkQueue()

    async def stop(self):
        self.n_stops += 1
        self._queue.close()

    def chunks(self):
        return self._queue.chunks()

    async def wait_until_read(self):
        await self._queue.wait_until_read()

    def hear(self, chunk):
        self._queue.put(chunk)


async def everything(source):
    return [chunk async for chunk in source.chunks()]


@pytest.fixture
def devices():
    return Device(), Device()


@pytest.fixture
def ends(devices):
    lease = MicrophoneLease()
    return tuple(LeasedSource(each, lease) for each in devices)


async def test_who_has_the_microphone_is_heard(devices, ends):
    await ends[0].start()
    devices[0].hear(b"ab")
    devices[0].hear(b"cd")
    await ends[0].stop()

    assert await everything(ends[0]) == [b"ab", b"cd"]
    assert ends[0].dropped_chunks == 0


async def test_a_second_session_is_refused_until_the_first_has_done(devices, ends):
    await ends[0].start()
    await ends[0].start()  # its own again
    with pytest.raises(MicrophoneTakenError, match=r"another tab\. Take it over"):
        await ends[1].start()
    assert devices[1].n_starts == 0

    await ends[0].stop()
    await ends[1].start()
    assert devices[1].n_starts == 1


async def test_taking_over_ends_the_other_with_a_sentence(devices, ends):
    await ends[0].start()
    devices[0].hear(b"ab")
    ends[1].take_over()
    await ends[1].start()
    await settle()

    heard = ends[0].chunks()
    assert await anext(heard) == b"ab"
    with pytest.raises(AudioDeviceError, match=TAKEN_AWAY):
        await anext(heard)
    assert devices[0].n_stops == 1
    with pytest.raises(MicrophoneTakenError, match=TAKEN):
        await ends[0].start()


async def test_a_microphone_that_does_not_open_is_free_for_others(devices, ends):
    devices[0].error = AudioDeviceError("It is busy.")
    with pytest.raises(AudioDeviceError, match="busy"):
        await ends[0].start()

    await ends[1].start()
    assert devices[1].n_starts == 1


async def test_stopping_what_was_taken_away_leaves_it_with_the_other(ends):
    await ends[0].start()
    ends[1].take_over()
    await ends[1].start()
    await ends[0].stop()

    with pytest.raises(MicrophoneTakenError):
        await ends[0].start()


def told_of_freedom(ends):
    told = []
    for n, each in enumerate(ends):
        each.freed.connect(lambda _, n=n: told.append(n))
    return told


async def test_who_lost_it_is_told_once_when_nobody_has_it_any_more(ends):
    told = told_of_freedom(ends)
    await ends[0].start()
    ends[1].take_over()
    await ends[1].start()
    await ends[0].stop()
    assert told == []

    await ends[1].stop()
    await ends[1].stop()
    assert told == [0]


async def test_who_was_refused_is_told_and_who_took_it_meanwhile_is_not(devices, ends):
    told = told_of_freedom(ends)
    await ends[0].start()
    with pytest.raises(MicrophoneTakenError):
        await ends[1].start()
    await ends[0].stop()
    assert told == [1]

    await ends[1].start()
    ends[0].take_over()
    devices[0].error = AudioDeviceError("It is busy.")
    with pytest.raises(AudioDeviceError, match="busy"):
        await ends[0].start()
    assert told == [1, 1]


async def test_who_hears_of_the_loss_when_it_is_free_again_knows_that(ends):
    await ends[0].start()
    ends[1].take_over()
    await ends[1].start()
    await ends[1].stop()

    with pytest.raises(MicrophoneTakenError, match=TAKEN_AWAY) as lost:
        await everything(ends[0])
    assert lost.value.is_over


async def test_a_refusal_is_over_as_soon_as_the_other_has_done(ends):
    await ends[0].start()
    with pytest.raises(MicrophoneTakenError) as refused:
        await ends[1].start()
    assert not refused.value.is_over

    await ends[0].stop()
    assert refused.value.is_over


async def test_who_lost_it_and_a_third_had_it_after_that_is_told_when_that_one_has_done(ends):
    told = told_of_freedom(ends)
    await ends[0].start()
    for _ in range(2):
        ends[1].take_over()
        await ends[1].start()
        await ends[1].stop()

    assert told == [0, 0]
