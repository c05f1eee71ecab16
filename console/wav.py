"""PCM16 to WAV and back, in memory."""

from __future__ import annotations

import io
import struct
import wave
from typing import Final

from console import pcm as pcm_units

MIME_TYPE: Final = "audio/wav"

_PCM: Final = 1
_EXTENSIBLE: Final = 0xFFFE
"""The format of a file that names its real one further back, with the places of its channels."""
_PCM_SUBFORMAT: Final = struct.pack("<IHH", _PCM, 0, 0x0010) + bytes.fromhex("800000aa00389b71")
_SUBFORMAT_AT: Final = 24


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

    A file that was cut in mid-sample gives the whole ones.

    Raises:
        ValueError: `data` is not a 16-bit PCM WAV file.
    """
    try:
        with reader_of(data) as reader:
            if reader.getsampwidth() != 2:
                raise ValueError(f"expected 16-bit samples, got {8 * reader.getsampwidth()}-bit")
            frames = reader.readframes(reader.getnframes())
            n_whole = len(frames) // (2 * reader.getnchannels())
            samples = pcm_units.to_int16(frames[: 2 * reader.getnchannels() * n_whole])
            return samples[:: reader.getnchannels()].tobytes(), reader.getframerate()
    except (wave.Error, EOFError) as error:
        why = str(error) or "it ends too early"
        raise ValueError(f"not a WAV file that can be read: {why}") from error


def reader_of(data: bytes) -> wave.Wave_read:
    """Open a WAV file of PCM, whichever of the two ways it calls that; close what is returned.

    Raises:
        wave.Error: It is no WAV file, or not of PCM.
        EOFError: It ends before the sound begins.
    """
    return wave.Wave_read(io.BytesIO(_plain(data)))


def _plain(data: bytes) -> bytes:
    """Return the file with the plain name of PCM in its header, the only one that `wave` knows."""
    at = 12
    while (head := data[at : at + 8])[4:]:
        size_bytes = int.from_bytes(head[4:], "little")
        begin = at + 8
        if head[:4] == b"fmt ":
            chunk = data[begin : begin + size_bytes]
            if (
                int.from_bytes(chunk[:2], "little") == _EXTENSIBLE
                and chunk[_SUBFORMAT_AT:][:16] == _PCM_SUBFORMAT
            ):
                return data[:begin] + _PCM.to_bytes(2, "little") + data[begin + 2 :]
            return data
        at = begin + size_bytes + size_bytes % 2
    return data
