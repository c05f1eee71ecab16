"""How loud a sound is from its beginning to its end: what a waveform is drawn from."""

from __future__ import annotations

from typing import Final

import numpy as np

from console import pcm as pcm_units

MAX_PEAKS: Final = 600
"""Enough for a line for each two pixels of a wide picture on a sharp screen."""
SHORTEST_MS: Final = 20
"""A peak stands for no less sound than this: a sound of 1 s has 50 of them."""
_FULL_SCALE = 32_768


def peaks(pcm: bytes | bytearray | memoryview, max_peaks: int = MAX_PEAKS) -> list[float]:
    """Return the loudest sample of each of many stretches of equal length.

    Args:
        pcm: The whole sound; half a sample at its end does not count.
        max_peaks: How many there may be; a short sound has fewer.

    Returns:
        Numbers between 0, silence, and 1, full scale, to three places; none for no sound.

    Raises:
        ValueError: `max_peaks` is less than 1.
    """
    if max_peaks < 1:
        raise ValueError(f"{max_peaks} peaks cannot be drawn; ask for 1 or more")
    whole = len(pcm) - len(pcm) % pcm_units.BYTES_PER_SAMPLE
    samples = pcm_units.to_int16(memoryview(pcm)[:whole])
    if not samples.size:
        return []
    shortest = pcm_units.ms_to_samples(SHORTEST_MS)
    n_peaks = min(max_peaks, -(-samples.size // shortest))
    starts = np.arange(n_peaks) * samples.size // n_peaks
    # The lowest sample has no positive twin, so its amount is taken in wider numbers.
    highest = np.maximum.reduceat(samples, starts).astype(np.int32)
    lowest = np.minimum.reduceat(samples, starts).astype(np.int32)
    loudest = np.maximum(highest, -lowest) / _FULL_SCALE
    return [round(float(each), 3) for each in loudest]
