import asyncio
import json
import time

from console import pcm
from console.clock import SystemClock
from console.errors import SpeechEngineError
from console.simulator.service.session_work import Pace
from tests.simulator.fake_senses import FakeSenses, LoudnessDetector, silence, tone
from tests.simulator.serving import (
    MANUAL,
    Talker,
    closing,
    open_session,
    running,
    until,
)


async def test_a_typed_message_is_answered_with_speech_and_transcript():
    async with running() as server, open_session(server) as connection:
        talker = Talker(connection)
        await talker.say("hello")
        await talker.send(type="response.create")
        events = await talker.until("response.done")

    deltas = [e["delta"] for e in events if e["type"] == "response.output_audio_transcript.delta"]
    audio = [e["delta"] for e in events if e["type"] == "response.output_audio.delta"]
    assert events[0]["type"] == "session.created"
    assert "".join(deltas) == "You said hello. What else?"
    assert pcm.bytes_to_ms(len(b"".join(map(pcm.decode, audio)))) == 60 * len("You said hello.") + (
        60 * len("What else?")
    )


async def test_a_spoken_turn_is_detected_recognised_and_answered():
    senses = FakeSenses()
    senses.ears.says = ["hello"]
    async with running(senses) as server, open_session(server) as connection:
        talker = Talker(connection)
        spoken = silence(640) + tone(960) + silence(960)
        await talker.send(type="input_audio_buffer.append", audio=pcm.encode(spoken))
        events = await talker.until("response.done")

    kinds = [e["type"] for e in events]
    assert kinds[1:7] == [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
    ]
    assert events[1]["audio_start_ms"] == 340
    assert events[2]["audio_end_ms"] == 2112
    assert senses.ears.asked == [(2112 - 340, False, "")]


async def test_what_the_assistant_cannot_understand_is_listened_to_again():
    senses = FakeSenses()
    senses.ears.says = ["mumble", "hello"]
    async with running(senses) as server, open_session(server) as connection:
        talker = Talker(connection)
        await talker.send(type="session.update", session=MANUAL)
        await talker.send(type="input_audio_buffer.append", audio=pcm.encode(tone(500)))
        await talker.send(type="input_audio_buffer.commit")
        await talker.send(type="response.create")
        events = await talker.until("response.done")

    said = events[-1]["response"]["output"][0]["content"][0]["transcript"]
    assert said == "You said hello. What else?"
    assert [retry for _, retry, _ in senses.ears.asked] == [False, True]


async def test_speech_over_a_long_answer_stops_the_synthesis():
    senses = FakeSenses()
    senses.ears.says = ["stop"]
    pace = Pace(speech_rate=20)
    async with running(senses, pace=pace) as server, open_session(server) as connection:
        talker = Talker(connection)
        await talker.say("count")
        await talker.send(type="response.create")
        await talker.until("response.output_audio.delta")
        await talker.send(type="input_audio_buffer.append", audio=pcm.encode(tone(320)))
        events = await talker.until("response.done")
        await talker.send(type="input_audio_buffer.append", audio=pcm.encode(silence(960)))
        later = await talker.until("response.done")

    done = events[-1]["response"]
    details = {"type": "cancelled", "reason": "turn_detected"}
    assert (done["status"], done["status_details"]) == ("cancelled", details)
    assert senses.voice.n_closed_early == 1
    assert not [e for e in later if e.get("response_id") == done["id"]]


async def test_a_failing_voice_ends_the_response_as_failed_and_the_session_goes_on():
    async with running() as server, open_session(server) as connection:
        talker = Talker(connection)
        output = {"output": {"voice": "verse"}}
        await talker.say("hello")
        await talker.send(type="response.create", response={"audio": output})
        failed = (await talker.until("response.done"))[-1]["response"]
        await talker.send(type="response.create", response={"output_modalities": ["text"]})
        answered = (await talker.until("response.done"))[-1]["response"]

    assert failed["status_details"]["error"]["message"] == "The voice verse has a cold."
    assert answered["status"] == "completed"


