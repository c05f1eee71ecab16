"""The sound of a call on its way in: 48 kHz as it comes, 24 kHz as the session hears it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

import numpy as np
import soxr

from console import pcm

logger = logging.getLogger(__name__)

RATE_HZ: Final = 48_000
"""Of the sound that comes in."""
MAX_WAITING_BYTES: Final = 10_000 * pcm.BYTES_PER_MS
"""Of sound that is not heard in time, the oldest is dropped beyond this."""
# Keeps all that a voice has, and holds little back.
_QUALITY: Final = "MQ"


class CallerSound:
    """Changes the rate of what a caller says, and has it heard in order, in as few steps as need be.

    While one piece is heard the next one grows, so a busy machine hears longer pieces, not more.
    """

    def __init__(self, hear: Callable[[bytes], Awaitable[None]]) -> None:
        """Prepare to hear one caller.

        Args:
            hear: Takes the next sound: PCM16 mono 24 kHz, any length.
        """
        self._hear = hear
        self._rate: Any = soxr.ResampleStream(
            RATE_HZ, pcm.SAMPLE_RATE_HZ, 1, dtype="float32", quality=_QUALITY
        )
        self._waiting = bytearray()
        self._has_some = asyncio.Event()
        self.n_dropped = 0
        """Bytes at 24 kHz that were never heard."""

    def push(self, samples: pcm.Int16Array) -> None:
        """Take the next sound.

        Args:
            samples: Shape ``(n_samples, n_channels)``, int16, at 48 kHz.
        """
        # A product is several times quicker than the mean over so short an axis.
        n_channels = samples.shape[1]
        weights = np.full(n_channels, 1 / (n_channels * 32_768), dtype=np.float32)
        mono = samples.astype(np.float32) @ weights
        self._add(pcm.from_float(self._rate.resample_chunk(mono)))

    def push_silence(self, duration_ms: int) -> None:
        """Take note that nothing has come for so long."""
        self.push(np.zeros((duration_ms * RATE_HZ // 1000, 1), dtype=np.int16))

    async def run(self) -> None:
        """Have heard what comes, until cancelled."""
        while True:
            await self._has_some.wait()
            self._has_some.clear()
            audio = bytes(self._waiting)
            self._waiting.clear()
            await self._hear(audio)

    def _add(self, audio: bytes) -> None:
        self._waiting += audio
        if (surplus := len(self._waiting) - MAX_WAITING_BYTES) > 0:
            if not self.n_dropped:
                logger.warning("a caller speaks faster than can be heard; the oldest is dropped")
            self.n_dropped += surplus
            del self._waiting[:surplus]
        if self._waiting:
            self._has_some.set()
