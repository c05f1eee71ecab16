"""Typed words, spoken: the user's voice where there is no microphone."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from typing import Final

from console.simulator.engines import Engines, engines_from

VOICE: Final = "alloy"
"""Not the one that answers by default. The simulator's recogniser understands short questions of it;
names are hard for it in any synthetic voice."""


class UserVoice:
    """A speech synthesis of the simulator's, loaded when the first word is to be spoken.

    It is there whoever is talked to, so it is not the one of a simulator that runs.
    """

    def __init__(self, voices: str) -> None:
        """Name the synthesis as the settings do; it is neither loaded nor checked yet."""
        self._voices = voices
        self._engines: Engines | None = None

    async def speak(self, text: str) -> AsyncGenerator[bytes, None]:
        """Say `text`, as PCM16 mono 24 kHz, as fast as it is made; closing it stops the synthesis.

        Raises:
            ConfigurationError: There is no such synthesis (when iterated).
            SpeechEngineError: It cannot be used (when iterated).
        """
        if self._engines is None:
            self._engines = engines_from(voices=self._voices)
        async with contextlib.aclosing(self._engines.voice.speak(text, VOICE, 1.0)) as speech:
            async for chunk in speech:
                yield chunk

    async def close(self) -> None:
        """End what was loaded; safe to call twice."""
        engines, self._engines = self._engines, None
        if engines is not None:
            await engines.close()
