"""A WAV file as speaker, at a clock's speed: for demos and tests."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import BinaryIO

from console import pcm as pcm_units
from console.audio.playback import PlaybackQueue
from console.audio.ports import Heard
from console.clock import Clock
from console.errors import AudioDeviceError


class WavSink:
    """A WAV file as an `AudioSink`: what a speaker would have played, silence included.

    Every sample is the one that was sent: at gaps and interruptions nothing fades.

    It needs no task of its own: each call first plays what was due since the call before.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        """Name the file; it is written from `start` to `stop`."""
        self._path = path
        self._clock = clock
        self._playback = PlaybackQueue(fade_ms=0)
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
        self._playback = PlaybackQueue(fade_ms=0)
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
