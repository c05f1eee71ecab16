"""One turn at a time that is followed while it is spoken: only what is new of it is decoded."""

from __future__ import annotations

import math
import time
from collections.abc import AsyncGenerator, Callable
from typing import Final, Protocol

import numpy as np
import soxr

from console import pcm
from console.simulator.speech.worker_program import Header

ENGINE_RATE_HZ: Final = 16_000
ABANDONED_S: Final = 1.5
"""A turn of which nothing new has come for so long makes room for another."""
_LOUDEST: Final = 0.5
_MOST_GAIN: Final = 30.0


class Request(Protocol):
    """Asks the recogniser's process."""

    def __call__(
        self, header: Header, payload: bytes = b""
    ) -> AsyncGenerator[tuple[Header, bytes], None]:
        """Yield the answers."""


class LiveDecoding:
    """Gives the recogniser's live decoder to one turn; drafts of others find it taken.

    Which turn a draft is of is told by its sound: each has all of the one before, and more.
    """

    def __init__(self, request: Request, now_s: Callable[[], float] = time.monotonic) -> None:
        """Prepare.

        Args:
            request: Asks the recogniser.
            now_s: The time.
        """
        self._request = request
        self._now_s = now_s
        self._heard = b""
        """All of the turn that has been decoded."""
        self._free_at_s = -math.inf
        self._resampler = soxr.ResampleStream(pcm.SAMPLE_RATE_HZ, ENGINE_RATE_HZ, 1, "float32")
        self._peak = 0.0

    async def text(self, pcm24k: bytes) -> str | None:
        """Return the words of a turn so far; None if another is being followed.

        Args:
            pcm24k: All of the turn so far.

        Raises:
            SpeechEngineError: The recogniser cannot be used.
        """
        heard, self._heard = self._heard, b""
        goes_on = bool(heard) and pcm24k.startswith(heard)
        if not goes_on and self._now_s() < self._free_at_s:
            self._heard = heard
            return None
        # Who gives up in the middle leaves a decoder that has heard nobody knows what.
        self._free_at_s = -math.inf
        text = await self._decoded(pcm24k[len(heard) :], len(heard)) if goes_on else None
        if text is None:
            text = await self._decoded(pcm24k, 0)
        self._heard = pcm24k
        self._free_at_s = self._now_s() + ABANDONED_S
        return text

    async def _decoded(self, new: bytes, n_before: int) -> str | None:
        """Return the words with what is new; None if the recogniser knows nothing of the rest."""
        if not n_before:
            self._resampler.clear()
            self._peak = 0.0
        text = None
        question: Header = {"live": True, "after": n_before, "size": len(new)}
        async for answer, _ in self._request(question, self._prepared(new)):
            text = answer["text"]
        return text

    def _prepared(self, new: bytes) -> bytes:
        samples = pcm.to_float(new)
        # The loudness of a turn may rise with its first words; it is never turned up again.
        self._peak = max(self._peak, float(np.max(np.abs(samples), initial=1e-6)))
        loud = self._resampler.resample_chunk(samples)
        return pcm.from_float(loud * np.float32(min(_MOST_GAIN, _LOUDEST / self._peak)))
