"""Audio formats of the wire, and streams between them and the PCM16 24 kHz of everything else.

===============  ========  ================================================
``audio/pcm``    24 kHz    16-bit little-endian, passed on as it is
``audio/pcmu``   8 kHz     G.711 µ-law, a byte for a sample
``audio/pcma``   8 kHz     G.711 A-law, a byte for a sample
===============  ========  ================================================

Changing the rate needs to look ahead, so an `Encoder` or `Decoder` of 8 kHz holds back the newest
audio, up to 80 ms of it; nothing is shifted: the first sample that comes out stands at the time of
the first that went in. The last chunk of a stream brings out the rest, and the two durations then
agree to within one sample.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import soxr

from console import g711, pcm

_PHONE_RATE_HZ: Final = 8000
# The high quality keeps all of a telephone's band (to 3.4 kHz; the low one takes 8 dB off there)
# and lets nothing through that would fold back into it.
_QUALITY: Final = "HQ"
_SLICE: Final = 4000


class AudioFormat(StrEnum):
    """A format, named as on the wire."""

    PCM = "audio/pcm"
    PCMU = "audio/pcmu"
    PCMA = "audio/pcma"

    @property
    def rate_hz(self) -> int:
        """Samples a second."""
        return pcm.SAMPLE_RATE_HZ if self is AudioFormat.PCM else _PHONE_RATE_HZ

    @property
    def bytes_per_sample(self) -> int:
        """Size of one sample."""
        return pcm.BYTES_PER_SAMPLE if self is AudioFormat.PCM else 1

    def duration_ms(self, size_bytes: int) -> float:
        """Return how long `size_bytes` of this format last."""
        return size_bytes * 1000 / (self.rate_hz * self.bytes_per_sample)

    def wire(self) -> dict[str, Any]:
        """Return the format as sessions and responses show it."""
        rate = {"rate": self.rate_hz} if self is AudioFormat.PCM else {}
        return {"type": self.value, **rate}


def of_wire(shown: Mapping[str, Any]) -> AudioFormat:
    """Return the format that a session's or a response's `format` object names.

    Raises:
        ValueError: It names none that we know.
    """
    kind = shown.get("type")
    known = ", ".join(each.value for each in AudioFormat)
    if kind not in tuple(AudioFormat):
        raise ValueError(f"There is no audio format {kind!r}; known are {known}.")
    return AudioFormat(kind)


class Encoder:
    """One stream of PCM16 24 kHz on its way to the wire."""

    def __init__(self, audio_format: AudioFormat) -> None:
        self._format = audio_format
        self._rate = _Resampler(pcm.SAMPLE_RATE_HZ, audio_format.rate_hz)

    def encode(self, pcm24k: bytes, last: bool = False) -> bytes:
        """Return what is ready of the stream in the wire's format.

        Args:
            pcm24k: The next audio, PCM16 mono 24 kHz; may be empty.
            last: No more comes: bring out what was held back. The next call begins a new stream.

        Raises:
            ValueError: Half a sample is missing; the stream goes on as if nothing had come.
        """
        pcm.check_chunk(pcm24k)
        if self._format is AudioFormat.PCM:
            return pcm24k
        law = g711.ulaw_encode if self._format is AudioFormat.PCMU else g711.alaw_encode
        return law(self._rate.change(pcm24k, last=last))


class Decoder:
    """One stream of the wire on its way to PCM16 24 kHz."""

    def __init__(self, audio_format: AudioFormat) -> None:
        self._format = audio_format
        self._rate = _Resampler(audio_format.rate_hz, pcm.SAMPLE_RATE_HZ)

    @property
    def n_held(self) -> int:
        """Samples at 24 kHz that have not come out yet; 0 for PCM and after the last chunk."""
        return self._rate.n_held

    def decode(self, data: bytes, last: bool = False) -> bytes:
        """Return what is ready of the stream as PCM16 mono 24 kHz.

        Args:
            data: The next audio in the wire's format; may be empty.
            last: No more comes: bring out what was held back. The next call begins a new stream.

        Raises:
            ValueError: It is PCM and half a sample is missing.
        """
        if self._format is AudioFormat.PCM:
            pcm.check_chunk(data)
            return data
        law = g711.ulaw_decode if self._format is AudioFormat.PCMU else g711.alaw_decode
        return self._rate.change(law(data), last=last)


class _Resampler:
    """A stream of PCM16 from one rate to another."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._from_hz = from_hz
        self._to_hz = to_hz
        self._begin()

    def _begin(self) -> None:
        self._n_in = 0
        self._n_out = 0
        self._stream: Any = None

    @property
    def n_held(self) -> int:
        """Samples of the rate that comes out which are still to come."""
        return round(self._n_in * self._to_hz / self._from_hz) - self._n_out

    def change(self, pcm16: bytes, *, last: bool) -> bytes:
        """Take the next samples and return those that are ready."""
        if self._stream is None:
            self._stream = soxr.ResampleStream(
                self._from_hz, self._to_hz, 1, dtype="float32", quality=_QUALITY
            )
        # The engine is slow with minutes at once, and quick with the same in pieces.
        samples = pcm.to_float(pcm16)
        ready = [self._push(samples[at : at + _SLICE]) for at in range(0, len(samples), _SLICE)]
        if last:
            ready.append(self._push(samples[:0], last=True))
            self._begin()
        return b"".join(ready)

    def _push(self, samples: pcm.Float32Array, *, last: bool = False) -> bytes:
        # In floats: the engine's own way to 16 bits adds noise, and repeats nothing exactly.
        ready = self._stream.resample_chunk(samples, last=last)
        self._n_in += len(samples)
        self._n_out += len(ready)
        return pcm.from_float(ready)
