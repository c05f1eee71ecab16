"""Sound of a speech engine as the wire wants it: 24 kHz PCM16, never clipped, in chunks of 100 ms."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import soxr

from console import pcm
from console.pcm import Float32Array

CHUNK_BYTES: Final = 100 * pcm.BYTES_PER_MS
_LINEAR: Final = 0.7
"""What is louder is bent towards 1 instead of being clipped."""


class SoundPieces:
    """Takes sound at an engine's rate and gives back chunks for the wire."""

    def __init__(self, rate_hz: int, gain_db: float = 0.0) -> None:
        self._resampler: Any = soxr.ResampleStream(
            rate_hz, pcm.SAMPLE_RATE_HZ, 1, dtype="float32", quality="HQ"
        )
        self._gain = np.float32(10 ** (gain_db / 20))
        self._waiting = bytearray()

    def take(self, samples: Float32Array, *, last: bool = False) -> list[bytes]:
        """Return the chunks that are whole now; with `last` what is left as well.

        Args:
            samples: Shape (n_samples,), in [-1, 1].
            last: Nothing more will come.
        """
        loud = self._resampler.resample_chunk(samples, last=last)
        self._waiting += pcm.from_float(_limited(loud * self._gain))
        end = len(self._waiting) if last else len(self._waiting) // CHUNK_BYTES * CHUNK_BYTES
        ready = bytes(self._waiting[:end])
        del self._waiting[:end]
        return [ready[at : at + CHUNK_BYTES] for at in range(0, end, CHUNK_BYTES)]


def _limited(samples: Float32Array) -> Float32Array:
    level = np.abs(samples)
    bent = np.sign(samples) * (_LINEAR + (1 - _LINEAR) * np.tanh((level - _LINEAR) / (1 - _LINEAR)))
    limited: Float32Array = np.where(level > _LINEAR, bent, samples).astype(np.float32)
    return limited
