"""One microphone for several sessions: whoever has it is heard, the others are told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from weakref import WeakSet

from console import tasks
from console.audio.ports import AudioSource
from console.errors import AudioDeviceError
from console.signals import Signal

NOTICE = "microphone-taken"
"""The notice about it."""
TAKEN = "Your microphone is used in another tab. Take it over, or go on there."
TAKEN_AWAY = "Your microphone was taken over by another tab."
FREE = "No other tab uses your microphone any more: it can be used here."


class MicrophoneTakenError(AudioDeviceError):
    """Another session of the same person has the microphone, or had it when this was raised."""

    def __init__(self, sentence: str, lease: MicrophoneLease | None = None) -> None:
        """Say so.

        Args:
            sentence: For the user.
            lease: Of the microphone.
        """
        super().__init__(sentence)
        self._lease = lease

    @property
    def is_over(self) -> bool:
        """Whether nobody has the microphone any more: it may be given back before this is told."""
        return self._lease is not None and self._lease.is_free


class MicrophoneLease:
    """Says which session has the microphone; all on one event loop."""

    def __init__(self) -> None:
        self._holder: LeasedSource | None = None
        self._without: WeakSet[LeasedSource] = WeakSet()
        """Who lost it or was refused, and has not had it since."""

    @property
    def is_free(self) -> bool:
        """Whether nobody has it."""
        return self._holder is None

    def take(self, source: LeasedSource, *, by_force: bool) -> None:
        """Give the microphone to `source`.

        Raises:
            MicrophoneTakenError: Another has it, and it is not taken by force.
        """
        holder = self._holder
        if holder is not None and holder is not source:
            if not by_force:
                self._without.add(source)
                raise MicrophoneTakenError(TAKEN, self)
            self._without.add(holder)
            holder.lose()
        self._without.discard(source)
        self._holder = source

    def give_back(self, source: LeasedSource) -> None:
        """Nobody has it any more, if it was `source`: those without it are told."""
        if self._holder is not source:
            return
        self._holder = None
        for each in tuple(self._without):
            each.freed.emit(None)


class LeasedSource:
    """An `AudioSource` that is one session's end of a microphone which others may want too."""

    def __init__(self, source: AudioSource, lease: MicrophoneLease) -> None:
        """Make a session's end.

        Args:
            source: The microphone of this session.
            lease: Of everybody who may have it.
        """
        self.freed: Signal[None] = Signal("freed")
        """Whoever had the microphone when it was wanted here has it no more."""
        self._source = source
        self._lease = lease
        self._by_force = False
        self._is_lost = False

    @property
    def dropped_chunks(self) -> int:
        """How many chunks nobody read in time."""
        return self._source.dropped_chunks

    def take_over(self) -> None:
        """Have the next `start` take the microphone from whoever has it."""
        self._by_force = True

    def lose(self) -> None:
        """Another has the microphone now: `chunks` ends with a sentence that says so."""
        self._is_lost = True
        tasks.spawn(self._source.stop(), name="microphone taken over")

    async def start(self) -> None:
        """Open the microphone.

        Raises:
            MicrophoneTakenError: Another session has it.
            AudioDeviceError: It cannot be opened.
        """
        self._lease.take(self, by_force=self._by_force)
        self._by_force = False
        self._is_lost = False
        try:
            await self._source.start()
        except BaseException:
            self._lease.give_back(self)
            raise

    async def stop(self) -> None:
        """Close the microphone, and let others have it."""
        self._lease.give_back(self)
        await self._source.stop()

    async def wait_until_read(self) -> None:
        """Wait until every chunk so far was read."""
        await self._source.wait_until_read()

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield what is heard, PCM16 at 24 kHz, until `stop`.

        Raises:
            MicrophoneTakenError: Another session has it now.
            AudioDeviceError: The microphone has gone.
        """
        async for chunk in self._source.chunks():
            yield chunk
        if self._is_lost:
            raise MicrophoneTakenError(TAKEN_AWAY, self._lease)
