"""A microphone of this machine, through PortAudio.

PortAudio calls back in a thread of its own, every 10 ms. The callback copies and hands over to the
event loop, where sound is brought to 24 kHz and cut into chunks.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import soxr

from console import pcm as pcm_units
from console import tasks
from console.audio.chunk_queue import ChunkQueue
from console.audio.device_stream import Buffering, DeviceStream
from console.audio.sounddevice_library import Format, SoundDevices
from console.errors import AudioDeviceError
from console.signals import Signal

BUFFERING: Final = Buffering(10, 0.04)
"""What is late within the latency is not lost; it delays nothing while the machine keeps up."""
DEFAULT_CHUNK_MS: Final = 20
RECENT_MS: Final = 100


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
        self._device = DeviceStream(
            "input",
            device,
            wanted=wanted,
            buffering=BUFFERING,
            called=self._captured,
            lost=self._was_lost,
            prepare=self._prepare,
            let_go=self._let_go,
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._queue = ChunkQueue()
        self._dropped_before = 0
        self._resampler: soxr.ResampleStream | None = None
        self._pending = bytearray()
        self._recent: deque[bytes] = deque(maxlen=RECENT_MS // BUFFERING.block_ms)

    @property
    def device(self) -> str | None:
        """The microphone's name; None is the system's default."""
        return self._device.name

    @property
    def is_running(self) -> bool:
        """Whether the microphone is open."""
        return self._device.is_open

    @property
    def device_rate_hz(self) -> int:
        """The rate that the microphone is, or was last, opened with."""
        return self._device.format.rate_hz

    @property
    def dropped_chunks(self) -> int:
        """How many chunks were dropped because nobody read them in time."""
        return self._dropped_before + self._queue.dropped_chunks

    async def start(self) -> None:
        """Open the microphone and begin to capture.

        Raises:
            AudioDeviceError: It cannot be used; the sentence says why.
        """
        if not self._device.is_open:
            self._dropped_before += self._queue.dropped_chunks
            self._queue = ChunkQueue()
            self._loop = asyncio.get_running_loop()
            await self._device.open()

    async def stop(self) -> None:
        """Release the microphone and end `chunks`; safe to call twice."""
        self._queue.close(discard=True)
        await self._device.close()

    async def use(self, device: str | None) -> None:
        """Take another microphone; when one is open, `chunks` goes on with the new one.

        Raises:
            AudioDeviceError: It cannot be used; `chunks` has ended with the same.
        """
        try:
            await self._device.use(device, is_wanted=self._device.is_open)
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

    def note_devices(self, found: SoundDevices) -> None:
        """Take a list of what there is now: a microphone in use that has left it is `lost`.

        A sound server may have put another in its place, and gives no sign of it.
        """
        self._device.note_devices(found)

    def _captured(self, token: object, data: Any, n_samples: int, status: Any) -> None:
        # The buffer belongs to PortAudio and is only valid now: copy.
        if self._loop is not None:
            tasks.hand_over(
                self._loop, self._accept, token, bytes(data), bool(status.input_overflow)
            )

    def _prepare(self, wanted: Format) -> None:
        self._resampler = _resampler(wanted.rate_hz)

    def _accept(self, token: object, block: bytes, has_overflowed: bool) -> None:
        if not self._device.is_open or not self._device.is_token(token):
            return  # came after `stop`, or belongs to the capture before
        self.overflows += has_overflowed
        samples = pcm_units.to_int16(block)[:: self._device.format.n_channels]
        if self._resampler is not None:
            samples = self._resampler.resample_chunk(samples)
        sound = samples.tobytes()
        self._recent.append(sound)
        self._pending += bytes(len(sound)) if self.is_held_back() else sound
        size = self.chunk_ms * pcm_units.BYTES_PER_MS
        while len(self._pending) >= size:
            self._queue.put(bytes(self._pending[:size]))
            del self._pending[:size]

    def _let_go(self) -> None:
        self._pending.clear()
        self._recent.clear()

    def _was_lost(self, error: AudioDeviceError) -> None:
        self._queue.close(error)
        self.lost.emit(error)


def _resampler(from_hz: int) -> soxr.ResampleStream | None:
    if from_hz == pcm_units.SAMPLE_RATE_HZ:
        return None
    return soxr.ResampleStream(from_hz, pcm_units.SAMPLE_RATE_HZ, 1, dtype="int16")
