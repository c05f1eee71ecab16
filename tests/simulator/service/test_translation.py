import itertools
import json
from datetime import UTC, datetime

import httpx
import pytest
from openai.types.realtime import (
    RealtimeTranslationClientSecretCreateResponse,
    RealtimeTranslationServerEvent,
)
from pydantic import TypeAdapter
from websockets.asyncio.client import connect

from console import pcm
from console.simulator.assistant.brain import RuleBrain
from console.simulator.protocol.intents import Listen, Outcome, Recognise, Speak, Think
from console.simulator.senses import BrainReply, SpeechStarted, SpeechStopped, Transcript
from console.simulator.service import translation
from console.simulator.service.translation import FRAME_MS, TranslationSession
from tests.simulator.fake_senses import FakeSenses, silence, tone
from tests.simulator.serving import Talker, closing, handshake_status, running

STRICT = TypeAdapter(RealtimeTranslationServerEvent)
TRANSCRIBED = {"audio": {"input": {"transcription": {"model": "gpt-realtime-whisper"}}}}


def new_session(*, translates=True):
    numbers = itertools.count()
    session = TranslationSession(
        "gpt-realtime-translate",
        new_id=lambda prefix: f"{prefix}{next(numbers)}",
        now=lambda: datetime(2026, 1, 1, tzinfo=UTC),
        translates=translates,
    )
    session.open()
    return session


def tell(session, event_type, /, **fields):
    return session.receive(json.dumps({"type": event_type, "event_id": "mine", **fields}))


def append(session, audio):
    return tell(session, "session.input_audio_buffer.append", audio=pcm.encode(audio))


def understood(session, text):
    """Let the session understand `text` in half a second of sound; return what it does then."""
    start_ms = session._buffer.end_ms
    append(session, silence(500))
    session.boundary(SpeechStarted(start_ms))
    (recognise,) = session.boundary(SpeechStopped(start_ms + 500)).intents
    assert isinstance(recognise, Recognise)
    assert (len(recognise.pcm), recognise.turn) == (500 * pcm.BYTES_PER_MS, None)
    return session.transcribed(recognise.item_id, Transcript(text))


def kinds(outcome):
    return [event["type"] for event in outcome.events]


def test_an_update_changes_what_it_names_and_nothing_else():
    session = new_session()
    noise = {"type": "near_field", "strength": 0.5}
    tell(session, "session.update", session={"audio": {"input": {"noise_reduction": noise}}})
    far = {"audio": {"input": {"noise_reduction": {"type": "far_field"}}}}
    tell(session, "session.update", session=far)
    outcome = tell(session, "session.update", session={"audio": {"output": {"language": "de"}}})

    shown = outcome.events[0]["session"]
    STRICT.validate_python(outcome.events[0], strict=True)
    assert shown["audio"] == {
        "input": {
            "transcription": None,
            "noise_reduction": {"type": "far_field", "strength": 0.5},
        },
        "output": {"language": "de"},
    }


@pytest.mark.parametrize(
    ("event_type", "fields", "param"),
    [
        ("response.create", {}, "type"),
        ("session.update", {}, "session"),
        ("session.update", {"session": {"model": "x"}}, "session.model"),
        ("session.update", {"session": {"audio": {"voice": 1}}}, "session.audio.voice"),
        ("session.input_audio_buffer.append", {"audio": "?"}, "audio"),
        ("session.input_audio_buffer.append", {"audio": "AA=="}, "audio"),
    ],
)
def test_a_mistake_is_told_by_its_parameter_and_echoed(event_type, fields, param):
    (error,) = tell(new_session(), event_type, **fields).events

    STRICT.validate_python(error, strict=True)
    assert (error["error"]["param"], error["error"]["event_id"]) == (param, "mine")


def test_appended_sound_is_listened_to():
    assert append(new_session(), tone(40)).intents == [Listen(tone(40))]


def test_what_was_said_is_asked_for_in_the_language_that_is_wanted():
    session = new_session()
    tell(session, "session.update", session={"audio": {"output": {"language": "de"}}})
    outcome = understood(session, "Good morning.")

    (think,) = outcome.intents
    assert isinstance(think, Think)
    assert "'de'" in think.turn.instructions
    assert think.turn.items[-1]["content"] == [{"type": "input_text", "text": "Good morning."}]
    assert outcome.events == []  # the source is shown only to who asks for it


def test_a_translation_is_said_sentence_by_sentence_in_whole_frames():
    session = new_session()
    (think,) = understood(session, "Hello.").intents
    first = session.thought(think.response_id, BrainReply(["Guten Tag.", "Wie geht's?"]))
    said = session.spoken(think.response_id, tone(FRAME_MS + 100))
    rest = session.sentence_spoken(think.response_id)
    last = session.sentence_spoken(think.response_id)
    over = session.thought_through(think.response_id)

    assert [each.text for each in first.intents + rest.intents] == ["Guten Tag.", "Wie geht's?"]
    events = first.events + said.events + rest.events
    for event in events:
        STRICT.validate_python(event, strict=True)
    deltas = [e["delta"] for e in events if e["type"] == "session.output_transcript.delta"]
    frames = [e for e in events if e["type"] == "session.output_audio.delta"]
    assert "".join(deltas) == "Guten Tag. Wie geht's?"
    assert {len(pcm.decode(e["delta"])) for e in frames} == {FRAME_MS * pcm.BYTES_PER_MS}
    assert [len(frames), frames[0]["elapsed_ms"]] == [2, 400]
    assert (last.events, over.events) == ([], [])
    assert not session.is_responding(think.response_id)


