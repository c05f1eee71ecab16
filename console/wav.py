"""PCM16 to WAV and back, in memory."""

from __future__ import annotations

import io
import struct
import wave
from typing import Final

from console import pcm as pcm_units

MIME_TYPE: Final = "audio/wav"


def header(size_bytes: int, sample_rate_hz: int = pcm_units.SAMPLE_RATE_HZ) -> bytes:
    """Return the 44 bytes that make `size_bytes` of mono PCM16 a WAV file."""
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF", 36 + size_bytes, b"WAVE",
        b"fmt ", 16, 1, 1, sample_rate_hz, sample_rate_hz * 2, 2, 16,
        b"data", size_bytes,
    )  # fmt: skip


def pack(pcm: bytes | bytearray, sample_rate_hz: int = pcm_units.SAMPLE_RATE_HZ) -> bytes:
    """Return a WAV file of mono PCM16.

    Raises:
        ValueError: `pcm` has an odd length.
    """
    pcm_units.check_chunk(pcm)
    return header(len(pcm), sample_rate_hz) + bytes(pcm)


def unpack(data: bytes) -> tuple[bytes, int]:
    """Return the first channel of a 16-bit WAV file and its rate in Hz.

    Raises:
        ValueError: `data` is not a 16-bit PCM WAV file.
    """
    try:
        with wave.open(io.BytesIO(data)) as reader:
            if reader.getsampwidth() != 2:
                raise ValueError(f"expected 16-bit samples, got {8 * reader.getsampwidth()}-bit")
            samples = pcm_units.to_int16(reader.readframes(reader.getnframes()))
            return samples[:: reader.getnchannels()].tobytes(), reader.getframerate()
    except (wave.Error, EOFError) as error:
        raise ValueError(f"not a WAV file that can be read: {error}") from error
