"""A microphone of this machine, through PortAudio.

PortAudio calls back in a thread of its own, every 10 ms. The callback copies and hands over to the
event loop, where sound is brought to 24 kHz and cut into chunks.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable
from types import ModuleType
from typing import Any, Final

import soxr

from console import pcm as pcm_units
from console import tasks
from console.audio.chunk_queue import ChunkQueue
from console.audio.sounddevice_library import PORTAUDIO, Format, hand_over, in_own_thread
from console.errors import AudioDeviceError
from console.signals import Signal

BLOCK_MS: Final = 10
LATENCY_S: Final = 0.04
"""How much the device may hold; what is late within it is not lost."""
DEFAULT_CHUNK_MS: Final = 20
RECENT_MS: Final = 100
_OPEN_TIMEOUT_S: Final = 5.0
_CLOSE_TIMEOUT_S: Final = 2.0


class SounddeviceSource:
    """A microphone of this machine as an `AudioSource`."""

    def __init__(
        self,
        device: str | None = None,
        *,
        chunk_ms: int = DEFAULT_CHUNK_MS,
        wanted: Format | None = None,
    ) -> None:
        """Name the microphone; nothing is opened before `start`.

        Args:
            device: Its name, or a part of it that no other has; None is the system's default.
            chunk_ms: Length of the chunks; can be changed at any time.
            wanted: What to open it with; None takes 24 kHz where the device offers that, else
                the device's own rate.
        """
        self.lost: Signal[AudioDeviceError] = Signal("microphone lost")
        """The microphone went away while it was used; `chunks` has ended with the same."""
        self.chunk_ms = chunk_ms
        self.is_held_back: Callable[[], bool] = lambda: False
        """Asked for each block: what is heard meanwhile becomes silence."""
        self.overflows = 0
        """How often the device lost input because the machine was too busy."""
        self._device = device
        self._wanted = wanted
        self._stream: Any = None
        self._token = object()
        self._format = Format(pcm_units.SAMPLE_RATE_HZ)
        self._queue = ChunkQueue()
        self._dropped_before = 0
        self._resampler: soxr.ResampleStream | None = None
        self._pending = bytearray()
        self._recent: deque[bytes] = deque(maxlen=RECENT_MS // BLOCK_MS)

    @property
    def device(self) -> str | None:
        """The microphone's name; None is the system's default."""
        return self._device

    @property
    def is_running(self) -> bool:
        """Whether the microphone is open."""
        return self._stream is not None

    @property
    def device_rate_hz(self) -> int:
        """The rate that the microphone is, or was last, opened with."""
        return self._format.rate_hz

    @property
    def dropped_chunks(self) -> int:
        """How many chunks were dropped because nobody read them in time."""
        return self._dropped_before + self._queue.dropped_chunks

    async def start(self) -> None:
        """Open the microphone and begin to capture.

        Raises:
            AudioDeviceError: It cannot be used; the sentence says why.
        """
        if self._stream is None:
            self._dropped_before += self._queue.dropped_chunks
            self._queue = ChunkQueue()
            await self._open()

    async def stop(self) -> None:
        """Release the microphone and end `chunks`; safe to call twice."""
        self._queue.close(discard=True)
        await self._close()

    async def use(self, device: str | None) -> None:
        """Take another microphone; when one is open, `chunks` goes on with the new one.

        Raises:
            AudioDeviceError: It cannot be used; `chunks` has ended with the same.
        """
        if device == self._device:
            return
        self._device = device
        if self._stream is not None:
            await self._close()
            try:
                await self._open()
            except AudioDeviceError as error:
                self._queue.close(error)
                raise

    def chunks(self) -> AsyncIterator[bytes]:
        """Yield chunks of `chunk_ms` until `stop`.

        Raises:
            AudioDeviceError: The microphone went away while it was used.
        """
        return self._queue.chunks()

    async def wait_until_read(self) -> None:
        """Wait until the reader of `chunks` has done with every chunk captured before this call."""
        await self._queue.wait_until_read()

    def recent(self) -> bytes:
        """Return the last 100 ms as PCM16 at 24 kHz, for a meter; nothing while closed."""
        return b"".join(self._recent)

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        queue = self._queue
        self._pending.clear()
        self._recent.clear()
        token = self._token = object()  # a stream that was replaced has nothing more to say

        def captured(data: Any, n_samples: int, time: Any, status: Any) -> None:
            # The buffer belongs to PortAudio and is only valid now: copy.
            hand_over(loop, self._accept, token, bytes(data), bool(status.input_overflow))

        def ended() -> None:
            hand_over(loop, self._ended, token, PORTAUDIO.is_renewing)

        def open_stream(library: ModuleType, number: int, wanted: Format) -> Any:
            return _start(library, number, wanted, captured, ended)

        stream, self._format = await in_own_thread(
            lambda: PORTAUDIO.open("input", self._device, open_stream, self._wanted),
            what="open the microphone",
            timeout_s=_OPEN_TIMEOUT_S,
        )
        if token is not self._token or queue.is_closed:
            await _close(stream)  # stopped meanwhile
            return
        self._stream = stream
        self._resampler = _resampler(self._format.rate_hz)

    async def _close(self) -> None:
        stream, self._stream = self._stream, None
        self._token = object()
        self._recent.clear()
        if stream is not None:
            await _close(stream)

    def _accept(self, token: object, block: bytes, has_overflowed: bool) -> None:
        if self._stream is None or token is not self._token:
            return  # came after `stop`, or belongs to the capture before
        self.overflows += has_overflowed
        samples = pcm_units.to_int16(block)[:: self._format.n_channels]
        if self._resampler is not None:
            samples = self._resampler.resample_chunk(samples)
        sound = samples.tobytes()
        self._recent.append(sound)
        self._pending += bytes(len(sound)) if self.is_held_back() else sound
        size = self.chunk_ms * pcm_units.BYTES_PER_MS
        while len(self._pending) >= size:
            self._queue.put(bytes(self._pending[:size]))
            del self._pending[:size]

    def _ended(self, token: object, is_renewing: bool) -> None:
        if self._stream is None or token is not self._token:
            return
        self._stream = None
        if is_renewing:
            tasks.spawn(self._reopen(), name="open the microphone again")
        else:
            self._lose()

    async def _reopen(self) -> None:
        try:
            await self._open()
        except AudioDeviceError:
            self._lose()

    def _lose(self) -> None:
        name = "of this machine" if self._device is None else repr(self._device)
        error = AudioDeviceError(
            f"The microphone {name} stopped delivering sound; it is used again when it is back. "
            "Check that it is connected, or choose another under Sound."
        )
        self._recent.clear()
        self._queue.close(error)
        self.lost.emit(error)


def _start(
    library: ModuleType,
    number: int,
    wanted: Format,
    captured: Callable[[Any, int, Any, Any], None],
    ended: Callable[[], None],
) -> Any:
    stream = library.RawInputStream(
        samplerate=wanted.rate_hz,
        channels=wanted.n_channels,
        dtype="int16",
        blocksize=wanted.rate_hz * BLOCK_MS // 1000,
        latency=LATENCY_S,
        device=number,
        callback=captured,
        finished_callback=ended,
    )
    stream.start()
    return stream


def _resampler(from_hz: int) -> soxr.ResampleStream | None:
    if from_hz == pcm_units.SAMPLE_RATE_HZ:
        return None
    return soxr.ResampleStream(from_hz, pcm_units.SAMPLE_RATE_HZ, 1, dtype="int16")


async def _close(stream: Any) -> None:
    # AudioDeviceError: the driver of a lost device hangs, and is left to itself.
    with contextlib.suppress(AudioDeviceError):
        await in_own_thread(
            lambda: PORTAUDIO.close(stream), what="close audio device", timeout_s=_CLOSE_TIMEOUT_S
        )
