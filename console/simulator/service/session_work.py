"""The engines' work for one session: what its state machine asks for, done in the background."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final, Protocol

from console import pcm, tasks
from console.clock import Clock
from console.errors import BrainError, SpeechEngineError
from console.simulator.faults import Faults
from console.simulator.protocol.intents import (
    Advance,
    Convert,
    Detect,
    Intent,
    Later,
    Listen,
    Outcome,
    Overhear,
    Recognise,
    Speak,
    Stop,
    Think,
)
from console.simulator.protocol.refusals import Refusal
from console.simulator.senses import BrainReply, BrainTurn, Senses, SpeechBoundary, Transcript
from console.simulator.service import fault_stream
from console.simulator.service.live_hearing import LiveHearing
from console.simulator.speech.hearing import Hearing

logger = logging.getLogger(__name__)

HEARING_SLICE_BYTES: Final = 100 * pcm.BYTES_PER_MS
"""Audio given to the turn detector before that of other sessions may be heard."""


@dataclasses.dataclass(frozen=True, slots=True)
class Pace:
    """How fast answers are sent."""

    speech_rate: float = 8.0
    """Audio leaves this many times faster than it plays; 0 means as fast as it can."""
    writing_interval_s: float = 0.015
    """Time between pieces of text and of arguments."""


class Session(Protocol):
    """The steps of a session; a client of either dialect may be behind it."""

    def open(self) -> Outcome:
        """Begin."""

    def receive(self, message: str | bytes) -> Outcome:
        """Handle a message of the client."""

    def boundary(self, boundary: SpeechBoundary) -> Outcome:
        """Handle what the turn detector has found."""

    def listened(self, until_ms: int) -> Outcome:
        """Handle that the turn detector has heard all audio up to a position."""

    def convert(self) -> Outcome:
        """Take the next audio that is not PCM yet."""

    def overheard(self, item_id: str, so_far: Transcript) -> Outcome:
        """Handle the words that are sure of speech that goes on."""

    def transcribed(self, item_id: str, transcript: Transcript) -> Outcome:
        """Handle what was said in an item."""

    def not_transcribed(self, item_id: str) -> Outcome:
        """Handle a failure of the recogniser."""

    def thought(self, response_id: str, reply: BrainReply) -> Outcome:
        """Carry out a piece of what the assistant has decided."""

    def thought_through(self, response_id: str) -> Outcome:
        """No more pieces will come."""

    def advance(self, response_id: str) -> Outcome:
        """Write the next piece."""

    def spoken(self, response_id: str, chunk: bytes) -> Outcome:
        """Send the next audio."""

    def sentence_spoken(self, response_id: str) -> Outcome:
        """Go on after a sentence."""

    def fail_response(self, response_id: str, code: str, message: str) -> Outcome:
        """End a response that cannot be carried out."""

    def due(self, timer_id: str) -> Outcome:
        """Handle that a time has come."""

    def report(self, refusal: Refusal) -> Outcome:
        """Send an error that no client event has caused."""

    def is_responding(self, response_id: str) -> bool:
        """Return whether this response still goes on."""


class Listener(Protocol):
    """Whoever gets the events of a session."""

    def put(self, events: Sequence[dict[str, Any]]) -> None:
        """Take events, in order."""

    async def wait_for_room(self) -> None:
        """Wait while there is too much to take."""


class SessionWork:
    """Runs one session: messages in, events out to its listener, engines in between."""

    def __init__(
        self,
        session: Session,
        senses: Senses,
        listener: Listener,
        *,
        clock: Clock,
        pace: Pace,
        hearing: Hearing,
        faults: Faults,
    ) -> None:
        """Prepare the work of a session.

        Args:
            session: Its state machine; nobody else may step it.
            senses: The engines of this session.
            listener: Gets its events.
            clock: Time and sleep.
            pace: How fast answers are sent.
            hearing: Where turns are detected, shared by all sessions.
            faults: Those of responses.
        """
        self._session = session
        self._senses = senses
        self._listener = listener
        self._clock = clock
        self._pace = pace
        self._hearing = hearing
        self.faults = faults
        self.on_fault: Callable[[Faults], None] = lambda _: None
        """Told when the assistant's script wants something to go wrong from now on."""
        self.session_id: str | None = None
        """As the client knows it, once the session has begun."""
        self._detector = hearing.new_detector(senses)
        self._turn_to_hear = asyncio.Lock()
        self._unheard: deque[bytes | Detect | Convert] = deque()
        self._heard_bytes = 0
        """Audio of the session up to where its turn detector has heard."""
        self._live = LiveHearing(senses.ears, self._overheard)
        self._is_deaf = False
        self._thinking: dict[str, asyncio.Task[None]] = {}
        self._responding: dict[str, asyncio.Task[None]] = {}
        """What is being said or written; the thinking may still go on beside it."""
        self._in_the_background: set[asyncio.Task[None]] = set()

    def open(self, settled: str | None = None) -> None:
        """Begin the session.

        Args:
            settled: A `session.update` that takes effect before the client hears of the session.
        """
        outcome = self._session.open()
        if settled is not None:
            self._settle(outcome, settled)
        ids = (event["session"]["id"] for event in outcome.events if "session" in event)
        self.session_id = next(ids, None)
        self._carry_out(outcome)

    def _settle(self, outcome: Outcome, settled: str) -> None:
        changed = self._session.receive(settled)
        outcome.intents += changed.intents
        shown = [event["session"] for event in changed.events if "session" in event]
        for event in outcome.events:
            if "session" in event and shown:
                event["session"] = shown[-1]
        # What came of it besides, such as lists of tools, comes after the beginning.
        outcome.events += [event for event in changed.events if "session" not in event]

    def stop_hearing(self) -> None:
        """Leave unheard what waits, and all sound to come; other messages are handled as ever."""
        self._is_deaf = True
        self._live.stop()

    async def close(self) -> None:
        """End all work of the session."""
        for task in [
            *self._thinking.values(),
            *self._responding.values(),
            *self._in_the_background,
        ]:
            await tasks.cancel(task)
        await self._live.close()
        self._hearing.let_go(self._detector)

    async def receive(self, message: str | bytes) -> None:
        """Handle a message of the client, and hear all audio in it."""
        await self._take(partial(self._session.receive, message))

    async def _take(self, step: Callable[[], Outcome]) -> None:
        try:
            self._carry_out(step())
            await self._hear()
        except Exception:
            # A fault of this server must not take the session down with it.
            logger.exception("a client event could not be handled")
            self._unheard.clear()
            self._carry_out(self._session.report(_SERVER_ERROR))

    async def _hear(self) -> None:
        # Those who watch a call may speak at the same time; the detector hears one after another.
        async with self._turn_to_hear:
            await self._hear_all()

    async def _hear_all(self) -> None:
        while self._unheard and not self._is_deaf:
            next_one = self._unheard.popleft()
            if isinstance(next_one, Detect):
                await self._hearing.run(self._configure, next_one)
            elif isinstance(next_one, Convert):
                await asyncio.sleep(0)
                self._carry_out(self._session.convert())
            else:
                await self._hear_one(next_one)
        if self._is_deaf:
            self._unheard.clear()

    async def _hear_one(self, audio: bytes) -> None:
        for start in range(0, len(audio), HEARING_SLICE_BYTES):
            piece = audio[start : start + HEARING_SLICE_BYTES]
            heard = await self._hearing.run(self._detector.push, piece)
            if self._is_deaf:
                return
            self._heard_bytes += len(piece)
            for boundary in heard:
                self._carry_out(self._session.boundary(boundary))
            self._carry_out(self._session.listened(self._heard_bytes // pcm.BYTES_PER_MS))

    def _configure(self, detect: Detect) -> None:
        self._detector.configure(
            detect.threshold, detect.prefix_padding_ms, detect.silence_duration_ms
        )
        if detect.position_ms is not None:
            self._detector.reset(detect.position_ms)
            self._heard_bytes = detect.position_ms * pcm.BYTES_PER_MS

    # ------------------------------------------------------------ what the session asks for

    def _carry_out(self, outcome: Outcome) -> None:
        self._listener.put(outcome.events)
        for intent in outcome.intents:
            self._begin(intent)

    def _begin(self, intent: Intent) -> None:
        match intent:
            case Listen(audio):
                self._unheard.append(audio)
            case Detect() | Convert():
                # In its place among the audio: the detector may be at work on earlier sound.
                self._unheard.append(intent)
            case Overhear(item_id, audio):
                if not self._is_deaf:
                    self._live.hear(item_id, audio)
            case Recognise():
                self._live.stop()
                self._spawn(self._recognise(intent), f"recognise {intent.item_id}")
            case Later():
                self._spawn(self._wait(intent), f"wait {intent.timer_id}")
            case Think(response_id):
                self._respond(response_id, partial(self._think, intent), self._thinking)
            case Speak(response_id):
                self._respond(response_id, partial(self._speak, intent), self._responding)
            case Advance(response_id):
                self._respond(response_id, partial(self._advance, intent), self._responding)
            case Stop(response_id):
                self._stop(response_id)

    def _spawn(self, work: Any, name: str) -> None:
        task = tasks.spawn(work, name=name)
        self._in_the_background.add(task)
        task.add_done_callback(self._in_the_background.discard)

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
                # What it has said before is said first.
                failure = BrainReply(failure=error)
                self._carry_out(self._session.thought(response_id, failure))
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

    async def _wait(self, intent: Later) -> None:
        await self._clock.sleep(intent.delay_ms / 1000)
        self._carry_out(self._session.due(intent.timer_id))

    def _overheard(self, item_id: str, so_far: Transcript) -> None:
        self._carry_out(self._session.overheard(item_id, so_far))

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
        if intent.turn is None:
            return first
        if brain.understands(_with_transcript(intent.turn, first.text)):
            return first
        second = await ears.transcribe(intent.pcm, retry=True, hint=intent.hint)
        understands = brain.understands(_with_transcript(intent.turn, second.text))
        return second if understands else first

    async def _think(self, intent: Think) -> None:
        response_id = intent.response_id
        if (code := self.faults.fail_response) is not None:
            self._fail(response_id, fault_stream.failure_message(code), code)
            return
        async with contextlib.aclosing(self._senses.brain.respond(intent.turn)) as pieces:
            async for piece in pieces:
                if piece.fault:
                    self.on_fault(Faults.parse(piece.fault))
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
        await self._listener.wait_for_room()

    async def _advance(self, intent: Advance) -> None:
        await self._clock.sleep(self._pace.writing_interval_s)
        await self._listener.wait_for_room()
        self._carry_out(self._session.advance(intent.response_id))


_SERVER_ERROR: Final = Refusal(
    "The simulator failed to process this event. Its log has the details.",
    code="server_error",
    kind="server_error",
)


def _with_transcript(turn: BrainTurn, text: str) -> BrainTurn:
    """Return `turn` with `text` as what was said in its last item."""
    *before, last = turn.items
    parts = [
        {**part, "transcript": text} if part["type"] == "input_audio" else part
        for part in last["content"]
    ]
    return dataclasses.replace(turn, items=[*before, {**last, "content": parts}])
