import asyncio
import json
import random
from collections import deque
from datetime import UTC, datetime
from typing import Any

import pytest

from console import pcm
from console.clock import SystemClock
from console.simulator.faults import Faults
from console.simulator.protocol.ids import IdMaker
from console.simulator.protocol.session import SimulatorSession
from console.simulator.senses import BrainReply
from console.simulator.service.session_work import HEARING_SLICE_BYTES, Pace, SessionWork
from console.simulator.speech.hearing import Hearing
from tests.simulator.fake_senses import FakeSenses, LoudnessDetector, silence, tone
from tests.simulator.serving import AT_ONCE, MANUAL


class Listener:
    def __init__(self):
        self.events: deque[dict[str, Any]] = deque()
        self.arrived = asyncio.Event()

    def put(self, events):
        self.events.extend(events)
        self.arrived.set()

    async def wait_for_room(self):
        await asyncio.sleep(0)

    async def until(self, event_type):
        seen = []
        async with asyncio.timeout(5):
            while True:
                while self.events:
                    seen.append(self.events.popleft())
                    if seen[-1]["type"] == event_type:
                        return seen
                self.arrived.clear()
                await self.arrived.wait()


@pytest.fixture
def hearing():
    hearing = Hearing()
    yield hearing
    hearing.close()


def work_of(listener, hearing, senses=None, faults=Faults(), pace: Pace = AT_ONCE):  # noqa: B008
    clock = SystemClock()
    session = SimulatorSession(
        "gpt-realtime-2.1",
        new_id=IdMaker(random.Random(1), clock.wall_s),
        now=lambda: datetime.now(UTC),
    )
    return SessionWork(
        session,
        senses or FakeSenses(),
        listener,
        clock=clock,
        pace=pace,
        hearing=hearing,
        faults=faults,
    )


async def tell(work, **event):
    await work.receive(json.dumps(event))


async def test_what_is_settled_takes_effect_before_the_session_is_shown(hearing):
    listener = Listener()
    work = work_of(listener, hearing)
    work.open(json.dumps({"type": "session.update", "session": MANUAL}))

    (created,) = listener.events
    assert created["type"] == "session.created"
    assert created["session"]["audio"]["input"]["turn_detection"] is None
    assert work.session_id == created["session"]["id"]


async def test_servers_of_tools_that_are_settled_are_listed_after_the_session_is_shown(hearing):
    server = {"type": "mcp", "server_label": "demo", "server_url": "https://demo.example/mcp"}
    listener = Listener()
    work = work_of(listener, hearing)

    work.open(json.dumps({"type": "session.update", "session": {**MANUAL, "tools": [server]}}))

    assert [event["type"] for event in listener.events] == [
        "session.created",
        "conversation.item.added",
        "mcp_list_tools.in_progress",
        "mcp_list_tools.completed",
        "conversation.item.done",
    ]
    assert listener.events[0]["session"]["tools"][0]["server_label"] == "demo"
    assert listener.events[-1]["item"]["server_label"] == "demo"


class CountingDetector(LoudnessDetector):
    def __init__(self):
        super().__init__()
        self.sizes = []

    def push(self, pcm24k):
        self.sizes.append(len(pcm24k))
        return super().push(pcm24k)


class CountingSenses(FakeSenses):
    def __init__(self):
        super().__init__()
        self.detector = CountingDetector()

    def new_detector(self):
        return self.detector


async def test_long_audio_is_heard_in_slices_so_that_others_get_their_turn(hearing):
    senses = CountingSenses()
    listener = Listener()
    work = work_of(listener, hearing, senses)
    work.open()
    await tell(work, type="input_audio_buffer.append", audio=pcm.encode(silence(1050)))

    assert len(senses.detector.sizes) == 11
    assert max(senses.detector.sizes) == HEARING_SLICE_BYTES


async def test_two_who_speak_at_once_are_heard_one_after_the_other(hearing):
    senses = FakeSenses()
    senses.ears.says = ["hello"]
    listener = Listener()
    work = work_of(listener, hearing, senses)
    work.open()
    spoken = [silence(320), tone(960), silence(960)]
    await asyncio.gather(
        *(tell(work, type="input_audio_buffer.append", audio=pcm.encode(audio)) for audio in spoken)
    )
    events = await listener.until("response.done")
    await work.close()

    stopped = [e for e in events if e["type"] == "input_audio_buffer.speech_stopped"]
    assert [e["audio_end_ms"] for e in stopped] == [1792]


class ScriptedBrain:
    async def respond(self, turn):
        yield BrainReply(["Going wrong."], fault="late_deltas,drop_after=3")

    def understands(self, turn):
        return True


