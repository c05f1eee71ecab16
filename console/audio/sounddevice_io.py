"""The microphone and the speaker of this machine, through PortAudio.

PortAudio calls back in a thread of its own, every 10 or 20 ms. The callbacks only copy: chunks
go to the event loop with ``call_soon_threadsafe``, commands for the speaker come through a deque.
Where a device does not speak 24 kHz, audio is resampled on the loop's side, never in a callback.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from types import ModuleType
from typing import Any, Final

import numpy as np
import soxr

from console import pcm as pcm_units
from console.audio.chunk_queue import ChunkQueue
from console.audio.playback import PlaybackQueue
from console.audio.ports import Heard
from console.errors import AudioDeviceError

Device = str | int | None
"""Name (or part of it) or number of a device; None is the system's default."""

CAPTURE_MS: Final = 20
CAPTURE_LATENCY_S: Final = 0.04
PLAYBACK_MS: Final = 10
PLAYBACK_LATENCY_S: Final = 0.03
"""What stands between the queue and the ear: the sound stops this long after an interrupt."""
PREBUFFER_MS: Final = 60.0
_CLOSE_TIMEOUT_S = 2.0
_ANSWER_TIMEOUT_S = 0.5
"""Many times the length of a callback: without an answer by then the device is dead."""

USE_BROWSER = "use the browser's sound instead (--audio browser)"


class SounddeviceSource:
    """A microphone of this machine as an `AudioSource`."""

    def __init__(self, device: Device = None, *, device_rate_hz: int | None = None) -> None:
        """Name the microphone; nothing is opened before `start`.

        Args:
            device: The microphone.
            device_rate_hz: Rate to open it with; None takes 24 kHz where the device can, else
                the device's own.
        """
        self._device = device
        self._wanted_rate_hz = device_rate_hz
        self._stream: Any = None
        self._queue = ChunkQueue()
        self._resampler: soxr.ResampleStream | None = None
        self._pending = bytearray()
        self.overflows = 0
        """How often the device lost input because the machine was too busy."""

    @property
    def dropped_chunks(self) -> int:
        """How many chunks were dropped because nobody read them in time."""
        return self._queue.dropped_chunks

    async def start(self) -> None:
        """Open the microphone and begin to capture.

        Raises:
            AudioDeviceError: It cannot be used; the sentence says why.
        """
        if self._stream is not None:
            return
        self._queue = ChunkQueue()
        self._pending.clear()
        loop = asyncio.get_running_loop()
        self._stream, rate_hz = await asyncio.to_thread(self._open, loop)
        self._resampler = _resampler(rate_hz, pcm_units.SAMPLE_RATE_HZ)

    async def stop(self) -> None:
        """Release the microphone and end `chunks`; safe to call twice."""
        stream, self._stream = self._stream, None
        self._queue.close(discard=True)
        if stream is not None:
            await _close(stream)

    def chunks(self) -> AsyncIterator[bytes]:
        """Yield chunks of 20 ms until `stop`.

        Raises:
            AudioDeviceError: The microphone went away while it was used.
        """
        return self._queue.chunks()

    async def wait_until_read(self) -> None:
        """Wait until the reader of `chunks` has done with every chunk captured before this call."""
        await self._queue.wait_until_read()

    def _open(self, loop: asyncio.AbstractEventLoop) -> tuple[Any, int]:
        sounddevice = _load()
        queue = self._queue

        def captured(data: Any, n_samples: int, time: Any, status: Any) -> None:
            # The buffer belongs to PortAudio and is only valid now: copy.
            _hand_over(loop, self._accept, queue, bytes(data), bool(status.input_overflow))

        def ended() -> None:
            _hand_over(loop, self._lost, queue)

        with _translated(sounddevice, "microphone", self._device):
            rate_hz = self._wanted_rate_hz or _rate_for(
                sounddevice.check_input_settings, sounddevice, self._device, "input"
            )
            stream = sounddevice.RawInputStream(
                samplerate=rate_hz,
                channels=1,
                dtype="int16",
                blocksize=rate_hz * CAPTURE_MS // 1000,
                latency=CAPTURE_LATENCY_S,
                device=self._device,
                callback=captured,
                finished_callback=ended,
            )
            stream.start()
        return stream, rate_hz

    def _accept(self, queue: ChunkQueue, chunk: bytes, has_overflowed: bool) -> None:
        self.overflows += has_overflowed
        if self._stream is None or queue is not self._queue:
            return  # came after `stop`, or belongs to the capture before
        if self._resampler is None:
            queue.put(chunk)
            return
        self._pending += self._resampler.resample_chunk(pcm_units.to_int16(chunk)).tobytes()
        size = CAPTURE_MS * pcm_units.BYTES_PER_MS
        while len(self._pending) >= size:
            queue.put(bytes(self._pending[:size]))
            del self._pending[:size]

    def _lost(self, queue: ChunkQueue) -> None:
        # After `stop` the queue is closed already and this says nothing.
        name = _name(self._device)
        queue.close(
            AudioDeviceError(
                f"The microphone {name} stopped delivering sound; check that it is connected, "
                "then connect again."
            )
        )


