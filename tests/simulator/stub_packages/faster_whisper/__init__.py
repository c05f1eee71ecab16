"""Stands in for the package faster_whisper: the same calls; tells what it was given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass
class Segment:
    text: str
    avg_logprob: float
    no_speech_prob: float = 0.0


@dataclass
class TranscriptionInfo:
    language: str
    duration: float


class WhisperModel:
    def __init__(
        self,
        model_size_or_path: str,
        device: str = "auto",
        compute_type: str = "default",
        local_files_only: bool = False,
    ) -> None:
        if not local_files_only or not Path(model_size_or_path).is_dir():
            raise RuntimeError("this would download a model")

    def transcribe(
        self,
        audio: str | np.ndarray,
        language: str | None = None,
        beam_size: int = 5,
        temperature: float | Sequence[float] = 0.0,
        condition_on_previous_text: bool = True,
        initial_prompt: str | None = None,
        without_timestamps: bool = False,
    ) -> tuple[Iterable[Segment], TranscriptionInfo]:
        assert isinstance(audio, np.ndarray)
        assert audio.dtype == np.float32
        seconds = len(audio) / 16_000

        def segments() -> Iterable[Segment]:
            yield Segment(f" {seconds:.1f} seconds,", -0.1)
            yield Segment(f" hint {initial_prompt}.", -0.3)

        return segments(), TranscriptionInfo("en", seconds)
