"""A sound file as microphone: an `AudioSource`."""

from __future__ import annotations

import asyncio
from pathlib import Path

from console.audio import sound_file
from console.audio.played_source import CHUNK_MS, PlayedSource
from console.audio.sounds import Recorded, Silence
from console.clock import Clock
from console.errors import AudioDeviceError


class FileSource(PlayedSource):
    """A file in real time, once or again and again; silence follows it, as in a quiet room."""

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        repeats: bool = False,
        before_ms: int = 0,
        after_ms: int = 0,
        chunk_ms: int = CHUNK_MS,
    ) -> None:
        """Name the file; it is read by `start`.

        Args:
            path: A sound file of any kind that `sound_file` reads.
            clock: Time.
            repeats: Begin again at the end.
            before_ms: Silence before it.
            after_ms: Silence behind it, also between repeats.
            chunk_ms: The length of each chunk.
        """
        super().__init__(Silence(), clock, chunk_ms=chunk_ms)
        self._path = path
        self._always_repeats = repeats
        self._before_ms = before_ms
        self._after_ms = after_ms
        self._chunk_ms = chunk_ms

    async def start(self) -> None:
        """Read the file and begin at its beginning.

        Raises:
            AudioDeviceError: It cannot be read; the sentence says what is wrong with it.
        """
        if self.is_running:
            return
        recorded = await read_file(self._path, before_ms=self._before_ms, after_ms=self._after_ms)
        self.load(recorded, chunk_ms=self._chunk_ms)
        await super().start()
        self.play(repeats=self._always_repeats)

    async def stop(self) -> None:
        """End `chunks` and let go of the file; safe to call twice."""
        await super().stop()
        if isinstance(self.sound, Recorded):
            self.sound.close()


async def read_file(path: Path, *, before_ms: int = 0, after_ms: int = 0) -> Recorded:
    """Read a sound file of this machine beside the event loop.

    Raises:
        AudioDeviceError: It cannot be the microphone; the sentence says why.
    """
    try:
        return await asyncio.to_thread(
            sound_file.open_file, path, before_ms=before_ms, after_ms=after_ms
        )
    except OSError as error:
        raise AudioDeviceError(
            f"{path.name} cannot be the microphone: {error.strerror or error}."
        ) from error
    except ValueError as error:
        raise AudioDeviceError(f"{path.name} cannot be the microphone: {error}.") from error
