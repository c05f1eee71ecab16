"""Speech synthesis by Piper, for who has installed it and has a voice of it."""

from __future__ import annotations

import contextlib
import importlib.util
import zlib
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Final

from console import invocation
from console.errors import ConfigurationError
from console.simulator.speech import speakable
from console.simulator.speech.voice import VOICES
from console.simulator.speech.worker import Worker

PACKAGE: Final = "piper"
INSTALL: Final = invocation.install_extra("voices")
_LONGEST_TEXT: Final = 300
_GAIN_DB: Final = -6.0
"""The package makes every sentence as loud as can be; this brings it near the other voices."""


class PiperVoice:
    """Implements `senses.Voice`; one voice file for all sessions.

    A file with several speakers gives each name of the API one of them, always the same; a file
    with one has one voice.
    """

    def __init__(self, model: Path) -> None:
        """Check what is needed; nothing is loaded yet.

        Args:
            model: The voice's file (`.onnx`); its description (`.onnx.json`) stands beside it.

        Raises:
            ConfigurationError: The package is not installed, or a file is missing.
        """
        if importlib.util.find_spec(PACKAGE) is None:
            raise ConfigurationError(f"--voices piper needs a package more: {INSTALL}.")
        for path in (model, model.with_name(f"{model.name}.json")):
            if not path.is_file():
                raise ConfigurationError(
                    f"--voices piper:{model}: there is no file {path}. A voice of Piper is a "
                    "file .onnx and one .onnx.json beside it; nothing is downloaded from here."
                )
        self._worker = Worker(
            "console.simulator.speech.piper_process", "voice", [str(model.resolve())]
        )

    @property
    def worker(self) -> Worker:
        """The engine's process."""
        return self._worker

    async def speak(self, text: str, voice: str, speed: float) -> AsyncGenerator[bytes, None]:
        """Say one sentence, in chunks of 100 ms; the last may be shorter.

        Closing the generator stops the synthesis at the next chunk.

        Raises:
            SpeechEngineError: The synthesis cannot be used (when iterated).
            ValueError: The speed is not above zero (when iterated).
        """
        if speed <= 0:
            raise ValueError(f"The speed must be above zero, not {speed}.")
        header = {"speaker": speaker(voice), "speed": speed, "gain_db": _GAIN_DB}
        for part in speakable.parts(speakable.expand(text), _LONGEST_TEXT):
            request = self._worker.request({"text": part, **header})
            async with contextlib.aclosing(request) as answers:
                async for _, sound in answers:
                    yield sound


def speaker(voice: str) -> int:
    """Return the number of a speaker for a name of the API, always the same."""
    names = list(VOICES)
    return names.index(voice) if voice in VOICES else zlib.crc32(voice.encode()) % 997