class ScriptedSenses(FakeSenses):
    def __init__(self):
        super().__init__()
        self.__dict__["brain"] = ScriptedBrain()


async def test_a_script_may_let_something_go_wrong_while_it_answers(hearing):
    listener = Listener()
    told: list[Faults] = []
    work = work_of(listener, hearing, ScriptedSenses())
    work.on_fault = told.append
    work.open()
    await tell(work, type="response.create")
    await listener.until("response.done")
    await work.close()

    assert told == [Faults(late_deltas=True, drop_after=3)]


async def test_responses_fail_where_a_fault_says_so(hearing):
    listener = Listener()
    work = work_of(listener, hearing, faults=Faults(fail_response="rate_limit_exceeded"))
    work.open()
    await tell(work, type="response.create")
    response = (await listener.until("response.done"))[-1]["response"]
    await work.close()

    assert response["status"] == "failed"
    assert response["status_details"]["error"]["code"] == "rate_limit_exceeded"


async def test_closing_ends_what_waits_for_its_time(hearing):
    class PatientClock(SystemClock):
        async def sleep(self, duration_s):
            if duration_s:
                await asyncio.Event().wait()

    listener = Listener()
    work = work_of(listener, hearing)
    work._clock = PatientClock()
    work.open()
    await tell(work, type="response.create", response={"output_modalities": ["text"]})
    await asyncio.sleep(0)
    running = len(asyncio.all_tasks())
    await work.close()

    assert running > len(asyncio.all_tasks()) == 1


async def test_what_a_client_that_has_gone_left_behind_is_not_heard(hearing):
    senses = CountingSenses()
    work = work_of(Listener(), hearing, senses)
    work.open()
    work.stop_hearing()
    await tell(work, type="input_audio_buffer.append", audio=pcm.encode(silence(1050)))
    await tell(work, type="input_audio_buffer.append", audio=pcm.encode(silence(1050)))

    assert senses.detector.sizes == []


async def test_words_come_while_they_are_being_spoken(hearing):
    senses = FakeSenses()
    senses.ears.drafts = ["good", "good morning"]
    senses.ears.says = ["good morning Ada"]
    listener = Listener()
    work = work_of(listener, hearing, senses)
    work.open()
    transcription = {"model": "gpt-realtime-whisper"}
    audio = {"input": {"turn_detection": None, "transcription": transcription}}
    await tell(work, type="session.update", session={"type": "realtime", "audio": audio})
    for _ in range(2):
        await tell(work, type="input_audio_buffer.append", audio=pcm.encode(tone(600)))
        for _ in range(5):
            await asyncio.sleep(0)
    await tell(work, type="input_audio_buffer.commit")

    seen = await listener.until("conversation.item.input_audio_transcription.completed")
    kept = [each["type"].rpartition("input_audio_")[2] for each in seen]
    first, commit = kept.index("transcription.delta"), kept.index("buffer.committed")
    assert first < commit < len(kept) - 1
    deltas = [each["delta"] for each in seen if "delta" in each]
    assert "".join(deltas) == seen[-1]["transcript"] == "good morning Ada"
    assert senses.ears.drafted == [600, 1200]
    await work.close()


async def test_with_turn_detection_words_come_between_start_and_stop(hearing):
    senses = FakeSenses()
    senses.ears.drafts = ["hello", "hello"]
    senses.ears.says = ["hello"]
    listener = Listener()
    work = work_of(listener, hearing, senses)
    work.open()
    audio = {"input": {"transcription": {"model": "gpt-realtime-whisper"}}}
    await tell(work, type="session.update", session={"type": "realtime", "audio": audio})
    for part in (tone(600), tone(800), silence(1000)):
        await tell(work, type="input_audio_buffer.append", audio=pcm.encode(part))

    seen = [each["type"] for each in await listener.until("input_audio_buffer.speech_stopped")]
    assert "conversation.item.input_audio_transcription.delta" in seen
    await work.close()


async def test_long_phone_audio_lets_others_have_their_turn(hearing):
    listener = Listener()
    work = work_of(listener, hearing)
    work.open()
    audio = {"input": {"turn_detection": None, "format": {"type": "audio/pcmu"}}}
    await tell(work, type="session.update", session={"type": "realtime", "audio": audio})
    n_turns = 0

    async def others():
        nonlocal n_turns
        while True:
            n_turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(others())
    await tell(work, type="input_audio_buffer.append", audio=pcm.encode(b"\xff" * 8 * 50_000))
    other.cancel()
    await tell(work, type="input_audio_buffer.commit")

    assert n_turns >= 2
    assert (await listener.until("input_audio_buffer.committed"))[-1]["item_id"]
    await work.close()
