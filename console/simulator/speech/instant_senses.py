"""Senses without engines: a voice that hums, ears for any sound. Exact, quick, the same each time."""

from __future__ import annotations

import zlib
from collections.abc import AsyncGenerator
from typing import Final

import numpy as np

from console import pcm
from console.simulator.senses import SpeechBoundary, SpeechStarted, SpeechStopped

MS_PER_CHARACTER: Final = 60
CHUNK_MS: Final = 100
FRAME_MS: Final = 32
_FRAME_BYTES: Final = FRAME_MS * pcm.BYTES_PER_MS
_LEVEL: Final = 0.25
_FADE_SAMPLES: Final = pcm.ms_to_samples(5)
_SOFTEST_DBFS: Final = -60.0
_LOUDEST_DBFS: Final = -10.0


class ToneVoice:
    """Implements `senses.Voice`: hums for as long as the sentence has characters.

    Every name of a voice has its own pitch. The length is exact to the sample: characters times
    `ms_per_character`, divided by the speed.
    """

    def __init__(self, ms_per_character: int = MS_PER_CHARACTER) -> None:
        self._ms_per_character = ms_per_character

    async def speak(self, text: str, voice: str, speed: float) -> AsyncGenerator[bytes, None]:
        """Hum one sentence, in chunks of 100 ms; the last may be shorter.

        Raises:
            ValueError: The speed is not above zero (when iterated).
        """
        if speed <= 0:
            raise ValueError(f"The speed must be above zero, not {speed}.")
        duration_ms = len(text) * self._ms_per_character / speed
        total = round(duration_ms * pcm.SAMPLE_RATE_HZ / 1000)
        size = pcm.ms_to_samples(CHUNK_MS)
        for start in range(0, total, size):
            yield _tone(_pitch_hz(voice), start, min(start + size, total), total)


class LoudnessDetector:
    """Implements `senses.TurnDetector`: whatever is loud is speech.

    The threshold 0.5 stands for -35 dBFS; 0 and 1 for -60 and -10.
    """

    def __init__(self) -> None:
        self._limit_dbfs = _limit_dbfs(0.5)
        self._padding_ms, self._silence_ms = 300, 500
        self.reset(0)

    def configure(self, threshold: float, prefix_padding_ms: int, silence_duration_ms: int) -> None:
        """Use these settings from the next frame on."""
        self._limit_dbfs = _limit_dbfs(threshold)
        self._padding_ms, self._silence_ms = prefix_padding_ms, silence_duration_ms

    def reset(self, position_ms: int) -> None:
        """Forget all audio; the next sample stands at `position_ms`."""
        self._origin_ms = self._position_ms = position_ms
        self._rest = b""
        self._is_speaking = False
        self._silent_ms = 0

    def push(self, pcm24k: bytes) -> list[SpeechBoundary]:
        """Hear the next audio and return where speech begins and ends."""
        self._rest += pcm24k
        found: list[SpeechBoundary] = []
        n_frames = len(self._rest) // _FRAME_BYTES
        for start in range(0, n_frames * _FRAME_BYTES, _FRAME_BYTES):
            frame = self._rest[start : start + _FRAME_BYTES]
            found += self._frame(is_loud=pcm.rms_dbfs(frame) > self._limit_dbfs)
        self._rest = self._rest[n_frames * _FRAME_BYTES :]
        return found

    def _frame(self, *, is_loud: bool) -> list[SpeechBoundary]:
        begin_ms, self._position_ms = self._position_ms, self._position_ms + FRAME_MS
        self._silent_ms = 0 if is_loud else self._silent_ms + FRAME_MS
        if is_loud and not self._is_speaking:
            self._is_speaking = True
            return [SpeechStarted(max(self._origin_ms, begin_ms - self._padding_ms))]
        if self._is_speaking and self._silent_ms >= self._silence_ms:
            self._is_speaking = False
            return [SpeechStopped(self._position_ms)]
        return []


def _limit_dbfs(threshold: float) -> float:
    return _SOFTEST_DBFS + threshold * (_LOUDEST_DBFS - _SOFTEST_DBFS)


def _pitch_hz(voice: str) -> float:
    """Return a pitch from 220 to 440 Hz, always the same for the same name."""
    return float(220 * 2 ** (zlib.crc32(voice.encode()) % 13 / 12))


def _tone(pitch_hz: float, start: int, end: int, total: int) -> bytes:
    at = np.arange(start, end)
    # Without the fades each sentence would click.
    fade = np.clip(np.minimum(at, total - 1 - at) / _FADE_SAMPLES, 0, 1)
    wave = np.sin(2 * np.pi * pitch_hz / pcm.SAMPLE_RATE_HZ * at)
    return pcm.from_float((_LEVEL * fade * wave).astype(np.float32))
