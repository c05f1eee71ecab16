"""What comes in over a real socket: transcription alone, phone audio both ways, a slow huge event."""

import pytest

from console import pcm
from console.audio_format import AudioFormat, Decoder, Encoder
from tests.fakes import ManualClock
from tests.simulator.fake_senses import FakeSenses, silence, tone
from tests.simulator.serving import MANUAL, Talker, open_session, running

TRANSCRIPTION = "conversation.item.input_audio_transcription."


async def send_audio(talker, audio, size=4800):
    for at in range(0, len(audio), size):
        chunk = pcm.encode(audio[at : at + size])
        await talker.send(type="input_audio_buffer.append", audio=chunk)


async def test_a_transcription_session_is_heard_once_by_no_assistant():
    senses = FakeSenses()
    senses.ears.says = ["mumble"]
    async with running(senses) as server, open_session(server, "?intent=transcription") as line:
        talker = Talker(line)
        (created,) = await talker.until("session.created")
        settings = {"transcription": {"model": "gpt-4o-transcribe"}}
        session = {"type": "transcription", "audio": {"input": settings}}
        await talker.send(type="session.update", session=session)
        await talker.until("session.updated")
        await send_audio(talker, silence(320) + tone(1600) + silence(1600))

        *_, done = await talker.until(f"{TRANSCRIPTION}completed")

    assert created["session"]["object"] == "realtime.transcription_session"
    assert done["transcript"] == "mumble"
    assert [is_retry for _, is_retry, _ in senses.ears.asked] == [False]


@pytest.mark.parametrize("audio_format", [AudioFormat.PCMU, AudioFormat.PCMA])
async def test_a_conversation_in_phone_audio(audio_format):
    senses = FakeSenses()
    senses.ears.says = ["hello"]
    async with running(senses) as server, open_session(server) as line:
        talker = Talker(line)
        shown = audio_format.wire()
        session = {
            "type": "realtime",
            "audio": {"input": {"format": shown}, "output": {"format": shown}},
        }
        await talker.send(type="session.update", session=session)
        spoken = Encoder(audio_format).encode(silence(640) + tone(1600) + silence(1600), last=True)
        await send_audio(talker, spoken, size=160)

        events = await talker.until("response.done")

    kinds = {event["type"]: event for event in events}
    started, stopped = (
        kinds[f"input_audio_buffer.speech_{what}"] for what in ("started", "stopped")
    )
    assert started["audio_start_ms"] == pytest.approx(640 - 300, abs=64)
    assert stopped["audio_end_ms"] == pytest.approx(640 + 1600 + 500, abs=64)
    deltas = [each["delta"] for each in events if each["type"] == "response.output_audio.delta"]
    heard = Decoder(audio_format).decode(b"".join(map(pcm.decode, deltas)), last=True)
    said_ms = 60 * (len("You said hello.") + len("What else?"))
    assert pcm.bytes_to_ms(len(heard)) == pytest.approx(said_ms, abs=1)
    assert pcm.rms_dbfs(heard) == pytest.approx(pcm.rms_dbfs(tone(said_ms)), abs=1)


async def test_the_largest_audio_of_one_event_is_taken():
    five_minutes = bytes(300_000 * pcm.BYTES_PER_MS)
    async with running() as server, open_session(server) as line:
        talker = Talker(line)
        await talker.send(type="session.update", session=MANUAL)
        await talker.send(type="input_audio_buffer.append", audio=pcm.encode(five_minutes))
        await talker.send(type="input_audio_buffer.clear")

        events = await talker.until("input_audio_buffer.cleared")

    assert "error" not in [event["type"] for event in events]


async def test_a_silent_user_is_spoken_to_on_the_servers_clock():
    clock = ManualClock()
    detection = {"type": "server_vad", "idle_timeout_ms": 5000}
    session = {
        "type": "realtime",
        "output_modalities": ["text"],
        "audio": {"input": {"turn_detection": detection}},
    }
    async with running(clock=clock) as server, open_session(server) as line:
        talker = Talker(line)
        await talker.send(type="session.update", session=session)
        await talker.say("hello")
        await talker.send(type="response.create")
        await talker.until("response.done")

        await clock.advance(5)

        events = await talker.until("response.done")
    told = [each["type"] for each in events if each["type"].startswith("input_audio_buffer")]
    assert told == ["input_audio_buffer.timeout_triggered", "input_audio_buffer.committed"]
