"""Whisper's process: decodes one utterance per request. Started by `whisper_ears.py`.

The one argument is the folder of the model.
"""

from __future__ import annotations

import math
import sys
from typing import Any

from console import pcm
from console.simulator.speech.worker_program import Answer, Header, IsCancelled, Work, serve


class _Whisper:
    def __init__(self, folder: str) -> None:
        # Imported here, in the worker only: it is large, and an extra.
        from faster_whisper import WhisperModel  # type: ignore[import-not-found, unused-ignore]

        # Nothing is ever fetched: a folder that is not whole is an error.
        self._model: Any = WhisperModel(folder, compute_type="int8", local_files_only=True)

    def work(self, header: Header, sound: bytes, answer: Answer, is_cancelled: IsCancelled) -> None:
        """Answer with the text and its confidence."""
        segments, _ = self._model.transcribe(
            pcm.to_float(sound),
            beam_size=5,
            temperature=(0.0, 0.4),
            condition_on_previous_text=False,
            without_timestamps=True,
            initial_prompt=header["hint"] or None,
        )
        texts: list[str] = []
        scores: list[float] = []
        # The work is done as the segments are asked for.
        for segment in segments:
            if is_cancelled():
                return
            texts.append(segment.text.strip())
            scores.append(segment.avg_logprob)
        confidence = math.exp(min(0.0, sum(scores) / len(scores))) if scores else 0.0
        answer({"text": " ".join(filter(None, texts)), "confidence": confidence}, b"")


def _load() -> Work:
    return _Whisper(sys.argv[1]).work


if __name__ == "__main__":
    serve(_load)
