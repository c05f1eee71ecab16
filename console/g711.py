"""G.711: 16-bit samples as one logarithmic byte each, µ-law (Americas, Japan) and A-law (elsewhere).

Both laws keep a sign, the power of two that a sample lies in and four bits of where in it, so the
error grows with the sample. Linear samples are int16; µ-law uses the upper 14 bits of them and
A-law the upper 13. Encoding takes the magnitude of a negative sample as its ones' complement and
cuts the rest off, as the ITU's own software tools do; decoding answers the middle of the interval.

Source: ITU-T G.711, tables 1a to 2b.
"""

from __future__ import annotations

import functools
from typing import Final

import numpy as np
import numpy.typing as npt

from console import pcm

BYTES_PER_MS: Final = 8
"""A byte for each of 8,000 samples a second."""

_Codes = npt.NDArray[np.uint8]
_Wide = npt.NDArray[np.int32]

_SIGN: Final = 0x80
_ULAW_BIAS: Final = 33
"""Added to 14-bit magnitudes, so that every segment begins at a power of two."""
_ULAW_LARGEST: Final = 0x1FFF
_ALAW_TOGGLED: Final = 0x55
"""A-law sends every other bit inverted."""


def ulaw_encode(pcm16: bytes | bytearray) -> bytes:
    """Return PCM16 as µ-law, one byte for each sample.

    Raises:
        ValueError: Half a sample is missing.
    """
    return _encode(pcm16, _ulaw_codes())


def ulaw_decode(codes: bytes | bytearray | memoryview) -> bytes:
    """Return µ-law as PCM16, two bytes for each code."""
    return _decode(codes, _ulaw_samples())


def alaw_encode(pcm16: bytes | bytearray) -> bytes:
    """Return PCM16 as A-law, one byte for each sample.

    Raises:
        ValueError: Half a sample is missing.
    """
    return _encode(pcm16, _alaw_codes())


def alaw_decode(codes: bytes | bytearray | memoryview) -> bytes:
    """Return A-law as PCM16, two bytes for each code."""
    return _decode(codes, _alaw_samples())


def _encode(pcm16: bytes | bytearray, table: _Codes) -> bytes:
    pcm.check_chunk(pcm16)
    # A negative sample, read as unsigned, lies in the upper half of the table.
    codes: _Codes = table[np.frombuffer(pcm16, dtype="<u2")]
    return codes.tobytes()


def _decode(codes: bytes | bytearray | memoryview, table: pcm.Int16Array) -> bytes:
    return table[np.frombuffer(codes, dtype=np.uint8)].astype("<i2").tobytes()


# ---------------------------------------------------------------- tables, made on first use


@functools.cache
def _ulaw_codes() -> _Codes:
    samples, magnitudes = _all_samples()
    biased = np.minimum((magnitudes >> 2) + _ULAW_BIAS, _ULAW_LARGEST)
    segment = _top_bit(biased) - 5
    step = (biased >> (segment + 1)) & 0x0F
    # All bits travel inverted, so the sign bit is set for what is not negative.
    return (~_signed(segment << 4 | step, samples < 0) & 0xFF).astype(np.uint8)


@functools.cache
def _ulaw_samples() -> pcm.Int16Array:
    codes = ~np.arange(256, dtype=np.int32) & 0xFF
    segment, step = codes >> 4 & 0x07, codes & 0x0F
    magnitudes = ((2 * step + _ULAW_BIAS << segment) - _ULAW_BIAS) << 2
    return np.where(codes & _SIGN, -magnitudes, magnitudes).astype(np.int16)


@functools.cache
def _alaw_codes() -> _Codes:
    samples, magnitudes = _all_samples()
    scaled = magnitudes >> 4
    # The lowest two segments are one straight line of 32 steps.
    segment = np.maximum(_top_bit(np.maximum(scaled, 1)) - 3, 0)
    shifted = scaled >> np.maximum(segment - 1, 0)
    law = np.where(segment, segment << 4 | shifted & 0x0F, scaled)
    return (_signed(law, samples >= 0) ^ _ALAW_TOGGLED).astype(np.uint8)


@functools.cache
def _alaw_samples() -> pcm.Int16Array:
    codes = np.arange(256, dtype=np.int32) ^ _ALAW_TOGGLED
    segment, step = codes >> 4 & 0x07, codes & 0x0F
    in_first = (step << 4) + 8
    magnitudes = np.where(segment, in_first + 0x100 << np.maximum(segment - 1, 0), in_first)
    return np.where(codes & _SIGN, magnitudes, -magnitudes).astype(np.int16)


def _all_samples() -> tuple[_Wide, _Wide]:
    """Return every int16 in the order of its unsigned reading, and its magnitude."""
    samples = np.arange(65_536, dtype=np.uint16).view(np.int16).astype(np.int32)
    return samples, np.where(samples < 0, ~samples, samples)


def _top_bit(values: _Wide) -> _Wide:
    return np.asarray(np.frexp(values)[1] - 1, dtype=np.int32)


def _signed(law: _Wide, has_sign_bit: npt.NDArray[np.bool_]) -> _Wide:
    return np.where(has_sign_bit, law | _SIGN, law)
