"""Speech recognition by Whisper, for who has installed it and has a model of it."""

from __future__ import annotations

import asyncio
import importlib.util
from pathlib import Path
from typing import Final

from console import invocation, pcm
from console.errors import ConfigurationError
from console.simulator.senses import Transcript
from console.simulator.speech.drafts import Drafts
from console.simulator.speech.ears import prepare
from console.simulator.speech.worker import Worker

PACKAGE: Final = "faster_whisper"
INSTALL: Final = invocation.install_extra("ears")
MODEL_FILES: Final = ("model.bin", "config.json", "tokenizer.json")
"""Without the last of them the package would fetch one from the network."""


class WhisperEars:
    """Implements `senses.Ears`; one model for all sessions, first come first served."""

    def __init__(self, model: Path) -> None:
        """Check what is needed; nothing is loaded yet.

        Args:
            model: Folder of a model in the form of CTranslate2.

        Raises:
            ConfigurationError: The package is not installed, or the folder holds no model.
        """
        if importlib.util.find_spec(PACKAGE) is None:
            raise ConfigurationError(f"--ears whisper needs a package more: {INSTALL}.")
        missing = [name for name in MODEL_FILES if not (model / name).is_file()]
        if missing:
            raise ConfigurationError(
                f"--ears whisper:{model}: {', '.join(missing)} is not in that folder. Give the "
                "folder of a Whisper model in the form of CTranslate2, such as a download of "
                "faster-whisper-base.en; nothing is downloaded from here."
            )
        self._worker = Worker(
            "console.simulator.speech.whisper_process", "speech recogniser", [str(model.resolve())]
        )
        self._drafts = Drafts(self._worker)

    @property
    def worker(self) -> Worker:
        """The recogniser's process."""
        return self._worker

    async def draft(self, pcm24k: bytes) -> Transcript | None:
        """Return what can be made out of speech that goes on, unless this is not the time for it.

        Raises:
            SpeechEngineError: The recogniser cannot be used.
            ValueError: Half a sample is missing.
        """
        return await self._drafts.make(lambda: self.transcribe(pcm24k))

    async def transcribe(self, pcm24k: bytes, *, retry: bool = False, hint: str = "") -> Transcript:
        """Return what was said in one turn; waits until the model is loaded.

        Args:
            pcm24k: The whole turn, PCM16 mono 24 kHz.
            retry: There is no other way of decoding: nothing is understood.
            hint: Words that may occur, or what was said before; the model leans towards them.

        Raises:
            SpeechEngineError: The recogniser cannot be used.
            ValueError: Half a sample is missing.
        """
        pcm.check_chunk(pcm24k)
        if retry:
            return Transcript("", 0.0)
        texts: list[str] = []
        confidences: list[float] = []
        for part in await asyncio.to_thread(prepare, pcm24k):
            async for answer, _ in self._worker.request({"hint": hint}, part):
                if answer["text"]:
                    texts.append(answer["text"])
                    confidences.append(answer["confidence"])
        return Transcript(" ".join(texts), min(confidences, default=0.0))