class SounddeviceSink:
    """A speaker of this machine as an `AudioSink`.

    What was handed to the device cannot be taken back, and it will be heard: so all that was
    pulled counts as heard, and after an interrupt the sound goes on until the device has played
    what it holds (`PLAYBACK_LATENCY_S`, and a fade of 5 ms).
    """

    def __init__(self, device: Device = None, *, device_rate_hz: int | None = None) -> None:
        """Name the speaker; nothing is opened before `start`.

        Args:
            device: The speaker.
            device_rate_hz: Rate to open it with; None takes 24 kHz where the device can, else
                the device's own.
        """
        self._device = device
        self._wanted_rate_hz = device_rate_hz
        self._rate_hz = pcm_units.SAMPLE_RATE_HZ
        self._stream: Any = None
        self._playback = PlaybackQueue()
        self._commands: deque[Callable[[], None]] = deque()
        self._resamplers: dict[str, soxr.ResampleStream] = {}
        self.underflows = 0
        """How often the device ran out of sound because the machine was too busy."""

    @property
    def underruns(self) -> int:
        """How often an unfinished track had no sample when one was wanted."""
        return self._playback.underruns

    async def start(self) -> None:
        """Open the speaker; it plays silence until something is queued.

        Raises:
            AudioDeviceError: It cannot be used; the sentence says why.
        """
        if self._stream is None:
            self._commands.clear()
            self._resamplers.clear()
            self._stream = await asyncio.to_thread(self._open)

    async def stop(self) -> None:
        """Silence and release the speaker; safe to call twice."""
        stream, self._stream = self._stream, None
        if stream is not None:
            await _close(stream)

    def play(self, track: str, pcm: bytes) -> None:
        """Queue 24 kHz audio of a track; never blocks. Ignored while the speaker is closed."""
        pcm_units.check_chunk(pcm)
        if self._rate_hz != pcm_units.SAMPLE_RATE_HZ:
            pcm = self._resampled(track, pcm)
        self._command(lambda: self._playback.play(track, pcm))

    def finish(self, track: str) -> None:
        """Say that all audio of the track has been queued."""
        if (resampler := self._resamplers.pop(track, None)) is not None:
            rest = resampler.resample_chunk(np.zeros(0, dtype=np.int16), last=True).tobytes()
            self._command(lambda: self._playback.play(track, rest))
        self._command(lambda: self._playback.finish(track))

    async def interrupt(self) -> Heard | None:
        """Stop at once and say what was being heard, at 24 kHz; None if nothing was."""
        if self._stream is None:
            return None
        self._resamplers.clear()
        try:
            heard = await self._ask_callback(self._playback.interrupt)
        except TimeoutError:
            # The device no longer calls back. Closed, its queue is ours: ask it here.
            await self.stop()
            heard = self._playback.interrupt()
        if heard is None:
            return None
        scale = pcm_units.SAMPLE_RATE_HZ / self._rate_hz
        return Heard(heard.track, round(heard.n_samples * scale))

    async def clear(self) -> None:
        """Forget all tracks, interrupted ones too."""
        self._resamplers.clear()
        self._command(self._playback.clear)

    def _open(self) -> Any:
        sounddevice = _load()
        with _translated(sounddevice, "speaker", self._device):
            self._rate_hz = self._wanted_rate_hz or _rate_for(
                sounddevice.check_output_settings, sounddevice, self._device, "output"
            )
            playback = PlaybackQueue(sample_rate_hz=self._rate_hz, prebuffer_ms=PREBUFFER_MS)
            commands = self._commands

            def wanted(data: Any, n_samples: int, time: Any, status: Any) -> None:
                while commands:
                    commands.popleft()()
                data[:] = playback.pull(n_samples)
                self.underflows += bool(status.output_underflow)

            self._playback = playback
            stream = sounddevice.RawOutputStream(
                samplerate=self._rate_hz,
                channels=1,
                dtype="int16",
                blocksize=self._rate_hz * PLAYBACK_MS // 1000,
                latency=PLAYBACK_LATENCY_S,
                device=self._device,
                callback=wanted,
            )
            stream.start()
        return stream

    async def _ask_callback(self, question: Callable[[], Heard | None]) -> Heard | None:
        """Have the callback, which owns the queue, answer `question`."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Heard | None] = loop.create_future()
        self._command(lambda: _hand_over(loop, _resolve, answer, question()))
        async with asyncio.timeout(_ANSWER_TIMEOUT_S):
            return await answer

    def _command(self, command: Callable[[], None]) -> None:
        # A stream that has died calls nothing back: commands would pile up.
        if self._stream is not None and self._stream.active:
            self._commands.append(command)

    def _resampled(self, track: str, pcm: bytes) -> bytes:
        resampler = self._resamplers.get(track)
        if resampler is None:
            resampler = soxr.ResampleStream(
                pcm_units.SAMPLE_RATE_HZ, self._rate_hz, 1, dtype="int16"
            )
            self._resamplers[track] = resampler
        sound: bytes = resampler.resample_chunk(pcm_units.to_int16(pcm)).tobytes()
        return sound


def device_names() -> tuple[list[str], list[str]]:
    """Return the names of this machine's microphones and speakers.

    Raises:
        AudioDeviceError: PortAudio is not installed, or finds no sound system.
    """
    sounddevice = _load()
    with _translated(sounddevice, "sound", None):
        found = list(sounddevice.query_devices())
    microphones = [str(each["name"]) for each in found if each["max_input_channels"]]
    return microphones, [str(each["name"]) for each in found if each["max_output_channels"]]


def _load() -> ModuleType:
    """Import sounddevice, which loads PortAudio and looks for devices (about 0.1 s)."""
    try:
        import sounddevice
    except OSError as error:
        raise AudioDeviceError(
            "PortAudio is not installed, so this machine's sound cannot be used: install it "
            f"(Debian and Ubuntu: sudo apt-get install libportaudio2) or {USE_BROWSER}."
        ) from error
    module: ModuleType = sounddevice
    return module


def _rate_for(check: Callable[..., None], sounddevice: Any, device: Device, kind: str) -> int:
    try:
        check(device=device, channels=1, dtype="int16", samplerate=pcm_units.SAMPLE_RATE_HZ)
    except sounddevice.PortAudioError:
        return int(sounddevice.query_devices(device, kind)["default_samplerate"])
    return pcm_units.SAMPLE_RATE_HZ


@contextlib.contextmanager
def _translated(sounddevice: Any, what: str, device: Device) -> Iterator[None]:
    """Turn what PortAudio raises into one sentence."""
    try:
        yield
    # ValueError: no device, or several, of that name.
    except (sounddevice.PortAudioError, ValueError) as error:
        raise AudioDeviceError(
            f"The {what} {_name(device)} cannot be used ({_reason(error)}); check that it is "
            f"connected and not used by another program, or {USE_BROWSER}."
        ) from error


async def _close(stream: Any) -> None:
    """Close `stream`, but do not wait for ever: the driver of a lost device may never return."""
    loop = asyncio.get_running_loop()
    closed = asyncio.Event()

    def close() -> None:
        stream.close()
        _hand_over(loop, closed.set)

    # Not a thread of the loop's pool: the end of the program waits for those.
    threading.Thread(target=close, name="close audio device", daemon=True).start()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_CLOSE_TIMEOUT_S):
            await closed.wait()


def _name(device: Device) -> str:
    return "of this machine" if device is None else repr(device)


def _reason(error: Exception) -> str:
    return str(error.args[0] if error.args else error).strip().rstrip(".")


def _resampler(from_hz: int, to_hz: int) -> soxr.ResampleStream | None:
    return None if from_hz == to_hz else soxr.ResampleStream(from_hz, to_hz, 1, dtype="int16")


def _hand_over(loop: asyncio.AbstractEventLoop, call: Callable[..., None], *values: Any) -> None:
    # RuntimeError: the loop has ended while the device was still running; nobody is listening.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(call, *values)


def _resolve(answer: asyncio.Future[Heard | None], heard: Heard | None) -> None:
    if not answer.done():
        answer.set_result(heard)
