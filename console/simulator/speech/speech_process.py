"""The voice's process: eSpeak NG says one sentence per request. Started by `voice.py`.

The library is licensed under the GPL, version 3 or later. It is loaded in this process only,
which has nothing of the console but the way to pass messages.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from console import pcm
from console.pcm import Int16Array
from console.simulator.speech.sound_pieces import SoundPieces
from console.simulator.speech.worker_program import Answer, Header, IsCancelled, Work, serve

_BUFFER_MS: Final = 50
# Values of speak_lib.h.
_SYNCHRONOUS: Final = 2
_DONT_EXIT: Final = 0x8000
_RATE, _PITCH, _WORD_GAP = 1, 3, 7
_UTF8: Final = 1
_ON_SOUND: Final = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)
Sink = Callable[[Int16Array], bool]
"""Takes samples at the engine's rate; True stops the synthesis."""


class _Espeak:
    """The library: one state for the whole process."""

    def __init__(self) -> None:
        # Imported here: only the worker may load it.
        import espeakng_loader

        self._library: Any = ctypes.CDLL(espeakng_loader.get_library_path())
        self._library.espeak_Initialize.argtypes = [
            ctypes.c_int,
            ctypes.c_int,
            ctypes.c_char_p,
            ctypes.c_int,
        ]
        data = str(espeakng_loader.get_data_path()).encode()
        self.rate_hz: int = self._library.espeak_Initialize(
            _SYNCHRONOUS, _BUFFER_MS, data, _DONT_EXIT
        )
        if self.rate_hz <= 0:
            raise RuntimeError("eSpeak NG has not found its data")
        self._sink: Sink | None = None
        # The library keeps the address only; the object must live as long.
        self._callback = _ON_SOUND(self._on_sound)
        self._library.espeak_SetSynthCallback(self._callback)
        self._library.espeak_Synth.argtypes = [
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.c_uint,
            ctypes.c_int,
            ctypes.c_uint,
            ctypes.c_uint,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ]

    def say(self, text: str, voice: str, *, rate: int, pitch: int, gap: int, sink: Sink) -> None:
        """Synthesise `text`; returns when it has been said or `sink` has stopped it."""
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise ValueError(f"eSpeak NG has no voice {voice!r}")
        for parameter, value in ((_RATE, rate), (_PITCH, pitch), (_WORD_GAP, gap)):
            self._library.espeak_SetParameter(parameter, value, 0)
        self._sink = sink
        said = text.encode("utf-8", errors="ignore")
        # Without the SSML flag, markup in the text is text.
        self._library.espeak_Synth(said, len(said) + 1, 0, 0, 0, _UTF8, None, None)
        self._sink = None

    def _on_sound(self, samples: Any, n_samples: int, _: Any) -> int:
        if self._sink is None:
            return 1
        if not samples or n_samples <= 0:
            return 0
        return int(self._sink(np.ctypeslib.as_array(samples, (n_samples,)).copy()))


class _Speaker:
    """Brings the library's sound to the wire's rate and level."""

    def __init__(self) -> None:
        self._espeak = _Espeak()

    def work(self, header: Header, _: bytes, answer: Answer, is_cancelled: IsCancelled) -> None:
        """Answer with the sound, chunk by chunk."""
        pieces = SoundPieces(self._espeak.rate_hz, header["gain_db"])

        def sink(samples: Int16Array) -> bool:
            for chunk in pieces.take(pcm.to_float(samples.tobytes())):
                if not is_cancelled():
                    answer({}, chunk)
            return is_cancelled()

        self._espeak.say(
            header["text"],
            header["voice"],
            rate=header["rate"],
            pitch=header["pitch"],
            gap=header["gap"],
            sink=sink,
        )
        for chunk in pieces.take(np.zeros(0, dtype=np.float32), last=True):
            answer({}, chunk)


def _load() -> Work:
    return _Speaker().work


if __name__ == "__main__":
    serve(_load)
