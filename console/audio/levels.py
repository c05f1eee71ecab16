"""PCM to bars: how loud each band of the voice is now, for a meter."""

from __future__ import annotations

from typing import Final

import numpy as np

from console import pcm as pcm_units

N_WINDOW: Final = 1024
"""Samples of one spectrum: at 24 kHz 43 ms, bands of 23 Hz."""
LOWEST_HZ: Final = 80.0
HIGHEST_HZ: Final = 7_000.0
FLOOR_DBFS: Final = -70.0
"""Level of an empty bar."""
CEILING_DBFS: Final = -15.0
"""Level of a full bar; speech peaks here in its strongest band."""
_RISE = 0.7
_FALL = 0.25


class LevelBars:
    """Bars between 0 and 1 of the last 43 ms; they rise fast and fall slowly."""

    def __init__(self, n_bars: int = 10, *, sample_rate_hz: int = pcm_units.SAMPLE_RATE_HZ) -> None:
        """Divide the voice's range into bands of equal musical width.

        Raises:
            ValueError: `n_bars` is not between 1 and 64.
        """
        if not 1 <= n_bars <= 64:
            raise ValueError(f"{n_bars} bars cannot be drawn; ask for 1 to 64")
        edges_hz = np.geomspace(LOWEST_HZ, HIGHEST_HZ, n_bars + 1)
        edges = np.round(edges_hz * N_WINDOW / sample_rate_hz).astype(int)
        for index in range(1, len(edges)):  # each band has at least one bin of the spectrum
            edges[index] = max(edges[index], edges[index - 1] + 1)
        self._edges = edges
        self._taper = np.hanning(N_WINDOW).astype(np.float32)
        self._scale = 2.0 / float(self._taper.sum())
        self._recent = np.zeros(N_WINDOW, dtype=np.float32)
        self._bars = np.zeros(n_bars)

    def push(self, pcm: bytes) -> None:
        """Hear a chunk."""
        samples = pcm_units.to_float(pcm)[-N_WINDOW:]
        if samples.size:
            self._recent = np.concatenate((self._recent[samples.size :], samples))

    def frame(self) -> list[float]:
        """Return the bars for the next picture, from the lowest band to the highest."""
        amplitude = np.abs(np.fft.rfft(self._recent * self._taper)) * self._scale
        power = np.add.reduceat((amplitude**2)[: self._edges[-1]], self._edges[:-1])
        level_db = 10 * np.log10(power + 1e-12)
        target = np.clip((level_db - FLOOR_DBFS) / (CEILING_DBFS - FLOOR_DBFS), 0.0, 1.0)
        weight = np.where(target > self._bars, _RISE, _FALL)
        self._bars = self._bars + (target - self._bars) * weight
        return [float(each) for each in self._bars]
