"""A microphone that can be exchanged for another while somebody listens: an `AudioSource`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from typing import cast

from console import tasks
from console.audio.ports import AudioSource
from console.errors import AudioDeviceError
from console.signals import Signal


class SourceSwitch:
    """Passes on one of several sources; who reads it does not notice the change.

    A source that cannot be used after a change fails `chunks`, as a microphone does that breaks
    in use; `start` then tries again whichever is chosen.
    """

    def __init__(self, source: AudioSource) -> None:
        """Begin with `source`."""
        self.changed: Signal[AudioSource] = Signal("source changed")
        """Another source is heard from now on; it was started."""
        self._source = source
        self._sources = [source]
        self._started: AudioSource | None = None
        self._is_running = False
        self._switched = asyncio.Event()

    @property
    def source(self) -> AudioSource:
        """The chosen source."""
        return self._source

    @property
    def dropped_chunks(self) -> int:
        """How many chunks all of them have dropped."""
        return sum(each.dropped_chunks for each in self._sources)

    async def switch(self, source: AudioSource) -> None:
        """Choose another source; while running, it is started in place of the present one."""
        if source is self._source:
            return
        if source not in self._sources:
            self._sources.append(source)
        previous, self._source = self._source, source
        self._switched.set()
        if self._started is previous:
            self._started = None
        if self._is_running:
            await previous.stop()

    async def start(self) -> None:
        """Start the chosen source.

        Raises:
            AudioDeviceError: It cannot be used; the sentence says why.
        """
        self._is_running = True
        try:
            while self._is_running and self._started is not self._source:
                await self._start_chosen()
        except BaseException:
            self._is_running = False
            raise

    async def stop(self) -> None:
        """End `chunks` and the source; safe to call twice."""
        self._is_running = False
        self._started = None
        self._switched.set()
        await self._source.stop()

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the chunks of whichever source is chosen, until `stop`.

        Raises:
            AudioDeviceError: A source that was chosen meanwhile cannot be used.
        """
        while self._is_running:
            source = self._source
            if self._started is not source:
                await self._start_chosen()
                if self._started is source:
                    self.changed.emit(source)
                continue
            # Closed by us, not by the garbage collector: a source may count who reads it.
            chunks = cast("AsyncGenerator[bytes, None]", source.chunks())
            async with contextlib.aclosing(chunks):
                async for chunk in chunks:
                    yield chunk
                    if self._started is not source:
                        break
            if self._started is source:
                return  # it ended by itself

    async def wait_until_read(self) -> None:
        """Wait until the reader of `chunks` has done with what the chosen source has captured."""
        await self._source.wait_until_read()

    async def _start_chosen(self) -> None:
        """Start the chosen source, unless another is chosen before it is ready."""
        source = self._source
        self._switched.clear()
        starting = tasks.spawn(_start(source), name="start of a microphone")
        switching = tasks.spawn(self._switched.wait(), name="change of microphone")
        try:
            await asyncio.wait((starting, switching), return_when=asyncio.FIRST_COMPLETED)
        finally:
            await tasks.cancel(switching)
            if not starting.done():
                await tasks.cancel(starting)
                await source.stop()
        if starting.cancelled() or source is not self._source or not self._is_running:
            return
        if (error := starting.result()) is not None:
            raise error
        self._started = source


async def _start(source: AudioSource) -> AudioDeviceError | None:
    # As a value: a task that fails is logged as a fault of ours, and this is none.
    try:
        await source.start()
    except AudioDeviceError as error:
        return error
    return None
