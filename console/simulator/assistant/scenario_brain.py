"""The assistant and the recogniser of a scenario: what the file says, when it says so."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import AsyncGenerator, Sequence

from console import pcm
from console.clock import Clock, SystemClock
from console.errors import BrainError, SpeechEngineError
from console.simulator.assistant.scenario import (
    Ask,
    Break,
    Call,
    Fail,
    Halt,
    Hearing,
    Say,
    Scenario,
    Wait,
)
from console.simulator.senses import Brain, BrainCall, BrainReply, BrainTurn, Ears, Transcript


class ScenarioBrain:
    """Implements `senses.Brain`: follows the rules, and asks another assistant where they say so."""

    def __init__(self, scenario: Scenario, default: Brain, clock: Clock | None = None) -> None:
        """Prepare.

        Args:
            scenario: The rules.
            default: Answers where the scenario leaves it to the usual assistant.
            clock: Time and sleep. Waits are reckoned from when the answer was asked for, so
                that what lies between them does not make them longer.
        """
        self._scenario = scenario
        self._default = default
        self._clock: Clock = clock or SystemClock()

    def understands(self, turn: BrainTurn) -> bool:
        """Return whether the scenario has an answer of its own, or the usual assistant has one."""
        if any(isinstance(step, Ask) for step in self._scenario.steps(turn)):
            return self._default.understands(turn)
        return True

    async def respond(self, turn: BrainTurn) -> AsyncGenerator[BrainReply, None]:
        """Do one step after the other.

        Raises:
            BrainError: A step is to fail, or the usual assistant has failed.
        """
        due_s = self._clock.now_s()
        for step in self._scenario.steps(turn):
            if isinstance(step, Wait):
                due_s += step.duration_ms / 1000
                await self._clock.sleep(due_s - self._clock.now_s())
            elif isinstance(step, Ask):
                async with contextlib.aclosing(self._default.respond(turn)) as pieces:
                    async for piece in pieces:
                        yield piece
            else:
                yield _reply(step)
                if isinstance(step, Halt):
                    return


class ScriptedEars:
    """Implements `senses.Ears` for one session: hears turn by turn what the scenario says.

    A second decoding of the same sound hears the same.
    """

    def __init__(
        self, hears: Sequence[Hearing], real: Ears | None = None, clock: Clock | None = None
    ) -> None:
        """Prepare.

        Args:
            hears: What is heard, in the order of the turns.
            real: Hears what is left open, and what comes after; without it nothing is
                understood then.
            clock: Sleep.
        """
        self._hears = list(hears)
        self._real = real
        self._clock: Clock = clock or SystemClock()
        self._last: tuple[bytes, Hearing] | None = None

    async def draft(self, pcm24k: bytes) -> Transcript | None:
        """Return what the real recogniser makes of it; what the scenario says is heard at the end.

        Raises:
            SpeechEngineError: The real recogniser has failed.
        """
        is_open = not self._hears or self._hears[0].text is None
        return await self._real.draft(pcm24k) if self._real is not None and is_open else None

    async def transcribe(self, pcm24k: bytes, *, retry: bool = False, hint: str = "") -> Transcript:
        """Return what the scenario has for this turn.

        Raises:
            SpeechEngineError: The scenario wants it so, or the real recogniser has failed.
            ValueError: Half a sample is missing.
        """
        pcm.check_chunk(pcm24k)
        hearing = self._hearing(pcm24k, retry=retry)
        if not retry and hearing.after_ms:
            await self._clock.sleep(hearing.after_ms / 1000)
        if hearing.failure:
            raise SpeechEngineError(hearing.failure)
        if hearing.text is not None:
            return Transcript(hearing.text, 1.0 if hearing.text else 0.0)
        if self._real is None:
            return Transcript("", 0.0)
        return await self._real.transcribe(pcm24k, retry=retry, hint=hint)

    def _hearing(self, pcm24k: bytes, *, retry: bool) -> Hearing:
        digest = hashlib.blake2b(pcm24k).digest()
        if retry and self._last is not None and self._last[0] == digest:
            return self._last[1]
        hearing = self._hears.pop(0) if self._hears else Hearing(None)
        self._last = (digest, hearing)
        return hearing


def _reply(step: Say | Call | Fail | Halt | Break) -> BrainReply:
    match step:
        case Say(sentences):
            return BrainReply(sentences)
        case Call(name, arguments):
            return BrainReply(calls=[BrainCall(name, arguments)])
        case Halt(reason):
            return BrainReply(stop=reason)
        case Break(faults):
            return BrainReply(fault=faults)
        case Fail(code, message):
            raise BrainError(message, code=code)
