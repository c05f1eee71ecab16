"""Stands in for the package piper: the same calls, a hum instead of a voice."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np


class PhonemeType(StrEnum):
    ESPEAK = "espeak"
    PINYIN = "pinyin"


@dataclass
class PiperConfig:
    num_speakers: int
    sample_rate: int
    phoneme_type: PhonemeType
    length_scale: float


@dataclass
class SynthesisConfig:
    speaker_id: int | None = None
    length_scale: float | None = None
    noise_scale: float | None = None
    noise_w_scale: float | None = None
    normalize_audio: bool = True
    volume: float = 1.0


@dataclass
class AudioChunk:
    sample_rate: int
    sample_width: int
    sample_channels: int
    audio_float_array: np.ndarray


@dataclass
class PiperVoice:
    config: PiperConfig

    @staticmethod
    def load(model_path: str | Path) -> PiperVoice:
        described = json.loads(Path(f"{model_path}.json").read_text())
        return PiperVoice(
            PiperConfig(
                described["num_speakers"],
                described["audio"]["sample_rate"],
                PhonemeType(described.get("phoneme_type", "espeak")),
                described["inference"]["length_scale"],
            )
        )

    def synthesize(
        self, text: str, syn_config: SynthesisConfig | None = None, include_alignments: bool = False
    ) -> Iterable[AudioChunk]:
        assert syn_config is not None
        assert syn_config.length_scale is not None
        assert (syn_config.speaker_id is None) == (self.config.num_speakers == 1)
        rate_hz = self.config.sample_rate
        pitch_hz = 200 + 50 * (syn_config.speaker_id or 0)
        for sentence in filter(None, text.split(". ")):
            n_samples = int(rate_hz * 0.06 * len(sentence) * syn_config.length_scale)
            wave = np.sin(2 * np.pi * pitch_hz / rate_hz * np.arange(n_samples))
            yield AudioChunk(rate_hz, 2, 1, wave.astype(np.float32))
