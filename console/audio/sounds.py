"""What can stand in for a voice: a recording, a tone, noise, silence, speech that is being made.

A sound is a function of the position, so that it can begin again, be repeated, and be cut off
anywhere without a state of its own.
"""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from typing import BinaryIO, Final, Protocol

import numpy as np

from console import pcm as pcm_units

TONE_HZ: Final = 440
LEVEL_DBFS: Final = -20.0
"""Of tone and noise, as RMS: about as loud as somebody who speaks."""
MAX_SPOKEN_MS: Final = 120_000
"""Speech beyond that is not kept."""
_NOISE_SAMPLES: Final = 1 << 18
"""11 s: long enough that nobody hears it repeat."""
_NOISE_SEED: Final = 20_240_917
_LOWEST_NOISE_HZ: Final = 20


class Sound(Protocol):
    """PCM16 mono at 24 kHz that can be read from anywhere."""

    @property
    def n_samples(self) -> int | None:
        """How long it is; None when it has no end, or none that is known yet."""

    def read(self, start: int, n_samples: int) -> bytes:
        """Return the samples from `start` on; fewer than asked for where there are no more yet."""

    def is_over(self, position: int) -> bool:
        """Whether nothing will ever come at `position` or behind it."""


class Silence:
    """Nothing, without end."""

    n_samples: None = None

    def read(self, start: int, n_samples: int) -> bytes:
        """Return zeros."""
        return bytes(pcm_units.BYTES_PER_SAMPLE * n_samples)

    def is_over(self, position: int) -> bool:
        """Never."""
        return False


class Tone:
    """A sine, without end."""

    n_samples: None = None

    def __init__(self, frequency_hz: float = TONE_HZ, level_dbfs: float = LEVEL_DBFS) -> None:
        """Make the tone.

        Args:
            frequency_hz: Between 0 and 12,000.
            level_dbfs: RMS below full scale; a sine cannot be louder than -3.

        Raises:
            ValueError: It cannot be made at 24 kHz without aliasing or clipping.
        """
        if not 0 < frequency_hz < pcm_units.SAMPLE_RATE_HZ / 2:
            raise ValueError(
                f"a tone at 24 kHz lies between 0 and 12,000 Hz, not at {frequency_hz}"
            )
        if level_dbfs > -3.0:
            raise ValueError(f"a sine at {level_dbfs} dBFS would clip; -3 is the most")
        self._frequency_hz = frequency_hz
        self._amplitude = 10 ** (level_dbfs / 20) * np.sqrt(2)

    def read(self, start: int, n_samples: int) -> bytes:
        """Return the sine from there on, without a seam."""
        positions = np.arange(start, start + n_samples, dtype=np.float64)
        phases = 2 * np.pi * self._frequency_hz / pcm_units.SAMPLE_RATE_HZ * positions
        return pcm_units.from_float(self._amplitude * np.sin(phases))

    def is_over(self, position: int) -> bool:
        """Never."""
        return False


class PinkNoise:
    """Noise with as much power in each octave, as speech and rooms have it; without end."""

    n_samples: None = None

    def read(self, start: int, n_samples: int) -> bytes:
        """Return the noise from there on; it is the same each time."""
        at = np.arange(start, start + n_samples) % _NOISE_SAMPLES
        return _pink_noise()[at].tobytes()

    def is_over(self, position: int) -> bool:
        """Never."""
        return False


class Recorded:
    """A recording that lies in an open file of its own, which nobody else needs to keep."""

    def __init__(self, file: BinaryIO, n_samples: int, *, n_added: int = 0) -> None:
        """Take the file over.

        Args:
            file: PCM16 mono 24 kHz and nothing else; closed by `close`.
            n_samples: How many samples are in it.
            n_added: How many of them are silence that was put around the recording.
        """
        self._file = file
        self._n_samples = n_samples
        self.recorded_ms = pcm_units.samples_to_ms(n_samples - n_added)
        """How long the recording is, without the silence that was put around it."""

    @property
    def n_samples(self) -> int:
        """How long it is, with all of its silence."""
        return self._n_samples

    def read(self, start: int, n_samples: int) -> bytes:
        """Return what lies there; nothing after `close`."""
        if self._file.closed:
            return b""
        n_samples = max(0, min(n_samples, self._n_samples - start))
        self._file.seek(pcm_units.BYTES_PER_SAMPLE * start)
        return self._file.read(pcm_units.BYTES_PER_SAMPLE * n_samples)

    def is_over(self, position: int) -> bool:
        """Whether the position lies behind the last sample."""
        return self._file.closed or position >= self._n_samples

    def close(self) -> None:
        """Give the disk space back; safe to call twice."""
        self._file.close()


class Spoken:
    """Speech that is still being made while it is played already."""

    def __init__(self, *, before_ms: int = 0, after_ms: int = 0) -> None:
        """Begin with `before_ms` of silence; `after_ms` follow the last word."""
        self._pcm = bytearray(before_ms * pcm_units.BYTES_PER_MS)
        self._after = bytes(after_ms * pcm_units.BYTES_PER_MS)
        self._is_complete = False

    @property
    def n_samples(self) -> int | None:
        """How long it is, once all of it has been made."""
        return len(self._pcm) // pcm_units.BYTES_PER_SAMPLE if self._is_complete else None

    async def fill(self, speech: AsyncIterator[bytes]) -> None:
        """Take the speech as it is made, two minutes at the most.

        Raises:
            Exception: What making it raised; what was made until then can be played.
        """
        most = len(self._pcm) + MAX_SPOKEN_MS * pcm_units.BYTES_PER_MS
        try:
            async for chunk in speech:
                self._pcm += chunk[: most - len(self._pcm)]
                if len(self._pcm) >= most:
                    break
        finally:
            self._pcm += self._after
            self._is_complete = True

    def read(self, start: int, n_samples: int) -> bytes:
        """Return what has been made of it so far."""
        first = pcm_units.BYTES_PER_SAMPLE * start
        return bytes(self._pcm[first : first + pcm_units.BYTES_PER_SAMPLE * n_samples])

    def is_over(self, position: int) -> bool:
        """Whether all of it has been made and lies before the position."""
        return self._is_complete and pcm_units.BYTES_PER_SAMPLE * position >= len(self._pcm)


@functools.cache
def _pink_noise() -> pcm_units.Int16Array:
    # Shaped in the frequency domain, where it is a circle: its end joins its beginning.
    generator = np.random.default_rng(_NOISE_SEED)
    spectrum = np.fft.rfft(generator.standard_normal(_NOISE_SAMPLES))
    frequencies = np.fft.rfftfreq(_NOISE_SAMPLES, 1 / pcm_units.SAMPLE_RATE_HZ)
    is_audible = frequencies >= _LOWEST_NOISE_HZ
    spectrum[is_audible] /= np.sqrt(frequencies[is_audible])
    spectrum[~is_audible] = 0
    noise = np.fft.irfft(spectrum, _NOISE_SAMPLES)
    wanted = 10 ** (LEVEL_DBFS / 20)
    return pcm_units.to_int16(pcm_units.from_float(noise * (wanted / np.sqrt(np.mean(noise**2)))))
