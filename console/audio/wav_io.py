"""A WAV file as microphone, and a WAV file as speaker: for demos and tests, at a clock's speed."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO, Final

import soxr

from console import pcm as pcm_units
from console import wav
from console.audio.playback import PlaybackQueue
from console.audio.ports import Heard
from console.clock import Clock
from console.errors import AudioDeviceError

CHUNK_MS: Final = 20
_CHUNK_BYTES = CHUNK_MS * pcm_units.BYTES_PER_MS


class WavSource:
    """A WAV file as an `AudioSource`, in real time; silence follows it, as in a quiet room."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Name the file; it is read by `start`."""
        self._path = path
        self._clock = clock
        self._pcm = b""
        self._is_running = False

    @property
    def dropped_chunks(self) -> int:
        """Always 0: a file waits for its reader."""
        return 0

    async def start(self) -> None:
        """Read the file.

        Raises:
            AudioDeviceError: It cannot be read, or is not a 16-bit WAV file.
        """
        try:
            self._pcm = await asyncio.to_thread(_read, self._path)
        except (OSError, ValueError) as error:
            raise AudioDeviceError(
                f"{self._path.name} cannot be the microphone: {error}; name a 16-bit WAV file."
            ) from error
        self._is_running = True

    async def stop(self) -> None:
        """End `chunks`; safe to call twice."""
        self._is_running = False

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield chunks of 20 ms, each when its last sample has been spoken, until `stop`."""
        began_s = self._clock.now_s()
        n_chunks = 0
        while self._is_running:
            due_s = began_s + (n_chunks + 1) * CHUNK_MS / 1000
            await self._clock.sleep(max(0.0, due_s - self._clock.now_s()))
            if not self._is_running:
                return
            start = n_chunks * _CHUNK_BYTES
            yield self._pcm[start : start + _CHUNK_BYTES].ljust(_CHUNK_BYTES, b"\0")
            n_chunks += 1

    async def wait_until_read(self) -> None:
        """Return at once: a file is never ahead of its reader."""


class WavSink:
    """A WAV file as an `AudioSink`: what a speaker would have played, silence included.

    It needs no task of its own: each call first plays what was due since the call before.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        """Name the file; it is written from `start` to `stop`."""
        self._path = path
        self._clock = clock
        self._playback = PlaybackQueue()
        self._file: BinaryIO | None = None
        self._writer: wave.Wave_write | None = None
        self._began_s = 0.0
        self._written_samples = 0

    async def start(self) -> None:
        """Begin the file.

        Raises:
            AudioDeviceError: It cannot be written.
        """
        if self._writer is not None:
            return
        try:
            # Opened here: a writer that cannot open its file complains again when collected.
            self._file = self._path.open("wb")
        except OSError as error:
            raise AudioDeviceError(
                f"{self._path.name} cannot be the speaker: {error.strerror}; name a file in a "
                "folder that can be written."
            ) from error
        writer = wave.open(self._file, "wb")  # noqa: SIM115 (closed by `stop`)
        writer.setnchannels(1)
        writer.setsampwidth(pcm_units.BYTES_PER_SAMPLE)
        writer.setframerate(pcm_units.SAMPLE_RATE_HZ)
        self._writer = writer
        self._playback = PlaybackQueue()
        self._began_s = self._clock.now_s()
        self._written_samples = 0

    async def stop(self) -> None:
        """Write what was played until now and close the file; safe to call twice."""
        self._play_due()
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        if self._file is not None:
            self._file.close()
            self._file = None

    def play(self, track: str, pcm: bytes) -> None:
        """Queue audio of a track; ignored while the file is closed."""
        pcm_units.check_chunk(pcm)
        if self._writer is not None:
            self._play_due()
            self._playback.play(track, pcm)

    def finish(self, track: str) -> None:
        """Say that all audio of the track has been queued."""
        self._play_due()
        self._playback.finish(track)

    async def interrupt(self) -> Heard | None:
        """Stop and say what was being heard; None if nothing was."""
        self._play_due()
        return self._playback.interrupt()

    async def clear(self) -> None:
        """Forget all tracks, interrupted ones too."""
        self._play_due()
        self._playback.clear()

    def _play_due(self) -> None:
        if self._writer is None:
            return
        due_samples = round((self._clock.now_s() - self._began_s) * pcm_units.SAMPLE_RATE_HZ)
        while self._written_samples < due_samples:
            n_samples = min(due_samples - self._written_samples, pcm_units.SAMPLE_RATE_HZ)
            self._writer.writeframes(self._playback.pull(n_samples))
            self._written_samples += n_samples


def _read(path: Path) -> bytes:
    pcm, rate_hz = wav.unpack(path.read_bytes())
    if rate_hz == pcm_units.SAMPLE_RATE_HZ:
        return pcm
    samples = soxr.resample(pcm_units.to_int16(pcm), rate_hz, pcm_units.SAMPLE_RATE_HZ)
    return bytes(samples.tobytes())
