"""Drives a session without a server: does at once what it asks for, and checks every event."""

from __future__ import annotations

import json
import random
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Any

from openai.types.realtime import RealtimeServerEvent
from pydantic import TypeAdapter

from console import pcm
from console.simulator.protocol.ids import IdMaker
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
from console.simulator.protocol.session import SimulatorSession
from console.simulator.senses import BrainReply, BrainTurn, SpeechStarted, SpeechStopped, Transcript

WITHOUT_ID = ("input_audio_buffer.dtmf_event_received",)
SOON_MS = 50
STRICT = TypeAdapter(RealtimeServerEvent)
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
CHUNK = b"\x01\x02" * 2400
"""100 ms of audio."""
WEATHER = {"type": "function", "name": "get_weather", "parameters": {"type": "object"}}


class Driver:
    """A session with its engines. Work is left waiting until `work` is called.

    Every sentence takes `chunks_per_sentence` chunks of 100 ms; the assistant says what `replies`
    holds; the recogniser understands what `says` holds. Time stands still but for `pass_time`;
    what is to come within `SOON_MS` comes with the work.
    """

    def __init__(self, model="gpt-realtime-2.1", chunks_per_sentence=2, **options) -> None:
        new_id = IdMaker(random.Random(7), NOW.timestamp)
        self.now = NOW
        self.timers: list[tuple[datetime, str]] = []
        self.session = SimulatorSession(model, new_id=new_id, now=lambda: self.now, **options)
        self.replies: deque[BrainReply] = deque()
        self.says: deque[str | None] = deque()
        self.turns: list[BrainTurn] = []
        self.spoken: list[Speak] = []
        self.detector: list[Detect] = []
        self.listened = bytearray()
        self.overheard: list[Overhear] = []
        self.stopped: list[str] = []
        self.waiting: deque[Intent] = deque()
        self.events: list[dict[str, Any]] = []
        self.chunks_per_sentence = chunks_per_sentence
        self.take(self.session.open())

    def take(self, outcome: Outcome) -> list[dict[str, Any]]:
        for event in outcome.events:
            STRICT.validate_python(event)
            first = ["type"] if event["type"] in WITHOUT_ID else ["type", "event_id"]
            assert list(event)[: len(first)] == first
        self.events += outcome.events
        self.waiting += outcome.intents
        return outcome.events

    def send(self, event_type, **fields):
        return self.take(self.session.receive(json.dumps({"type": event_type, **fields})))

    def error(self, event_type, **fields):
        """Send what must be refused with nothing but one error."""
        before = len(self.waiting)
        events = self.send(event_type, event_id="evt-client", **fields)
        assert [each["type"] for each in events] == ["error"]
        assert len(self.waiting) == before
        error = events[0]["error"]
        assert error["event_id"] == "evt-client"
        return error["code"], error["param"], error["message"]

    def work(self, limit=1000):
        """Do up to `limit` pieces of waiting work; returns the events that came of it."""
        came = []
        while self.waiting and limit:
            limit -= 1
            came += self._work_on(self.waiting.popleft())
        return came + (self._come_due(SOON_MS) if limit else [])

    def pass_time(self, duration_ms):
        """Let time pass; returns the events of what came due."""
        self.work()
        came = self._come_due(duration_ms)
        self.now += timedelta(milliseconds=duration_ms)
        return came

    def _come_due(self, within_ms):
        """Do what is to be done in the next milliseconds, each at its time."""
        present, end = self.now, self.now + timedelta(milliseconds=within_ms)
        came = []
        while (due := min(self.timers, default=(end, ""))) in self.timers and due[0] <= end:
            self.timers.remove(due)
            self.now = due[0]
            came += self.take(self.session.due(due[1])) + self.work()
        self.now = present
        return came

    def _work_on(self, intent):
        match intent:
            case Listen(audio):
                self.listened += audio
            case Detect():
                self.detector.append(intent)
            case Convert():
                return self.take(self.session.convert())
            case Overhear():
                self.overheard.append(intent)
            case Later(timer_id, delay_ms):
                self.timers.append((self.now + timedelta(milliseconds=delay_ms), timer_id))
            case Stop(response_id):
                self.stopped.append(response_id)
            case Recognise(item_id):
                said = self.says.popleft()
                if said is None:
                    return self.take(self.session.not_transcribed(item_id))
                return self.take(self.session.transcribed(item_id, Transcript(said)))
            case Think(response_id, turn):
                self.turns.append(turn)
                came = self.take(self.session.thought(response_id, self.replies.popleft()))
                return came + self.take(self.session.thought_through(response_id))
            case Advance(response_id):
                return self.take(self.session.advance(response_id))
            case Speak(response_id):
                self.spoken.append(intent)
                came = []
                for _ in range(self.chunks_per_sentence):
                    came += self.take(self.session.spoken(response_id, CHUNK))
                return came + self.take(self.session.sentence_spoken(response_id))
        return []

    # ------------------------------------------------------------ what clients often do

    def configure(self, **session):
        return self.send("session.update", session={"type": "realtime", **session})

    def manual(self, **session):
        return self.configure(audio={"input": {"turn_detection": None}}, **session)

    def type(self, text="hello", **fields):
        content = [{"type": "input_text", "text": text}]
        item = {"type": "message", "role": "user", "content": content, **fields}
        return self.send("conversation.item.create", item=item)[0]["item"]["id"]

    def append(self, duration_ms=500):
        audio = b"\x03\x00" * pcm.ms_to_samples(duration_ms)
        return self.send("input_audio_buffer.append", audio=pcm.encode(audio))

    def expect(self, *sentences, calls=(), **reply):
        """Let the assistant answer this the next time."""
        self.replies.append(BrainReply(sentences, calls, **reply))

    def respond(self, *sentences, calls=(), **response):
        """Create a response and let it go on to its end; returns its events."""
        self.expect(*sentences, calls=calls)
        return self.send("response.create", response=response) + self.work()

    def begin(self, *sentences, limit=1, calls=(), **response):
        """Create a response and do only the first pieces of its work."""
        self.expect(*sentences, calls=calls)
        self.work()
        return self.send("response.create", response=response) + self.work(limit)

    def speech_starts(self, audio_start_ms=100):
        return self.take(self.session.boundary(SpeechStarted(audio_start_ms)))

    def speech_stops(self, audio_end_ms=900):
        return self.take(self.session.boundary(SpeechStopped(audio_end_ms)))


def kinds(events):
    return [event["type"] for event in events]


def without_deltas(events):
    return [kind for kind in kinds(events) if not kind.endswith(".delta")]


def only(events, event_type):
    """The one event of this type."""
    (found,) = [event for event in events if event["type"] == event_type]
    return found
