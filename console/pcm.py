"""PCM16: units and conversions, in one place.

=============  ==================================================================
sample         one int16, mono, little-endian; 24,000 of them are a second
chunk          ``bytes`` of any even length; two bytes a sample
milliseconds   counted from the session's first sample unless a name says otherwise
float          float32 in [-1, 1); 1.0 stands for 32,768
=============  ==================================================================
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pybase64

SAMPLE_RATE_HZ: Final = 24_000
"""The protocol's PCM rate."""
BYTES_PER_SAMPLE: Final = 2
BYTES_PER_MS: Final = SAMPLE_RATE_HZ * BYTES_PER_SAMPLE // 1000

Int16Array = npt.NDArray[np.int16]
Float32Array = npt.NDArray[np.float32]


def samples_to_ms(n_samples: int) -> float:
    """Return the duration of `n_samples` at 24 kHz in milliseconds."""
    return n_samples * 1000 / SAMPLE_RATE_HZ


def ms_to_samples(duration_ms: float) -> int:
    """Return how many whole samples fit into `duration_ms` at 24 kHz."""
    return int(duration_ms * SAMPLE_RATE_HZ / 1000)


def bytes_to_ms(size_bytes: int) -> float:
    """Return the duration of `size_bytes` of PCM16 at 24 kHz in milliseconds."""
    return size_bytes / BYTES_PER_MS


def check_chunk(pcm: bytes | bytearray) -> None:
    """Refuse what cannot be PCM16.

    Raises:
        ValueError: The length is odd, so half a sample is missing.
    """
    if len(pcm) % BYTES_PER_SAMPLE:
        raise ValueError(
            f"PCM16 comes in pairs of bytes, but this chunk has {len(pcm)} bytes; "
            "pass whole samples."
        )


def encode(pcm: bytes | bytearray | memoryview) -> str:
    """Return `pcm` as base64 text, as the wire carries it."""
    return pybase64.b64encode_as_string(pcm)


def decode(text: str) -> bytes:
    """Return the bytes of strict base64 `text`.

    Raises:
        ValueError: The text is not base64 (junk characters or wrong padding).
    """
    return pybase64.b64decode(text, validate=True)


def decoded_size(text: str) -> int:
    """Return how many bytes base64 `text` stands for, without decoding it."""
    return len(text) * 3 // 4 - text[-2:].count("=")


def to_int16(pcm: bytes | bytearray | memoryview) -> Int16Array:
    """Return a read-only view of `pcm`, shape ``(n_samples,)``, int16."""
    return np.frombuffer(pcm, dtype="<i2")


def to_float(pcm: bytes | bytearray | memoryview) -> Float32Array:
    """Return `pcm` as float32 in [-1, 1), shape ``(n_samples,)``."""
    return to_int16(pcm).astype(np.float32) / np.float32(32_768)


def from_float(samples: npt.ArrayLike) -> bytes:
    """Return float samples in [-1, 1] as PCM16; values outside are clipped, NaN is silence."""
    clean = np.nan_to_num(np.asarray(samples, dtype=np.float32), nan=0.0, posinf=1.0, neginf=-1.0)
    scaled = np.clip(np.rint(np.clip(clean, -1.0, 1.0) * 32_768), -32_768, 32_767)
    return scaled.astype("<i2").tobytes()


def rms_dbfs(pcm: bytes | bytearray | memoryview) -> float:
    """Return the level of `pcm` in dB below full scale; -120 for silence and for nothing."""
    samples = to_float(pcm)
    if not samples.size:
        return -120.0
    power = float(np.mean(np.square(samples, dtype=np.float64)))
    return max(-120.0, 10 * float(np.log10(power + 1e-12)))
