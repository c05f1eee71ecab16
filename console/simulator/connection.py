"""One session on its connection: messages in, events out, and the engines' work in between."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from console import pcm, tasks
from console.clock import Clock
from console.errors import BrainError, SpeechEngineError
from console.simulator.defaults import SESSION_LENGTH_S
from console.simulator.intents import (
    Advance,
    Detect,
    Intent,
    Listen,
    Outcome,
    Recognise,
    Speak,
    Stop,
    Think,
)
from console.simulator.outgoing import Outgoing
from console.simulator.refusals import Refusal
from console.simulator.senses import BrainTurn, Senses, Transcript
from console.simulator.session import SimulatorSession

logger = logging.getLogger(__name__)

HEARING_SLICE_BYTES: Final = 100 * pcm.BYTES_PER_MS
"""Audio given to the turn detector before others may run: about 4 ms of work."""


@dataclasses.dataclass(frozen=True, slots=True)
class Pace:
    """How fast answers are sent."""

    speech_rate: float = 8.0
    """Audio leaves this many times faster than it plays; 0 means as fast as it can."""
    writing_interval_s: float = 0.015
    """Time between pieces of text and of arguments."""


class SessionConnection:
    """Carries out for one session what its state machine asks for."""

    def __init__(
        self,
        connection: ServerConnection,
        session: SimulatorSession,
        senses: Senses,
        outgoing: Outgoing,
        *,
        clock: Clock,
        pace: Pace,
    ) -> None:
        self._connection = connection
        self._session = session
        self._senses = senses
        self._outgoing = outgoing
        self._clock = clock
        self._pace = pace
        self._detector = senses.new_detector()
        self._unheard: deque[bytes] = deque()
        self._thinking: dict[str, asyncio.Task[None]] = {}
        self._responding: dict[str, asyncio.Task[None]] = {}
        """What is being said or written; the thinking may still go on beside it."""
        self._recognising: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serve until either side ends; all work of the session has ended then."""
        try:
            self._carry_out(self._session.open())
            await tasks.run_until_first_ends(
                self._read(), self._outgoing.run(), self._expire(), name="simulator-session"
            )
        finally:
            for task in [*self._thinking.values(), *self._responding.values(), *self._recognising]:
                await tasks.cancel(task)

    async def _read(self) -> None:
        # A connection that breaks without a close frame raises; it is an end like any other.
        with contextlib.suppress(ConnectionClosed):
            async for message in self._connection:
                await self._outgoing.wait_for_room()
                await self._receive(message)

    async def _receive(self, message: str | bytes) -> None:
        try:
            self._carry_out(self._session.receive(message))
            await self._hear()
        except Exception:
            # A fault of this server must not take the session down with it.
            logger.exception("a client event could not be handled")
            self._unheard.clear()
            self._carry_out(self._session.report(_SERVER_ERROR))

    async def _expire(self) -> None:
        await self._clock.sleep(SESSION_LENGTH_S)
        self._carry_out(self._session.report(_EXPIRED))
        self._outgoing.end(1001, _EXPIRED.message)
        await self._connection.wait_closed()

    async def _hear(self) -> None:
        while self._unheard:
            audio = self._unheard.popleft()
            for start in range(0, len(audio), HEARING_SLICE_BYTES):
                heard = self._detector.push(audio[start : start + HEARING_SLICE_BYTES])
                for boundary in heard:
                    self._carry_out(self._session.boundary(boundary))
                await asyncio.sleep(0)

    # ------------------------------------------------------------ what the session asks for

    def _carry_out(self, outcome: Outcome) -> None:
        self._outgoing.put(outcome.events)
        for intent in outcome.intents:
            self._begin(intent)

    def _begin(self, intent: Intent) -> None:
        match intent:
            case Listen(audio):
                self._unheard.append(audio)
            case Detect(threshold, prefix_padding_ms, silence_duration_ms, position_ms):
                self._detector.configure(threshold, prefix_padding_ms, silence_duration_ms)
                if position_ms is not None:
                    self._detector.reset(position_ms)
            case Recognise():
                task = tasks.spawn(self._recognise(intent), name=f"recognise {intent.item_id}")
                self._recognising.add(task)
                task.add_done_callback(self._recognising.discard)
            case Think(response_id):
                self._respond(response_id, partial(self._think, intent), self._thinking)
            case Speak(response_id):
                self._respond(response_id, partial(self._speak, intent), self._responding)
            case Advance(response_id):
                self._respond(response_id, partial(self._advance, intent), self._responding)
            case Stop(response_id):
                self._stop(response_id)

    def _respond(
        self,
        response_id: str,
        work: Callable[[], Awaitable[None]],
        running: dict[str, asyncio.Task[None]],
    ) -> None:
        async def guarded() -> None:
            try:
                await work()
            except SpeechEngineError as error:
                self._fail(response_id, str(error))
            except BrainError as error:
                self._fail(response_id, str(error), error.code)
            except Exception:
                logger.exception("response %s could not be carried out", response_id)
                self._fail(response_id, _SERVER_ERROR.message)

        def ended(task: asyncio.Task[None]) -> None:
            if running.get(response_id) is task:
                del running[response_id]

        task = tasks.spawn(guarded(), name=f"respond {response_id}")
        running[response_id] = task
        task.add_done_callback(ended)

    def _fail(self, response_id: str, message: str, code: str = "server_error") -> None:
        self._carry_out(self._session.fail_response(response_id, code, message))

    def _stop(self, response_id: str) -> None:
        for running in (self._thinking, self._responding):
            task = running.pop(response_id, None)
            # A response that ends itself (at its limit) asks from inside its own task.
            if task is not None and task is not asyncio.current_task():
                task.cancel()

    # ------------------------------------------------------------ the engines' work

    async def _recognise(self, intent: Recognise) -> None:
        try:
            transcript = await self._understand(intent)
        except SpeechEngineError as error:
            logger.warning("item %s was not recognised: %s", intent.item_id, error)
            self._carry_out(self._session.not_transcribed(intent.item_id))
        except Exception:
            logger.exception("item %s was not recognised", intent.item_id)
            self._carry_out(self._session.not_transcribed(intent.item_id))
        else:
            self._carry_out(self._session.transcribed(intent.item_id, transcript))

    async def _understand(self, intent: Recognise) -> Transcript:
        """Listen once, and once more in another way if the assistant can make nothing of it."""
        ears, brain = self._senses.ears, self._senses.brain
        first = await ears.transcribe(intent.pcm, hint=intent.hint)
        if brain.understands(_with_transcript(intent.turn, first.text)):
            return first
        second = await ears.transcribe(intent.pcm, retry=True, hint=intent.hint)
        understands = brain.understands(_with_transcript(intent.turn, second.text))
        return second if understands else first

    async def _think(self, intent: Think) -> None:
        response_id = intent.response_id
        async with contextlib.aclosing(self._senses.brain.respond(intent.turn)) as pieces:
            async for piece in pieces:
                self._carry_out(self._session.thought(response_id, piece))
                if not self._session.is_responding(response_id):
                    return
        self._carry_out(self._session.thought_through(response_id))

    async def _speak(self, intent: Speak) -> None:
        response_id = intent.response_id
        chunks = self._senses.voice.speak(intent.text, intent.voice, intent.speed)
        async with contextlib.aclosing(chunks):
            async for chunk in chunks:
                self._carry_out(self._session.spoken(response_id, chunk))
                if not self._session.is_responding(response_id):
                    return
                await self._pace_speech(chunk)
        self._carry_out(self._session.sentence_spoken(response_id))

    async def _pace_speech(self, chunk: bytes) -> None:
        rate = self._pace.speech_rate
        await self._clock.sleep(pcm.bytes_to_ms(len(chunk)) / 1000 / rate if rate else 0)
        await self._outgoing.wait_for_room()

    async def _advance(self, intent: Advance) -> None:
        await self._clock.sleep(self._pace.writing_interval_s)
        await self._outgoing.wait_for_room()
        self._carry_out(self._session.advance(intent.response_id))


_SERVER_ERROR: Final = Refusal(
    "The simulator failed to process this event. Its log has the details.",
    code="server_error",
    kind="server_error",
)
_EXPIRED: Final = Refusal(
    "Your session hit the maximum duration of 60 minutes.", code="session_expired"
)


def _with_transcript(turn: BrainTurn, text: str) -> BrainTurn:
    """Return `turn` with `text` as what was said in its last item."""
    *before, last = turn.items
    parts = [
        {**part, "transcript": text} if part["type"] == "input_audio" else part
        for part in last["content"]
    ]
    return dataclasses.replace(turn, items=[*before, {**last, "content": parts}])
