"""The engines together: which ears, voice and assistant the simulator has, and their life."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from console.clock import Clock
from console.errors import ConfigurationError
from console.simulator.assistant import gazetteer
from console.simulator.assistant.brain import RuleBrain
from console.simulator.assistant.chat_brain import ChatBrain
from console.simulator.assistant.scenario import Scenario
from console.simulator.assistant.scenario_brain import ScenarioBrain, ScriptedEars
from console.simulator.assistant.scenario_file import load
from console.simulator.senses import Brain, Ears, Senses, TurnDetector, Voice
from console.simulator.speech.ears import PocketsphinxEars
from console.simulator.speech.flite_voice import FliteVoice
from console.simulator.speech.instant_senses import LoudnessDetector, ToneVoice
from console.simulator.speech.piper_voice import PiperVoice
from console.simulator.speech.vad import SileroTurnDetector
from console.simulator.speech.voice import EspeakSpeech
from console.simulator.speech.whisper_ears import WhisperEars
from console.simulator.speech.worker import Worker

DEFAULT_EARS = "pocketsphinx"
DEFAULT_VOICES = "espeak"
Closer = Callable[[], Awaitable[None]]


class Engines:
    """Implements `senses.Senses`; shared by all sessions of a server.

    Without arguments: Silero hears turns, pocketsphinx words; rules think; eSpeak speaks.
    """

    def __init__(
        self,
        *,
        ears: Ears | None = None,
        voice: Voice | None = None,
        brain: Brain | None = None,
        new_detector: Callable[[], TurnDetector] = SileroTurnDetector,
        new_ears: Callable[[], Ears] | None = None,
        closers: Sequence[Closer] = (),
    ) -> None:
        """Prepare; `open` loads.

        Args:
            ears: The recogniser.
            voice: The speech synthesis.
            brain: The assistant.
            new_detector: Makes a turn detector for one session.
            new_ears: Makes what one session hears with, where that is not shared.
            closers: What else ends with the engines.
        """
        self._ears = ears or PocketsphinxEars()
        self._voice = voice or EspeakSpeech()
        self._brain = brain or RuleBrain()
        self._new_detector = new_detector
        self._new_ears = new_ears
        self._closers = tuple(closers)
        self._workers = {
            name: worker
            for name, engine in (("the speech recogniser", self._ears), ("the voice", self._voice))
            if isinstance(worker := getattr(engine, "worker", None), Worker)
        }

    @property
    def ears(self) -> Ears:
        """The recogniser."""
        return self._ears

    @property
    def voice(self) -> Voice:
        """The speech synthesis."""
        return self._voice

    @property
    def brain(self) -> Brain:
        """The assistant."""
        return self._brain

    @property
    def workers(self) -> Mapping[str, Worker]:
        """The engines' processes, by what people call them."""
        return self._workers

    @property
    def is_ready(self) -> bool:
        """Whether everything is loaded; what comes earlier waits."""
        return all(worker.is_ready for worker in self._workers.values())

    @property
    def progress(self) -> str:
        """What is being loaded, as a sentence."""
        loading = [name for name, worker in self._workers.items() if not worker.is_ready]
        return f"Loading {' and '.join(loading)}." if loading else "The simulator is ready."

    def new_detector(self) -> TurnDetector:
        """Return a turn detector for one session."""
        return self._new_detector()

    def for_session(self) -> Senses:
        """Return what one session hears, speaks and thinks with; what is heavy stays shared."""
        return self if self._new_ears is None else _OneSession(self, self._new_ears())

    async def open(self) -> None:
        """Begin to load in the background, and return at once."""
        for worker in self._workers.values():
            worker.start()
        # 30 ms of reading that the first question would otherwise wait for.
        await asyncio.to_thread(gazetteer.load)

    async def close(self) -> None:
        """Stop the processes; returns within two seconds. Safe to call twice."""
        await asyncio.gather(
            *(worker.close() for worker in self._workers.values()),
            *(closer() for closer in self._closers),
        )


@dataclasses.dataclass(frozen=True, slots=True)
class _OneSession:
    """The shared engines with ears of one session's own."""

    _shared: Engines
    ears: Ears

    @property
    def voice(self) -> Voice:
        return self._shared.voice

    @property
    def brain(self) -> Brain:
        return self._shared.brain

    def new_detector(self) -> TurnDetector:
        return self._shared.new_detector()

    def for_session(self) -> Senses:
        return self._shared.for_session()

    async def open(self) -> None:
        await self._shared.open()

    async def close(self) -> None:
        await self._shared.close()


def engines_from(
    *,
    brain_url: str | None = None,
    brain_model: str | None = None,
    brain_key: str | None = None,
    scenario: Path | str | Mapping[str, Any] | None = None,
    ears: str = DEFAULT_EARS,
    voices: str = DEFAULT_VOICES,
    clock: Clock | None = None,
) -> Engines:
    """Return the engines that settings ask for; nothing is started yet.

    Args:
        brain_url: A chat-completions endpoint; without it the rules answer.
        brain_model: The model to ask for there.
        brain_key: Its key.
        scenario: A file, or the same as a mapping; decides before the assistant does, and which
            ears and voice there are.
        ears: ``pocketsphinx`` or ``whisper:FOLDER``.
        voices: ``espeak``, ``flite``, ``piper:FILE.onnx`` or ``tone``.
        clock: Time and sleep of assistant and scenario.

    Raises:
        ConfigurationError: One of them cannot be used; the sentence says what to do.
    """
    closers: list[Closer] = []
    brain: Brain = RuleBrain()
    if brain_url:
        brain = chat = ChatBrain(brain_url, brain_model or "", brain_key, clock=clock)
        closers.append(chat.close)
    elif brain_model:
        raise ConfigurationError("--brain-model needs --brain URL as well.")
    if scenario is None:
        return Engines(ears=_ears(ears), voice=_voice(voices), brain=brain, closers=closers)
    return _scripted(load(scenario), brain, ears, voices, clock, closers)


def _scripted(
    scenario: Scenario,
    brain: Brain,
    ears: str,
    voices: str,
    clock: Clock | None,
    closers: Sequence[Closer],
) -> Engines:
    real = _ears(ears) if scenario.ears == "real" else None
    is_tone = scenario.voice == "tone"

    def new_ears() -> Ears:
        return ScriptedEars(scenario.hears, real, clock)

    return Engines(
        ears=real or new_ears(),
        voice=ToneVoice(scenario.ms_per_character) if is_tone else _voice(voices),
        brain=ScenarioBrain(scenario, brain, clock),
        new_detector=SileroTurnDetector if scenario.turns == "speech" else LoudnessDetector,
        new_ears=new_ears,
        closers=closers,
    )


def _ears(wanted: str) -> Ears:
    kind, _, path = wanted.partition(":")
    if wanted == DEFAULT_EARS:
        return PocketsphinxEars()
    if kind == "whisper" and path:
        return WhisperEars(Path(path).expanduser())
    raise ConfigurationError(f"--ears {wanted}: use {DEFAULT_EARS} or whisper:FOLDER.")


def _voice(wanted: str) -> Voice:
    kind, _, path = wanted.partition(":")
    if kind == "piper" and path:
        return PiperVoice(Path(path).expanduser())
    known: Mapping[str, Callable[[], Voice]] = {
        DEFAULT_VOICES: EspeakSpeech,
        "flite": FliteVoice,
        "tone": ToneVoice,
    }
    if wanted not in known:
        raise ConfigurationError(f"--voices {wanted}: use {', '.join(known)} or piper:FILE.onnx.")
    return known[wanted]()
