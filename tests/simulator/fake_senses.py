"""Small real engines for tests: a detector by loudness, ears that expect, a voice that hums."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import numpy as np

from console import pcm
from console.errors import SpeechEngineError
from console.simulator.senses import (
    BrainCall,
    BrainReply,
    BrainTurn,
    SpeechBoundary,
    SpeechStarted,
    SpeechStopped,
    Transcript,
)

FRAME_MS = 32
FRAME_BYTES = FRAME_MS * pcm.BYTES_PER_MS


def tone(duration_ms: int, level: float = 0.5) -> bytes:
    n_samples = pcm.ms_to_samples(duration_ms)
    return pcm.from_float(level * np.sin(np.arange(n_samples) * 2 * np.pi * 440 / 24_000))


def silence(duration_ms: int) -> bytes:
    return bytes(duration_ms * pcm.BYTES_PER_MS)


class LoudnessDetector:
    """Calls a frame speech when it is loud."""

    def __init__(self) -> None:
        self._settings = (0.5, 300, 500)
        self.reset(0)

    def configure(self, threshold, prefix_padding_ms, silence_duration_ms) -> None:
        self._settings = (threshold, prefix_padding_ms, silence_duration_ms)

    def reset(self, position_ms: int) -> None:
        self._position_ms = position_ms
        self._origin_ms = position_ms
        self._rest = b""
        self._speaking = False
        self._silent_ms = 0

    def push(self, pcm24k: bytes) -> list[SpeechBoundary]:
        found: list[SpeechBoundary] = []
        self._rest += pcm24k
        while len(self._rest) >= FRAME_BYTES:
            frame, self._rest = self._rest[:FRAME_BYTES], self._rest[FRAME_BYTES:]
            found += self._frame(pcm.rms_dbfs(frame) > -30)
        return found

    def _frame(self, is_loud: bool) -> list[SpeechBoundary]:
        _, padding_ms, silence_ms = self._settings
        begin_ms, self._position_ms = self._position_ms, self._position_ms + FRAME_MS
        self._silent_ms = 0 if is_loud else self._silent_ms + FRAME_MS
        if is_loud and not self._speaking:
            self._speaking = True
            return [SpeechStarted(max(self._origin_ms, begin_ms - padding_ms))]
        if self._speaking and self._silent_ms >= silence_ms:
            self._speaking = False
            return [SpeechStopped(self._position_ms)]
        return []


class ExpectingEars:
    """Hears what the test has put into `says`, one after the other; an exception is raised."""

    def __init__(self) -> None:
        self.says: list[str | Exception] = []
        self.asked: list[tuple[int, bool, str]] = []
        self.drafts: list[str | Exception | None] = []
        self.drafted: list[int] = []

    async def draft(self, pcm24k: bytes) -> Transcript | None:
        self.drafted.append(len(pcm24k) // pcm.BYTES_PER_MS)
        said = self.drafts.pop(0) if self.drafts else None
        if isinstance(said, Exception):
            raise said
        return None if said is None else Transcript(said)

    async def transcribe(self, pcm24k: bytes, *, retry: bool = False, hint: str = "") -> Transcript:
        self.asked.append((len(pcm24k) // pcm.BYTES_PER_MS, retry, hint))
        said = self.says.pop(0)
        if isinstance(said, Exception):
            raise said
        return Transcript(said)


class HummingVoice:
    """Hums 60 ms for each character, in chunks of 100 ms."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, float]] = []
        self.n_closed_early = 0

    async def speak(self, text: str, voice: str, speed: float) -> AsyncGenerator[bytes, None]:
        self.asked.append((text, voice, speed))
        if voice == "verse":
            raise SpeechEngineError("The voice verse has a cold.")
        audio = tone(int(60 * len(text) / speed))
        size = 100 * pcm.BYTES_PER_MS
        is_whole = False
        try:
            for at in range(0, len(audio), size):
                yield audio[at : at + size]
            is_whole = True
        finally:
            self.n_closed_early += not is_whole


class EchoingBrain:
    """Repeats; counts when asked to; calls the first tool when the message says "call"."""

    async def respond(self, turn: BrainTurn) -> AsyncGenerator[BrainReply, None]:
        yield self.reply(turn)

    def understands(self, turn: BrainTurn) -> bool:
        return self.reply(turn).understood

    def reply(self, turn: BrainTurn) -> BrainReply:
        last = turn.items[-1] if turn.items else {}
        if last.get("type") == "function_call_output":
            return BrainReply([f"The tool says {last['output']}."])
        said = _words(last)
        if not said:
            return BrainReply(["Pardon?"], understood=False)
        if said == "count":
            return BrainReply([f"This is number {n}." for n in range(1, 31)])
        if said == "crash":
            raise RuntimeError("the brain has crashed")
        if said.startswith("call") and turn.tools:
            return BrainReply(calls=[BrainCall(turn.tools[0]["name"], {"said": said})])
        return BrainReply([f"You said {said}.", "What else?"], understood=said != "mumble")


def _words(item: Any) -> str:
    parts = item.get("content", [])
    return " ".join(part.get("text") or part.get("transcript") or "" for part in parts)


class FakeSenses:
    """All of them."""

    def __init__(self) -> None:
        self.ears = ExpectingEars()
        self.voice = HummingVoice()
        self.brain = EchoingBrain()
        self.is_open = False

    def new_detector(self) -> LoudnessDetector:
        return LoudnessDetector()

    def for_session(self) -> FakeSenses:
        return self

    async def open(self) -> None:
        self.is_open = True

    async def close(self) -> None:
        self.is_open = False
