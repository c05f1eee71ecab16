from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from console.audio.chunk_queue import ChunkQueue
from console.audio.source_switch import SourceSwitch
from console.errors import AudioDeviceError
from tests.audio.port_suite import SourceSuite
from tests.audio.test_played_source import PlayedRig
from tests.fakes import PATIENCE_S, settle


class QueueSource:
    """A microphone that the test speaks into."""

    def __init__(self) -> None:
        self.error: AudioDeviceError | None = None
        self.may_start = asyncio.Event()
        self.may_start.set()
        self.n_starts = 0
        self.n_dropped = 0
        self._queue: ChunkQueue | None = None

    @property
    def dropped_chunks(self) -> int:
        return self.n_dropped

    @property
    def is_on(self) -> bool:
        return self._queue is not None

    async def start(self) -> None:
        await self.may_start.wait()
        if self.error is not None:
            raise self.error
        self.n_starts += 1
        self._queue = ChunkQueue()

    async def stop(self) -> None:
        queue, self._queue = self._queue, None
        if queue is not None:
            queue.close(discard=True)

    async def chunks(self):
        if self._queue is not None:
            async for chunk in self._queue.chunks():
                yield chunk

    async def wait_until_read(self) -> None:
        if self._queue is not None:
            await self._queue.wait_until_read()

    def say(self, chunk: bytes) -> None:
        assert self._queue is not None
        self._queue.put(chunk)

    def end(self) -> None:
        assert self._queue is not None
        self._queue.close()


class Reader:
    def __init__(self, switch: SourceSwitch) -> None:
        self.heard: list[bytes] = []
        self.task = asyncio.get_running_loop().create_task(self._read(switch))

    async def _read(self, switch: SourceSwitch) -> None:
        async for chunk in switch.chunks():
            self.heard.append(chunk)


@pytest.fixture
def first():
    return QueueSource()


@pytest.fixture
def second():
    return QueueSource()


async def test_who_reads_hears_each_source_while_it_is_chosen(first, second):
    first.n_dropped, second.n_dropped = 1, 2
    switch = SourceSwitch(first)
    changes: list[object] = []
    switch.changed.connect(changes.append)
    await switch.start()
    reader = Reader(switch)
    first.say(b"1")
    await settle()

    await switch.switch(second)
    await settle()
    second.say(b"2")
    await settle()

    assert reader.heard == [b"1", b"2"]
    assert changes == [switch.source] == [second]
    assert not first.is_on
    assert switch.dropped_chunks == 3
    await switch.stop()
    await settle()
    assert reader.task.done()
    assert not second.is_on


async def test_before_the_start_a_change_starts_nothing(first, second):
    switch = SourceSwitch(first)

    await switch.switch(second)
    assert not second.is_on
    await switch.start()

    assert second.is_on
    assert not first.is_on
    await switch.stop()
    await switch.stop()


async def test_changing_to_and_fro_at_once_ends_with_the_last_choice(first, second):
    switch = SourceSwitch(first)
    await switch.start()
    reader = Reader(switch)
    await settle()

    await switch.switch(second)
    await switch.switch(first)
    await settle()
    first.say(b"1")
    await settle()

    assert reader.heard == [b"1"]
    assert first.n_starts == 2
    assert not second.is_on
    await switch.stop()


async def test_a_source_that_takes_its_time_does_not_hold_up_the_next_choice(first, second):
    switch = SourceSwitch(first)
    await switch.start()
    reader = Reader(switch)
    await settle()
    second.may_start.clear()
    await switch.switch(second)
    await settle()

    await switch.switch(first)
    await settle()
    first.say(b"1")
    await settle()

    assert reader.heard == [b"1"]
    await switch.stop()


async def test_a_source_that_cannot_be_used_fails_the_reader_and_can_be_tried_again(first, second):
    switch = SourceSwitch(first)
    await switch.start()
    reader = Reader(switch)
    await settle()
    second.error = AudioDeviceError("It is gone.")

    await switch.switch(second)

    with pytest.raises(AudioDeviceError, match="It is gone"):
        await asyncio.wait_for(reader.task, PATIENCE_S)
    with pytest.raises(AudioDeviceError, match="It is gone"):
        await switch.start()
    second.error = None
    await switch.start()
    assert second.is_on
    await switch.stop()


async def test_a_source_that_ends_by_itself_ends_the_reading(first):
    switch = SourceSwitch(first)
    await switch.start()
    reader = Reader(switch)
    first.say(b"1")
    first.end()

    await asyncio.wait_for(reader.task, PATIENCE_S)

    assert reader.heard == [b"1"]


async def test_waiting_for_the_reader_waits_for_the_chosen_source(first, second):
    switch = SourceSwitch(first)
    await switch.start()
    first.say(b"1")
    waiting = asyncio.get_running_loop().create_task(switch.wait_until_read())
    await settle()
    assert not waiting.done()

    Reader(switch)

    await asyncio.wait_for(waiting, PATIENCE_S)
    await switch.stop()


async def test_stopping_while_a_source_is_being_started_ends_both(first, second):
    switch = SourceSwitch(first)
    await switch.start()
    reader = Reader(switch)
    await settle()
    second.may_start.clear()
    await switch.switch(second)
    await settle()

    await switch.stop()
    await asyncio.wait_for(reader.task, PATIENCE_S)

    assert not second.is_on


class SwitchedRig(PlayedRig):
    """The same behind a switch that was used."""

    def __init__(self) -> None:
        super().__init__()
        self.source = SourceSwitch(QueueSource())


class TestASwitchedSource(SourceSuite):
    @pytest_asyncio.fixture
    async def rig(self) -> AsyncIterator[SwitchedRig]:
        rig = SwitchedRig()
        assert isinstance(rig.source, SourceSwitch)
        await rig.source.switch(rig.player)
        yield rig
        await rig.source.stop()
