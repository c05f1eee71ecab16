import asyncio
import json
import random
from datetime import UTC, datetime

import pytest

from console.clock import SystemClock
from console.simulator.faults import Faults
from console.simulator.protocol.ids import IdMaker
from console.simulator.protocol.session import SimulatorSession
from console.simulator.service.call_speaker import FRAME_BYTES, CallSpeaker
from console.simulator.service.call_work import CallWork
from console.simulator.speech.hearing import Hearing
from tests.simulator.fake_senses import FakeSenses, silence, tone
from tests.simulator.serving import AT_ONCE


class Listener:
    def __init__(self):
        self.events = []

    def put(self, events):
        self.events += events

    async def wait_for_room(self):
        await asyncio.sleep(0)

    def kinds(self):
        return [event["type"] for event in self.events]


@pytest.fixture
def listener():
    return Listener()


@pytest.fixture
async def speaker():
    return CallSpeaker()


@pytest.fixture
async def work(listener, speaker):
    hearing, clock, senses = Hearing(), SystemClock(), FakeSenses()
    senses.ears.says = ["hello"] * 4
    session = SimulatorSession(
        "gpt-realtime-2.1",
        new_id=IdMaker(random.Random(1), clock.wall_s),
        now=lambda: datetime.now(UTC),
        is_call=True,
        speaker=speaker,
    )
    work = CallWork(
        session, senses, listener, clock=clock, pace=AT_ONCE, hearing=hearing, faults=Faults()
    )
    speaker.on_started, speaker.on_stopped = work.playback_started, work.playback_stopped
    work.open()
    yield work
    await work.close()
    hearing.close()


async def until(holds):
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0)


async def test_sound_is_heard_as_if_it_had_been_appended(work, listener):
    for piece in (silence(500), tone(600), silence(700)):
        await work.hear(piece)
    await until(lambda: "response.done" in listener.kinds())

    assert listener.kinds()[:3] == [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
    ]
    assert (listener.events[0]["audio_start_ms"], listener.events[1]["audio_end_ms"]) == (180, 1632)


async def test_what_is_played_is_told_when_it_is_played(work, listener, speaker):
    await work.receive('{"type":"response.create"}')
    await until(lambda: "response.done" in listener.kinds())
    before = [each for each in listener.kinds() if each.startswith("output_audio_buffer")]
    while (frame := speaker.pull()) is not None:
        assert len(frame) == FRAME_BYTES
    after = [each for each in listener.kinds() if each.startswith("output_audio_buffer")]

    assert before == []
    assert after == ["output_audio_buffer.started", "output_audio_buffer.stopped"]


async def test_the_caller_is_introduced_to_the_session_and_nobody_else_is(work, listener):
    introduced = work.introduce().events

    assert [each["type"] for each in introduced] == ["session.created"]
    assert introduced[0]["session"]["model"] == "gpt-realtime-2.1"
    assert listener.events == []


async def test_a_key_is_told(work, listener):
    work.press("5")

    assert listener.events[0]["event"] == "5"
    with pytest.raises(ValueError, match="no key"):
        work.press("x")


async def test_of_sound_that_nobody_commits_the_newest_stays(work, listener, monkeypatch):
    monkeypatch.setattr("console.simulator.protocol.input_audio.MAX_HELD_MS", 1000)
    off = '{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":null}}}}'
    await work.receive(off)
    for _ in range(3):
        await work.hear(tone(500))
    await work.receive('{"type":"input_audio_buffer.commit"}')
    item = next(each["item"] for each in listener.events if "item" in each)
    await work.receive(json.dumps({"type": "conversation.item.retrieve", "item_id": item["id"]}))
    audio = listener.events[-1]["item"]["content"][0]["audio"]

    assert "error" not in listener.kinds()
    assert len(audio) * 3 / 4 == pytest.approx(1000 * 48, abs=4)
