"""Test speech: sentences said by flite, as 24 kHz PCM16; said once, then kept in the temp folder."""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import soxr

from console import pcm, wav

VOICES = ("slt", "rms", "kal16", "awb")
_CACHE = Path(tempfile.gettempdir()) / f"realtime-console-speech-{os.getuid()}"


@functools.cache
def say(text: str, voice: str = "slt") -> bytes:
    """Return `text` said by a voice of flite, as PCM16 mono 24 kHz without added silence."""
    _CACHE.mkdir(mode=0o700, exist_ok=True)
    name = hashlib.sha256(f"{voice}\n{text}".encode()).hexdigest()[:24]
    kept = _CACHE / f"{name}.pcm"
    if not kept.exists():
        # Written whole under another name first: two test runs may want it at the same time.
        fresh = kept.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(_flite(text, voice))
        fresh.replace(kept)
    return kept.read_bytes()


def silence(duration_ms: int) -> bytes:
    """Return `duration_ms` of digital silence."""
    return bytes(duration_ms * pcm.BYTES_PER_MS)


def turn(text: str, voice: str = "slt", before_ms: int = 400, after_ms: int = 900) -> bytes:
    """Return `text` with silence before and after it."""
    return silence(before_ms) + say(text, voice) + silence(after_ms)


def _flite(text: str, voice: str) -> bytes:
    program = shutil.which("flite")
    if program is None:
        raise RuntimeError("These tests need flite to speak: apt-get install flite")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        subprocess.run([program, "-voice", voice, "-t", text, "-o", str(path)], check=True)
        samples, rate_hz = wav.unpack(path.read_bytes())
    return pcm.from_float(soxr.resample(pcm.to_float(samples), rate_hz, pcm.SAMPLE_RATE_HZ))
