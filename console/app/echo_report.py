"""What an echo test finds in a recording: how loud it is, and when a chirp came back."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from console import pcm as pcm_units

EchoPhase = Literal["idle", "opening", "recording", "measuring", "playing", "done", "failed"]
Loudness = Literal["silent", "too quiet", "clipped", "good"]

CHIRP_MS: Final = 120
_CHIRP_FROM_HZ: Final = 400
_CHIRP_TO_HZ: Final = 3200
_CHIRP_LEVEL: Final = 0.5
_WINDOW_MS: Final = 50
_SILENT_DBFS: Final = -75.0
_QUIET_DBFS: Final = -40.0
"""The loudest twentieth of a second of speech at arm's length is above it."""
_CLIP: Final = 32_600
_CLIPPED_RUN: Final = 3
"""So many samples at full scale in a row are a wave that was cut off, not one that fits."""
_FOUND_MATCH: Final = 0.15
"""1 is the chirp and nothing else; noise alone reaches 0.1, speech 0.05."""
_FOUND_RATIO: Final = 12.0
"""How far it must stand out of all other places; noise alone reaches 5, speech 11."""
_FIRST_SHARE: Final = 0.6
"""The way straight to the microphone comes first; what a room adds may match better."""
_LOBE_SAMPLES: Final = 24


@dataclass(frozen=True, slots=True)
class EchoState:
    """Where an echo test stands, and at its end what it has found."""

    phase: EchoPhase = "idle"
    sentence: str = ""
    """What happens now, or what was found, or why it failed."""
    loudness: Loudness | None = None
    level_dbfs: float | None = None
    """Of the loudest twentieth of a second."""
    round_trip_ms: float | None = None
    """From playing a sound to having it back from the microphone; None: it did not come back."""

    @property
    def is_running(self) -> bool:
        """Whether a test goes on."""
        return self.phase in ("opening", "recording", "measuring", "playing")


@functools.cache
def chirp() -> bytes:
    """Return the sound that is looked for: a rising tone in the band of the voice."""
    n_samples = pcm_units.ms_to_samples(CHIRP_MS)
    times = np.arange(n_samples) / pcm_units.SAMPLE_RATE_HZ
    slope = (_CHIRP_TO_HZ - _CHIRP_FROM_HZ) / (CHIRP_MS / 1000)
    phases = 2 * np.pi * (_CHIRP_FROM_HZ + slope / 2 * times) * times
    return pcm_units.from_float(_CHIRP_LEVEL * np.hanning(n_samples) * np.sin(phases))


def find_chirp(recorded: bytes) -> int | None:
    """Return at which sample of a recording the chirp begins; None when it is not in it."""
    looked_for = pcm_units.to_float(chirp()).astype(np.float64)
    heard = pcm_units.to_float(recorded).astype(np.float64)
    if heard.size < looked_for.size:
        return None
    # What is louder at one place must not look like the chirp: each place by its own level.
    energy = _energy(heard, looked_for.size) * np.sum(looked_for**2)
    matches = np.abs(_correlated(heard, looked_for)) / np.sqrt(energy)
    best, background = float(np.max(matches)), float(np.sqrt(np.mean(matches**2)))
    if best < _FOUND_MATCH or best < _FOUND_RATIO * background:
        return None
    first = int(np.argmax(matches >= _FIRST_SHARE * best))
    return first + int(np.argmax(matches[first : first + _LOBE_SAMPLES]))


def loudness_of(recorded: bytes) -> tuple[Loudness, float]:
    """Return how loud a recording is in a word, and the level of its loudest moment in dBFS."""
    size = _WINDOW_MS * pcm_units.BYTES_PER_MS
    windows = (recorded[at : at + size] for at in range(0, len(recorded), size))
    level_dbfs = max((pcm_units.rms_dbfs(each) for each in windows), default=-120.0)
    if _is_clipped(recorded):
        return "clipped", level_dbfs
    if level_dbfs < _SILENT_DBFS:
        return "silent", level_dbfs
    return ("too quiet" if level_dbfs < _QUIET_DBFS else "good"), level_dbfs


def _is_clipped(recorded: bytes) -> bool:
    samples = pcm_units.to_int16(recorded).astype(np.int32)
    is_full = np.abs(samples) >= _CLIP
    if samples.size < _CLIPPED_RUN:
        return False
    runs = np.convolve(is_full, np.ones(_CLIPPED_RUN, dtype=np.int32), mode="valid")
    return bool(np.any(runs == _CLIPPED_RUN))


def _correlated(
    heard: npt.NDArray[np.float64], looked_for: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    size = heard.size + looked_for.size
    product = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(looked_for, size))
    result: npt.NDArray[np.float64] = np.fft.irfft(product, size)
    return result[: heard.size - looked_for.size + 1]


def _energy(heard: npt.NDArray[np.float64], n_samples: int) -> npt.NDArray[np.float64]:
    """Return the energy of each stretch of `n_samples`, and a floor for what is silent."""
    sums = np.concatenate(([0.0], np.cumsum(heard**2)))
    energies = sums[n_samples:] - sums[:-n_samples]
    floored: npt.NDArray[np.float64] = np.maximum(energies, 1e-6 * n_samples)
    return floored
