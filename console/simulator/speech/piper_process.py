"""Piper's process: says one sentence per request. Started by `piper_voice.py`.

The one argument is the voice's file. The package is licensed under the GPL, version 3 or later;
it is loaded in this process only, which has nothing of the console but the way to pass messages.
"""

from __future__ import annotations

import sys
from typing import Any, Final

import numpy as np

from console.simulator.speech.sound_pieces import SoundPieces
from console.simulator.speech.worker_program import Answer, Header, IsCancelled, Work, serve

_ALPHABETS: Final = ("espeak", "text")
"""Voices with other alphabets would fetch dictionaries from the network."""


class _Piper:
    def __init__(self, path: str) -> None:
        # Imported here, in the worker only: it is large, and an extra.
        import piper  # type: ignore[import-not-found, unused-ignore]

        self._config: Any = piper.SynthesisConfig
        self._voice: Any = piper.PiperVoice.load(path)
        alphabet = getattr(self._voice.config.phoneme_type, "value", "")
        if alphabet not in _ALPHABETS:
            raise ValueError(f"voices with the alphabet {alphabet!r} are not supported")

    def work(self, header: Header, _: bytes, answer: Answer, is_cancelled: IsCancelled) -> None:
        """Answer with the sound, chunk by chunk."""
        own = self._voice.config
        pieces = SoundPieces(own.sample_rate, header["gain_db"])
        speakers = max(1, own.num_speakers)
        config = self._config(
            speaker_id=header["speaker"] % speakers if speakers > 1 else None,
            length_scale=own.length_scale / header["speed"],
        )
        # Double brackets would be read as phonemes.
        text = header["text"].replace("[[", "[ [")
        for part in self._voice.synthesize(text, syn_config=config):
            for chunk in pieces.take(part.audio_float_array):
                if is_cancelled():
                    return
                answer({}, chunk)
        for chunk in pieces.take(np.zeros(0, dtype=np.float32), last=True):
            answer({}, chunk)


def _load() -> Work:
    return _Piper(sys.argv[1]).work


if __name__ == "__main__":
    serve(_load)
