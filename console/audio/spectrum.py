"""What a sound is made of: its spectrum in plain bins, in notes, or in the notes of a voice.

=============  ==============================================================================
analysis       bands
=============  ==============================================================================
``frequency``  the bins of the transform themselves, from 0 Hz to half the sample rate
``music``      one for each semitone from C0 (16.35 Hz) to B8 (7,902 Hz), with A4 at 440 Hz
``voice``      those semitones that lie between 32 and 2,000 Hz
=============  ==============================================================================

Values are levels between 0 (at `min_dbfs` and below) and 1 (at `max_dbfs` and above); a sine of
full scale has 0 dB.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
import numpy.typing as npt

from console import pcm as pcm_units
from console.audio.levels import LevelBars

Analysis = Literal["frequency", "music", "voice"]
Bars = LevelBars
"""Ten bars of the voice's range, for a meter."""

A4_HZ: Final = 440.0
MIN_DBFS: Final = -100.0
MAX_DBFS: Final = -30.0
N_FINE: Final = 8192
"""Window for notes: at 24 kHz 341 ms and bins of 2.9 Hz, which tell notes apart from C2 on."""
N_COARSE: Final = 1024
"""Window for plain bins: at 24 kHz 43 ms."""
_VOICE_HZ: Final = (32.0, 2_000.0)
_N_OCTAVES: Final = 9
_NAMES: Final = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_A4_INDEX: Final = 4 * 12 + _NAMES.index("A")


@dataclass(frozen=True, slots=True)
class Frequencies:
    """How loud each band of a sound is."""

    values: pcm_units.Float32Array
    """Levels from 0 to 1, shape ``(n_bands,)``."""
    frequencies_hz: pcm_units.Float32Array
    """The middle of each band, shape ``(n_bands,)``."""
    labels: tuple[str, ...]
    """What to write under each band: "440 Hz", or "A4"."""


def analyse(
    pcm: bytes | bytearray | memoryview,
    analysis: Analysis = "frequency",
    *,
    sample_rate_hz: int = pcm_units.SAMPLE_RATE_HZ,
    min_dbfs: float = MIN_DBFS,
    max_dbfs: float = MAX_DBFS,
) -> Frequencies:
    """Return how loud each band is at the end of `pcm`.

    Args:
        pcm: PCM16 mono; the last 1,024 samples count, for notes the last 8,192. What is missing
            at the front is silence.
        analysis: Which bands.
        sample_rate_hz: Of `pcm`.
        min_dbfs: Level that becomes 0.
        max_dbfs: Level that becomes 1.

    Raises:
        ValueError: There is no such analysis, or the levels are not in order.
    """
    if analysis not in get_args(Analysis):
        raise ValueError(f"an analysis is frequency, music or voice, not {analysis!r}")
    if min_dbfs >= max_dbfs:
        raise ValueError(f"the lowest level ({min_dbfs} dB) must lie below {max_dbfs} dB")
    n_window = N_COARSE if analysis == "frequency" else N_FINE
    level_db = _levels_db(pcm, n_window)
    bins_hz = np.fft.rfftfreq(n_window, 1 / sample_rate_hz).astype(np.float32)
    labels: tuple[str, ...]
    if analysis == "frequency":
        labels = tuple(f"{each:.0f} Hz" for each in bins_hz)
    else:
        bands = _bands(analysis, n_window, sample_rate_hz)
        level_db = np.array([level_db[first:last].max() for first, last in bands.bins])
        bins_hz, labels = bands.hz, bands.labels
    values = np.clip((level_db - min_dbfs) / (max_dbfs - min_dbfs), 0.0, 1.0)
    return Frequencies(values.astype(np.float32), bins_hz, labels)