def test_the_source_is_shown_to_who_asks_for_it():
    session = new_session(translates=False)
    tell(session, "session.update", session=TRANSCRIBED)
    events = understood(session, "Hello.").events + understood(session, "And again.").events

    source = [e for e in events if e["type"] == "session.input_transcript.delta"]
    for event in source:
        STRICT.validate_python(event, strict=True)
    assert "".join(event["delta"] for event in source) == "Hello. And again."


def test_utterances_are_said_one_after_the_other():
    session = new_session(translates=False)
    (speak,) = understood(session, "One.").intents
    second = understood(session, "Two.")
    after = session.sentence_spoken(speak.response_id)

    assert isinstance(speak, Speak)
    assert second.intents == []
    assert [each.text for each in after.intents] == ["Two."]


def test_who_speaks_on_is_interpreted_meanwhile(monkeypatch):
    monkeypatch.setattr(translation, "MAX_UTTERANCE_MS", 1000)
    session = new_session()
    append(session, tone(600))
    session.boundary(SpeechStarted(100))
    append(session, tone(600))
    third = append(session, tone(600))
    stopped = session.boundary(SpeechStopped(1800))

    pieces = [each for each in third.intents + stopped.intents if isinstance(each, Recognise)]
    assert [len(each.pcm) // pcm.BYTES_PER_MS for each in pieces] == [1100, 600]


def test_long_silence_is_not_kept():
    session = new_session()
    for _ in range(30):
        append(session, silence(1000))

    assert session._buffer.n_samples <= pcm.ms_to_samples(3000)


def test_closing_waits_for_what_is_still_to_be_said():
    session = new_session(translates=False)
    append(session, tone(500))
    session.boundary(SpeechStarted(0))
    asked = tell(session, "session.close")
    refused = append(session, tone(40))
    (recognise,) = asked.intents
    said = session.transcribed(recognise.item_id, Transcript("Bye."))
    (speak,) = said.intents
    closed = session.sentence_spoken(speak.response_id)

    assert kinds(asked) == []
    assert refused.events[0]["error"]["code"] == "session_closed"
    assert kinds(closed) == ["session.closed"]


def test_closing_is_at_once_when_nothing_is_to_be_said():
    assert kinds(tell(new_session(), "session.close")) == ["session.closed"]


def test_what_fails_is_told_and_left_out():
    session = new_session()
    append(session, tone(500))
    session.boundary(SpeechStarted(0))
    (recognise,) = session.boundary(SpeechStopped(500)).intents
    not_heard = session.not_transcribed(recognise.item_id)
    (think,) = understood(session, "Hello.").intents
    failed = session.fail_response(think.response_id, "insufficient_quota", "No more.")
    late = session.thought(think.response_id, BrainReply(["Guten Tag."]))
    closed = tell(session, "session.close")

    for event in [*not_heard.events, *failed.events]:
        STRICT.validate_python(event, strict=True)
    assert failed.events[0]["error"]["code"] == "insufficient_quota"
    assert (late.events, kinds(closed)) == ([], ["session.closed"])


def test_nothing_understood_is_nothing_said():
    outcome = understood(new_session(), "")

    assert (outcome.events, outcome.intents) == ([], [])


# ---------------------------------------------------------------- on the wire


class RuleSenses(FakeSenses):
    def __init__(self):
        super().__init__()
        self.__dict__["brain"] = RuleBrain()


@pytest.mark.parametrize("repeats", [True, False])
async def test_a_translation_over_a_websocket(repeats):
    senses = RuleSenses() if repeats else FakeSenses()
    senses.ears.says = ["hello"]
    async with running(senses) as server:
        url = f"{server.url}/translations?model=gpt-realtime-translate"
        async with connect(url, compression=None) as connection:
            talker = Talker(connection)
            await talker.send(type="session.update", session=TRANSCRIBED)
            spoken = pcm.encode(silence(640) + tone(960) + silence(960))
            await talker.send(type="session.input_audio_buffer.append", audio=spoken)
            events = await talker.until("session.output_audio.delta")
            await talker.send(type="session.close")
            events += await talker.until("session.closed")
            ending = await closing(connection)

    for event in events:
        STRICT.validate_python(event, strict=True)
    said = "".join(e["delta"] for e in events if e["type"] == "session.output_transcript.delta")
    assert events[0]["type"] == "session.created"
    assert said == ("hello" if repeats else "You said hello. What else?")
    assert ending == (1000, "")


async def test_a_translation_needs_a_model():
    async with running() as server:
        async with connect(f"{server.url}/translations", compression=None) as connection:
            error = (await Talker(connection).until("error"))[-1]["error"]
        status = await handshake_status(server, "/v1/realtime/translations/unknown")

    assert (error["code"], status) == ("missing_model", 404)


async def test_a_secret_opens_a_translation_with_its_language():
    async with running(require_key="right") as server, httpx.AsyncClient() as client:
        answer = await client.post(
            f"http://127.0.0.1:{server.port}/v1/realtime/translations/client_secrets",
            json={"session": {"model": "mine", "audio": {"output": {"language": "fr"}}}},
            headers={"Authorization": "Bearer right"},
        )
        made = answer.json()
        RealtimeTranslationClientSecretCreateResponse.model_validate(made, strict=True)
        headers = {"Authorization": f"Bearer {made['value']}"}
        url = f"{server.url}/translations"
        async with connect(url, compression=None, additional_headers=headers) as connection:
            session = json.loads(await connection.recv())["session"]

    assert (session["model"], session["audio"]["output"]["language"]) == ("mine", "fr")


def test_what_other_sessions_do_along_the_way_leads_to_nothing_here():
    session = new_session()

    assert session.listened(500) == Outcome()
    assert session.convert() == Outcome()
    assert session.overheard("item_1", Transcript("Hello")) == Outcome()
