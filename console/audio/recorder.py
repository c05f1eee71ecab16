"""A recorder: keeps what a microphone hears, hands it out in chunks, and saves it as a WAV file."""

from __future__ import annotations

import asyncio
import inspect
import io
import logging
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Literal, Self

from console import pcm as pcm_units
from console import tasks, wav
from console.audio import devices
from console.audio.ports import AudioSource
from console.audio.sounddevice_library import SoundDevices
from console.audio.sounddevice_source import SounddeviceSource
from console.audio.spectrum import MAX_DBFS, MIN_DBFS, Analysis, Frequencies, Spectrum
from console.errors import AudioDeviceError
from console.signals import Signal

logger = logging.getLogger(__name__)

RecorderStatus = Literal["ended", "paused", "recording"]
OnChunk = Callable[[bytes], Awaitable[None] | None]

DEFAULT_CHUNK_SAMPLES: Final = 8192
"""341 ms at 24 kHz."""
MAX_MEMORY_BYTES: Final = 8 * 1024 * 1024
"""Nearly three minutes; what is longer is kept in a temporary file."""
MAX_BYTES: Final = 2 * 1024**3
"""Twelve hours; the sizes in a WAV file end at twice that."""
_PIECE_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class SavedRecording:
    """A WAV file that was written."""

    path: Path
    sample_rate_hz: int
    n_channels: int
    duration_ms: float


class _Tape:
    """Bytes in memory, and beyond a limit in a temporary file that nobody else can see."""

    def __init__(self, max_memory_bytes: int) -> None:
        self.size_bytes = 0
        self._max_memory_bytes = max_memory_bytes
        self._file: IO[bytes] = io.BytesIO()
        self._is_in_memory = True

    def append(self, data: bytes) -> None:
        """Write behind what is there.

        Raises:
            OSError: The disk is full, or there is no room for temporary files.
        """
        if self._is_in_memory and self.size_bytes + len(data) > self._max_memory_bytes:
            self._spill()
        self._file.seek(self.size_bytes)
        self._file.write(data)
        self.size_bytes += len(data)

    def read(self, at: int, size: int) -> bytes:
        """Return `size` bytes from `at` on."""
        self._file.seek(at)
        return self._file.read(size)

    def clear(self) -> None:
        """Forget everything; a file is gone then."""
        self._file.close()
        self._file, self._is_in_memory, self.size_bytes = io.BytesIO(), True, 0

    def _spill(self) -> None:
        file = tempfile.TemporaryFile()  # noqa: SIM115  closed by `clear`
        file.write(self.read(0, self.size_bytes))
        self._file.close()
        self._file, self._is_in_memory = file, False