class Spectrum:
    """The spectrum of a stream: hear chunks, ask at any time."""

    def __init__(self, *, sample_rate_hz: int = pcm_units.SAMPLE_RATE_HZ) -> None:
        """Begin with silence."""
        self._sample_rate_hz = sample_rate_hz
        self._recent = bytearray(2 * N_FINE)

    def push(self, pcm: bytes) -> None:
        """Hear a chunk of PCM16.

        Raises:
            ValueError: It ends in half a sample.
        """
        pcm_units.check_chunk(pcm)
        self._recent += pcm
        del self._recent[: len(self._recent) - 2 * N_FINE]

    def clear(self) -> None:
        """Forget what was heard."""
        self._recent = bytearray(2 * N_FINE)

    def frequencies(
        self,
        analysis: Analysis = "frequency",
        *,
        min_dbfs: float = MIN_DBFS,
        max_dbfs: float = MAX_DBFS,
    ) -> Frequencies:
        """Return how loud each band is now.

        Raises:
            ValueError: There is no such analysis, or the levels are not in order.
        """
        return analyse(
            bytes(self._recent),
            analysis,
            sample_rate_hz=self._sample_rate_hz,
            min_dbfs=min_dbfs,
            max_dbfs=max_dbfs,
        )


def voice_bars(
    pcm: bytes | bytearray,
    *,
    n_bars: int = 10,
    frames_per_s: int = 20,
    sample_rate_hz: int = pcm_units.SAMPLE_RATE_HZ,
) -> pcm_units.Float32Array:
    """Return the bars of a whole recording, as a meter would have shown them.

    Returns:
        Levels from 0 to 1, shape ``(n_frames, n_bars)``; one frame for each begun 1/`frames_per_s`.

    Raises:
        ValueError: `pcm` ends in half a sample, or `n_bars` is not between 1 and 64.
    """
    pcm_units.check_chunk(pcm)
    bars = LevelBars(n_bars, sample_rate_hz=sample_rate_hz)
    size = 2 * (sample_rate_hz // frames_per_s)
    frames = []
    for at in range(0, len(pcm), size):
        bars.push(bytes(pcm[at : at + size]))
        frames.append(bars.frame())
    return np.array(frames, dtype=np.float32).reshape(len(frames), n_bars)


def _levels_db(pcm: bytes | bytearray | memoryview, n_window: int) -> npt.NDArray[np.float64]:
    samples = pcm_units.to_float(pcm)[-n_window:]
    window = np.zeros(n_window, dtype=np.float32)
    window[n_window - samples.size :] = samples
    taper = np.hanning(n_window)
    amplitude = np.abs(np.fft.rfft(window * taper)) * (2 / taper.sum())
    return np.asarray(20 * np.log10(amplitude + 1e-9))


@dataclass(frozen=True, slots=True)
class _Bands:
    bins: tuple[tuple[int, int], ...]
    hz: pcm_units.Float32Array
    labels: tuple[str, ...]


@functools.cache
def _bands(analysis: Analysis, n_window: int, sample_rate_hz: int) -> _Bands:
    """Return which bins of the transform belong to each note; below C2 some share theirs."""
    index = np.arange(_N_OCTAVES * 12)
    notes_hz = A4_HZ * 2.0 ** ((index - _A4_INDEX) / 12)
    is_wanted = notes_hz < sample_rate_hz / 2
    if analysis == "voice":
        is_wanted &= (notes_hz > _VOICE_HZ[0]) & (notes_hz < _VOICE_HZ[1])
    bins = []
    for note_hz in notes_hz[is_wanted]:
        # Half a semitone to each side, and at least the nearest bin.
        nearest = round(note_hz * n_window / sample_rate_hz)
        first = int(np.ceil(note_hz * 2 ** (-1 / 24) * n_window / sample_rate_hz))
        last = int(np.ceil(note_hz * 2 ** (1 / 24) * n_window / sample_rate_hz))
        bins.append((min(first, nearest), max(last, nearest + 1)))
    return _Bands(
        tuple(bins),
        notes_hz[is_wanted].astype(np.float32),
        tuple(f"{_NAMES[each % 12]}{each // 12}" for each in index[is_wanted]),
    )
