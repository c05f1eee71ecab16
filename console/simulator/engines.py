"""The real engines together: Silero hears turns, pocketsphinx words; rules think; eSpeak speaks."""

from __future__ import annotations

import asyncio

from console.simulator import gazetteer
from console.simulator.brain import RuleBrain
from console.simulator.ears import PocketsphinxEars
from console.simulator.senses import TurnDetector
from console.simulator.vad import SileroTurnDetector
from console.simulator.voice import EspeakSpeech


class Engines:
    """Implements `senses.Senses`; shared by all sessions of a server."""

    def __init__(self) -> None:
        self._ears = PocketsphinxEars()
        self._voice = EspeakSpeech()
        self._brain = RuleBrain()

    @property
    def ears(self) -> PocketsphinxEars:
        """The recogniser."""
        return self._ears

    @property
    def voice(self) -> EspeakSpeech:
        """The speech synthesis."""
        return self._voice

    @property
    def brain(self) -> RuleBrain:
        """The assistant."""
        return self._brain

    @property
    def is_ready(self) -> bool:
        """Whether everything is loaded; what comes earlier waits."""
        return self._ears.worker.is_ready and self._voice.worker.is_ready

    @property
    def progress(self) -> str:
        """What is being loaded, as a sentence."""
        loading = [
            name
            for name, worker in (
                ("the speech recogniser", self._ears.worker),
                ("the voice", self._voice.worker),
            )
            if not worker.is_ready
        ]
        return f"Loading {' and '.join(loading)}." if loading else "The simulator is ready."

    def new_detector(self) -> TurnDetector:
        """Return a turn detector for one session."""
        return SileroTurnDetector()

    def for_session(self) -> Engines:
        """Return the engines themselves: they keep nothing of a session."""
        return self

    async def open(self) -> None:
        """Begin to load in the background, and return at once."""
        self._ears.worker.start()
        self._voice.worker.start()
        # 30 ms of reading that the first question would otherwise wait for.
        await asyncio.to_thread(gazetteer.load)

    async def close(self) -> None:
        """Stop both processes; returns within two seconds. Safe to call twice."""
        await asyncio.gather(self._ears.worker.close(), self._voice.worker.close())