class Recorder:
    """Records from an `AudioSource`, in memory up to a limit and then on disk.

    ::

        recorder = Recorder()
        await recorder.begin()
        await recorder.record(lambda pcm: send(pcm))
        ...
        await recorder.pause()
        await recorder.save(Path("question.wav"))
        await recorder.quit()

    The status is "ended", then "paused" after `begin`, and "recording" between `record` and
    `pause`; `async with Recorder() as recorder` quits by itself. Sound is PCM16 mono at 24 kHz, whatever the device speaks.
    """

    def __init__(
        self,
        source: AudioSource | None = None,
        *,
        max_memory_bytes: int = MAX_MEMORY_BYTES,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        """Prepare; nothing is opened.

        Args:
            source: Where sound comes from; None is a microphone of this machine.
            max_memory_bytes: What is kept in memory; more goes to a temporary file.
            max_bytes: A recording that reaches this is paused, and `stopped` says so.
        """
        self.stopped: Signal[str] = Signal("recording stopped")
        """Recording stopped by itself; why, in a sentence. What was recorded is kept."""
        self._given = source
        self._source: AudioSource | None = None
        self._max_bytes = max_bytes // 2 * 2
        self._status: RecorderStatus = "ended"
        self._pump: asyncio.Task[None] | None = None
        self._on_chunk: OnChunk | None = None
        self._chunk_bytes = 2 * DEFAULT_CHUNK_SAMPLES
        self._pending = bytearray()
        self._tape = _Tape(max_memory_bytes)
        self._spectrum = Spectrum()
        self._watch: devices.DeviceWatch | None = None
        self._stop_listening: Callable[[], None] | None = None

    @property
    def status(self) -> RecorderStatus:
        """Where the recorder stands."""
        return self._status

    @property
    def sample_rate_hz(self) -> int:
        """The rate of everything that the recorder gives: 24,000."""
        return pcm_units.SAMPLE_RATE_HZ

    @property
    def duration_ms(self) -> float:
        """How much has been recorded."""
        return pcm_units.bytes_to_ms(self._tape.size_bytes)

    @staticmethod
    def list_devices() -> SoundDevices:
        """Return this machine's microphones and speakers; blocks for about 0.1 s at first.

        Raises:
            AudioDeviceError: PortAudio is not installed, or finds no sound system.
        """
        return devices.list_devices()

    async def listen_for_device_change(
        self, callback: Callable[[SoundDevices], None] | None
    ) -> None:
        """Call `callback` with what there is now and whenever a device comes or goes.

        Args:
            callback: Replaces the one before; None ends it.
        """
        if self._watch is not None:
            assert self._stop_listening is not None
            self._stop_listening()
            watch, self._watch = self._watch, None
            await watch.stop()
        if callback is not None:
            self._watch = devices.DeviceWatch()
            self._stop_listening = self._watch.changed.connect(callback)
            self._watch.start()

    async def begin(self, device: str | None = None) -> None:
        """Open the microphone; the earlier recording is forgotten.

        Args:
            device: Name of a microphone of this machine; None is the system's default.

        Raises:
            ValueError: It has begun already, or a source was given that is no such microphone.
            AudioDeviceError: The microphone cannot be used; the sentence says why.
        """
        if self._status != "ended":
            raise ValueError("the recorder has begun already; end it first")
        if device is not None and self._given is not None:
            raise ValueError("this recorder was given its source; a device cannot be named as well")
        source = self._given if self._given is not None else SounddeviceSource(device)
        await self._release()  # one that failed
        await source.start()
        self._source = source
        self._status = "paused"
        self.clear()
        self._spectrum.clear()
        self._pump = tasks.spawn(self._read(source), name="recorder")

    async def record(
        self, on_chunk: OnChunk | None = None, *, chunk_samples: int = DEFAULT_CHUNK_SAMPLES
    ) -> None:
        """Record from now on, behind what was recorded before.

        Args:
            on_chunk: Called with each chunk, a function or a coroutine function; the last chunk
                before a pause may be shorter. A failure of it is logged and ends nothing.
            chunk_samples: Length of a chunk in samples, not bytes.

        Raises:
            ValueError: It has not begun, records already, or a chunk would have no sample.
        """
        if self._status == "ended":
            raise ValueError("nothing can be recorded yet; begin first")
        if self._status == "recording":
            raise ValueError("the recorder is recording already; pause it first")
        if chunk_samples < 1:
            raise ValueError(f"a chunk has at least 1 sample, not {chunk_samples}")
        self._on_chunk = on_chunk
        self._chunk_bytes = 2 * chunk_samples
        self._status = "recording"

    async def pause(self) -> None:
        """Stop recording when everything that was captured until now is in; hand out the rest.

        Raises:
            ValueError: It does not record.
        """
        if self._status != "recording":
            raise ValueError("the recorder does not record; nothing can be paused")
        assert self._source is not None
        if asyncio.current_task() is not self._pump:  # a callback of `record` may pause as well
            await self._source.wait_until_read()
        await self._pause()

    def clear(self) -> None:
        """Forget what was recorded; recording goes on if it does."""
        self._tape.clear()
        self._pending.clear()

    def read(self) -> bytes:
        """Return what was recorded, as PCM16; a long recording is read from disk."""
        return self._tape.read(0, self._tape.size_bytes)

    async def save(self, path: Path, *, force: bool = False) -> SavedRecording:
        """Write what was recorded as a WAV file.

        Args:
            path: The file; an older one is replaced.
            force: Do it while recording, too: what was recorded until now is saved.

        Raises:
            ValueError: It is recording, and `force` was not given.
            OSError: The file cannot be written.
        """
        if self._status == "recording" and not force:
            raise ValueError("still recording: pause first, or save with force=True")
        size_bytes = self._tape.size_bytes
        with path.open("wb") as file:
            file.write(wav.header(size_bytes, self.sample_rate_hz))
            for at in range(0, size_bytes, _PIECE_BYTES):
                file.write(self._tape.read(at, min(_PIECE_BYTES, size_bytes - at)))
                await asyncio.sleep(0)  # everything else goes on, recording too
        return SavedRecording(path, self.sample_rate_hz, 1, pcm_units.bytes_to_ms(size_bytes))

    async def end(self, path: Path | None = None) -> SavedRecording | None:
        """Release the microphone; what was recorded is kept until the next `begin`.

        Args:
            path: Save the recording there as well.

        Returns:
            What was saved; None without a path.

        Raises:
            OSError: The file cannot be written.
        """
        if self._status == "recording":
            await self.pause()
        self._status = "ended"
        await self._release()
        return None if path is None else await self.save(path)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.quit()

    async def quit(self) -> None:
        """End everything, the listening for devices too, and forget the recording."""
        await self.end()
        await self.listen_for_device_change(None)
        self.clear()

    def frequencies(
        self,
        analysis: Analysis = "frequency",
        *,
        min_dbfs: float = MIN_DBFS,
        max_dbfs: float = MAX_DBFS,
    ) -> Frequencies:
        """Return the spectrum of what is heard now, whether it is recorded or not.

        Raises:
            ValueError: It has not begun; or there is no such analysis.
        """
        if self._status == "ended":
            raise ValueError("nothing is heard yet; begin first")
        return self._spectrum.frequencies(analysis, min_dbfs=min_dbfs, max_dbfs=max_dbfs)

    async def _release(self) -> None:
        source, self._source = self._source, None
        pump, self._pump = self._pump, None
        if source is not None:
            await source.stop()
        if pump is not asyncio.current_task():  # it ends by itself: its source has ended
            await tasks.cancel(pump)

    async def _read(self, source: AudioSource) -> None:
        try:
            async for chunk in source.chunks():
                self._spectrum.push(chunk)
                if self._status == "recording":
                    await self._take(chunk)
        except AudioDeviceError as error:
            await self._stop(str(error))
            self._status = "ended"
        except OSError as error:
            await self._stop(f"The recording cannot be kept: {error.strerror or error}.")

    async def _take(self, chunk: bytes) -> None:
        room = self._max_bytes - self._tape.size_bytes
        self._tape.append(chunk[:room])
        self._pending += chunk[:room]
        while len(self._pending) >= self._chunk_bytes:
            whole = bytes(self._pending[: self._chunk_bytes])
            del self._pending[: self._chunk_bytes]
            await self._hand_out(whole)
        if self._tape.size_bytes >= self._max_bytes:
            minutes = pcm_units.bytes_to_ms(self._max_bytes) / 60_000
            await self._stop(f"The recording has its full length of {minutes:,.1f} minutes.")

    async def _stop(self, why: str) -> None:
        if self._status == "recording":
            await self._pause()
        self.stopped.emit(why)

    async def _pause(self) -> None:
        self._status = "paused"
        rest = bytes(self._pending)
        self._pending.clear()
        if rest:
            await self._hand_out(rest)

    async def _hand_out(self, chunk: bytes) -> None:
        if self._on_chunk is None:
            return
        try:
            result = self._on_chunk(chunk)
            if inspect.isawaitable(result):
                await result
        except Exception:
            logger.exception("what was to be done with a recorded chunk failed")