async def test_a_crash_of_the_assistant_fails_the_response_and_not_the_session(caplog):
    async with running() as server, open_session(server) as connection:
        talker = Talker(connection)
        await talker.say("crash")
        await talker.send(type="response.create")
        failed = (await talker.until("response.done"))[-1]["response"]
        await talker.send(type="session.update", session=MANUAL)
        await talker.until("session.updated")

    assert failed["status"] == "failed"
    assert "could not be carried out" in caplog.text


async def test_binary_frames_are_answered_with_an_error():
    async with running() as server, open_session(server) as connection:
        await connection.send(b"\x00")
        error = (await Talker(connection).until("error"))[-1]["error"]

    assert error["code"] == "invalid_event"


async def test_a_client_that_drops_the_line_leaves_nothing_running(caplog):
    senses = FakeSenses()
    async with running(senses, pace=Pace(speech_rate=20)) as server:
        connection = await open_session(server)
        talker = Talker(connection)
        await talker.say("count")
        await talker.send(type="response.create")
        await talker.until("response.output_audio.delta")
        connection.transport.abort()
        await asyncio.wait_for(until(lambda: server.n_sessions == 0), 5)

    assert senses.voice.n_closed_early == 1
    assert not caplog.records


class DeafDetector(LoudnessDetector):
    def push(self, pcm24k):
        raise RuntimeError("the detector has crashed")


class DeafSenses(FakeSenses):
    def new_detector(self):
        return DeafDetector()


async def test_a_crash_while_handling_an_event_is_told_and_the_session_goes_on(caplog):
    async with running(DeafSenses()) as server, open_session(server) as connection:
        talker = Talker(connection)
        await talker.send(type="input_audio_buffer.append", audio=pcm.encode(tone(100)))
        error = (await talker.until("error"))[-1]["error"]
        await talker.send(type="session.update", session=MANUAL)
        await talker.until("session.updated")

    assert (error["type"], error["code"]) == ("server_error", "server_error")
    assert "could not be handled" in caplog.text


class HastyClock(SystemClock):
    """Long waits are over at once."""

    async def sleep(self, duration_s):
        await super().sleep(0)


async def test_a_session_ends_after_an_hour_and_says_why():
    async with running(clock=HastyClock()) as server, open_session(server) as connection:
        events = await Talker(connection).until("error")
        ending = await closing(connection)

    assert events[-1]["error"]["code"] == "session_expired"
    assert ending == (1001, "Your session hit the maximum duration of 60 minutes.")


async def test_a_session_of_the_beta_ends_after_half_an_hour():
    headers = {"OpenAI-Beta": "realtime=v1"}
    async with (
        running(clock=HastyClock()) as server,
        open_session(server, additional_headers=headers) as connection,
    ):
        created = json.loads(await connection.recv())
        left_s = created["session"]["expires_at"] - time.time()
        await Talker(connection).until("error")
        ending = await closing(connection)

    assert 1790 < left_s <= 1800
    assert ending == (1001, "Your session hit the maximum duration of 30 minutes.")


async def test_failing_ears_are_told_and_the_turn_is_answered(caplog):
    senses = FakeSenses()
    senses.ears.says = [SpeechEngineError("No ears.")]
    transcription = {"model": "gpt-realtime-whisper"}
    session = {"type": "realtime", "audio": {"input": {"transcription": transcription}}}
    async with running(senses) as server, open_session(server) as connection:
        talker = Talker(connection)
        await talker.send(type="session.update", session=session)
        await talker.send(
            type="input_audio_buffer.append", audio=pcm.encode(tone(500) + silence(640))
        )
        events = await talker.until("response.done")

    kinds = [e["type"] for e in events]
    assert "conversation.item.input_audio_transcription.failed" in kinds
    assert events[-1]["response"]["output"][0]["content"][0]["transcript"] == "Pardon?"
    assert "No ears." in caplog.text
