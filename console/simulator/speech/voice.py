"""Speech synthesis: a voice for each name of the API, by eSpeak NG in a process of its own."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final

from console.simulator.speech import speakable
from console.simulator.speech.worker import Worker

MIN_SPEED: Final = 0.25
MAX_SPEED: Final = 1.5
_WORDS_PER_MINUTE: Final = 165
_SLOWEST_RATE: Final = 80
"""The engine speaks no slower; below it the words stand further apart instead."""
_GAP_UNIT_MS: Final = 31
"""The engine counts in 10 ms, stretched by the rate; measured at its slowest rate."""
_LONGEST_TEXT: Final = 300
"""Longer sentences are passed on in parts, so that no one waits long for another's."""


@dataclass(frozen=True, slots=True)
class EspeakVoice:
    """How eSpeak NG makes one of the API's voices."""

    name: str
    """Language and variant, as the library names them."""
    gain_db: float
    """Brings the variant to about 20 dB below full scale."""
    pitch: int = 50
    """0 to 100."""


VOICES: Final = {
    "alloy": EspeakVoice("en-us+f5", 0.3),
    "ash": EspeakVoice("en-us", 0.0),
    "ballad": EspeakVoice("en-gb-scotland", -1.0, pitch=58),
    "coral": EspeakVoice("en-us+Annie", -0.3),
    "echo": EspeakVoice("en-us+Michael", -2.3, pitch=62),
    "sage": EspeakVoice("en-gb-x-rp+f2", -1.5, pitch=40),
    "shimmer": EspeakVoice("en-us+belinda", -2.9),
    "verse": EspeakVoice("en-us+m3", -0.6, pitch=70),
    "marin": EspeakVoice("en-us+f2", -1.5),
    "cedar": EspeakVoice("en-us+klatt4", -1.1, pitch=40),
}


class EspeakSpeech:
    """Implements `senses.Voice`; one engine for all sessions."""

    def __init__(self) -> None:
        self._worker = Worker("console.simulator.speech.speech_process", "voice")

    @property
    def worker(self) -> Worker:
        """The engine's process."""
        return self._worker

    async def speak(self, text: str, voice: str, speed: float) -> AsyncGenerator[bytes, None]:
        """Say one sentence, as PCM16 mono 24 kHz in chunks of 100 ms; the last may be shorter.

        Closing the generator stops the synthesis at once. Waits until the engine is loaded.

        Args:
            text: One sentence; markup in it is read out as text.
            voice: A name of the API; an unknown one gets one of its voices, always the same.
            speed: 0.25 to 1.5 times the normal speed.

        Raises:
            SpeechEngineError: The synthesis cannot be used (when iterated).
            ValueError: The speed is out of range (when iterated).
        """
        if not MIN_SPEED <= speed <= MAX_SPEED:
            raise ValueError(f"The speed must be {MIN_SPEED} to {MAX_SPEED}, not {speed}.")
        for part in speakable.parts(speakable.expand(text), _LONGEST_TEXT):
            request = self._worker.request({"text": part, **_parameters(choose(voice), speed)})
            async with contextlib.aclosing(request) as answers:
                async for _, sound in answers:
                    yield sound


def choose(voice: str) -> EspeakVoice:
    """Return the voice of that name; an unknown name gets one of them, always the same."""
    known = VOICES.get(voice.lower())
    return known or list(VOICES.values())[zlib.crc32(voice.encode()) % len(VOICES)]


def _parameters(voice: EspeakVoice, speed: float) -> dict[str, str | int | float]:
    wanted = _WORDS_PER_MINUTE * speed
    rate = max(_SLOWEST_RATE, round(wanted))
    # What the rate cannot give is added between the words.
    gap_ms = max(0.0, 60_000 / wanted - 60_000 / _SLOWEST_RATE)
    return {
        "voice": voice.name,
        "gain_db": voice.gain_db,
        "pitch": voice.pitch,
        "rate": rate,
        "gap": round(gap_ms / _GAP_UNIT_MS),
    }
