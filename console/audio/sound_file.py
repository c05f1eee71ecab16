"""Sound files of any kind, rate and number of channels as PCM16 mono at 24 kHz.

Decoded in blocks into a temporary file that has no name: neither the length of a file nor what
its header claims decides how much memory it takes, and nothing is left behind by a crash.
"""

from __future__ import annotations

import os
import tempfile
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import numpy as np
import numpy.typing as npt
import soxr

from console import pcm as pcm_units
from console import wav
from console.audio.sounds import Recorded
from console.regular_file import check_regular

MAX_FILE_BYTES: Final = 50 * 1024 * 1024
MAX_DURATION_S: Final = 600
MAX_CHANNELS: Final = 32
MIN_RATE_HZ: Final = 1_000
MAX_RATE_HZ: Final = 768_000
_BLOCK_FRAMES: Final = 32_768
_IN_MEMORY_BYTES: Final = 1024 * 1024
"""A question of 20 s never touches the disk."""
_READABLE: Final = "WAV, FLAC, MP3, Ogg (Vorbis or Opus) and AIFF are"
_CONVERT: Final = f"{_READABLE}; convert it, for example with: ffmpeg -i old.file new.wav"
_EBML: Final = b"\x1a\x45\xdf\xa3"

_Mono = npt.NDArray[np.float32]


def open_file(path: Path, *, before_ms: int = 0, after_ms: int = 0) -> Recorded:
    """Read a sound file of this machine.

    Args:
        path: The file.
        before_ms: Silence to put before it.
        after_ms: Silence to put behind it.

    Raises:
        OSError: It cannot be opened.
        ValueError: It cannot be used; the message says what is wrong with it.
    """
    check_regular(path)
    with path.open("rb") as file:
        return read(file, before_ms=before_ms, after_ms=after_ms)


def read(file: BinaryIO, *, before_ms: int = 0, after_ms: int = 0) -> Recorded:
    """Read a sound file from its beginning; its content alone says what it is.

    Args:
        file: An open file that can seek; it stays open.
        before_ms: Silence to put before it.
        after_ms: Silence to put behind it.

    Raises:
        ValueError: It is empty, too large, too long, damaged, or no sound; the message says which.
    """
    size_bytes = file.seek(0, os.SEEK_END)
    file.seek(0)
    if size_bytes == 0:
        raise ValueError("it is empty")
    if size_bytes > MAX_FILE_BYTES:
        raise ValueError(
            f"it has {size_bytes / 1024**2:.0f} MiB; {MAX_FILE_BYTES // 1024**2} MiB is the most"
        )
    decoded = cast("BinaryIO", tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES))  # noqa: SIM115
    try:
        decoded.write(bytes(before_ms * pcm_units.BYTES_PER_MS))
        n_bytes = _decode(file, decoded)
        if n_bytes == 0:
            raise ValueError("there is no sound in it")
        decoded.write(bytes(after_ms * pcm_units.BYTES_PER_MS))
    except BaseException:
        decoded.close()
        raise
    n_samples = decoded.tell() // pcm_units.BYTES_PER_SAMPLE
    return Recorded(decoded, n_samples, n_added=n_samples - n_bytes // pcm_units.BYTES_PER_SAMPLE)


def _decode(file: BinaryIO, decoded: BinaryIO) -> int:
    """Write the sound as PCM16 mono 24 kHz to `decoded`; return how many bytes."""
    n_bytes = 0
    with _opened(file) as (rate_hz, blocks):
        _check_rate(rate_hz)
        for block in _resampled(blocks, rate_hz):
            n_bytes += decoded.write(pcm_units.from_float(block))
            # What the header says of the length need not be true.
            if n_bytes > MAX_DURATION_S * 1000 * pcm_units.BYTES_PER_MS:
                raise ValueError(f"it is longer than {MAX_DURATION_S // 60} min, which is the most")
    return n_bytes


def _check_rate(rate_hz: int) -> None:
    if not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
        raise ValueError(f"it claims {rate_hz:,} samples a second, which is no rate of sound")


def _resampled(blocks: Iterator[_Mono], rate_hz: int) -> Iterator[_Mono]:
    if rate_hz == pcm_units.SAMPLE_RATE_HZ:
        yield from blocks
        return
    resampler = soxr.ResampleStream(rate_hz, pcm_units.SAMPLE_RATE_HZ, 1, dtype="float32")
    for block in blocks:
        yield resampler.resample_chunk(block)
    yield resampler.resample_chunk(np.zeros(0, np.float32), last=True)


@contextmanager
def _opened(file: BinaryIO) -> Iterator[tuple[int, Iterator[_Mono]]]:
    """Give the rate and the samples, mixed to one channel."""
    if (plain := _plain_wav(file)) is not None:
        with plain:
            yield plain.getframerate(), _plain_blocks(plain)
        return
    soundfile = _library()
    try:
        with soundfile.SoundFile(file) as sound:
            if sound.channels > MAX_CHANNELS:
                raise ValueError(f"it has {sound.channels} channels; {MAX_CHANNELS} is the most")
            yield sound.samplerate, _blocks(sound)
    except soundfile.LibsndfileError as error:
        raise ValueError(_why_not(file, str(error.error_string))) from error


def _plain_wav(file: BinaryIO) -> wave.Wave_read | None:
    """Open what our own reader knows, which needs no library: 16 bits, one channel."""
    plain: wave.Wave_read | None
    try:
        plain = wave.Wave_read(file)
    except (wave.Error, EOFError):
        plain = _renamed_wav(file)
    if plain is not None and (plain.getsampwidth(), plain.getnchannels()) == (2, 1):
        return plain
    file.seek(0)
    return None


def _renamed_wav(file: BinaryIO) -> wave.Wave_read | None:
    """Open a WAV file whose header calls plain samples by another name."""
    try:
        file.seek(0)
        wav.reader_of(file.read(4096)).close()
        file.seek(0)
        return wav.reader_of(file.read())
    except (wave.Error, EOFError):
        return None


def _plain_blocks(plain: wave.Wave_read) -> Iterator[_Mono]:
    while block := plain.readframes(_BLOCK_FRAMES):
        yield pcm_units.to_float(block[: len(block) // 2 * 2])  # it may be cut in mid-sample


def _blocks(sound: Any) -> Iterator[_Mono]:
    while True:
        block = sound.read(_BLOCK_FRAMES, dtype="float32", always_2d=True)
        if not len(block):
            return
        yield block.mean(axis=1)


def _library() -> Any:
    try:
        import soundfile
    except (ImportError, OSError) as error:  # the package, or the library within it, is missing
        raise ValueError(
            f"only 16-bit WAV files of one channel can be read here, since libsndfile is missing "
            f"({error}); install it with: pip install soundfile"
        ) from error
    return soundfile


def _why_not(file: BinaryIO, reason: str) -> str:
    file.seek(0)
    begin = file.read(12)
    if begin[4:8] == b"ftyp":
        return f"MP4 sound (.m4a, .mp4) cannot be read here; {_CONVERT}"
    if begin.startswith(_EBML):
        return f"WebM and Matroska sound (.webm, .mka) cannot be read here; {_CONVERT}"
    return (
        f"it is no sound file that can be read here, or damaged ({reason.strip(' .')}); {_READABLE}"
    )
