"""A session of the beta, driven step by step; every event must be of the beta to the letter."""

import base64
import json
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.realtime.dialect import BetaServerDialect
from console.simulator.protocol.beta import BetaSession
from console.simulator.protocol.ids import IdMaker
from console.simulator.protocol.intents import Convert
from console.simulator.protocol.refusals import Refusal
from console.simulator.protocol.session import SimulatorSession
from console.simulator.senses import BrainCall, BrainReply, Transcript
from tests.realtime.wire_examples import EXAMPLES, check
from tests.simulator.session_driver import NOW, WEATHER, Driver, kinds, only, without_deltas

GPT_4O = "gpt-4o-realtime-preview"
AUDIO_ANSWER = [
    "response.created",
    "response.output_item.added",
    "conversation.item.created",
    "response.content_part.added",
    "response.audio.done",
    "response.audio_transcript.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.done",
    "rate_limits.updated",
]
TEXT_ANSWER = [
    "response.created",
    "response.output_item.added",
    "conversation.item.created",
    "response.content_part.added",
    "response.text.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.done",
    "rate_limits.updated",
]


class BetaDriver(Driver):
    """A driver whose session speaks beta."""

    def __init__(self, model=GPT_4O, **options):
        super().__init__(model, **options)

    @property
    def session(self):
        return self._beta

    @session.setter
    def session(self, today):
        self._beta = BetaSession(today)

    def take(self, outcome):
        for event in outcome.events:
            check("beta", "server", event)
            assert list(event)[:2] == ["type", "event_id"]
        self.events += outcome.events
        self.waiting += outcome.intents
        return outcome.events

    def configure(self, **session):
        return self.send("session.update", session=session)

    def manual(self, **session):
        return self.configure(turn_detection=None, **session)


def new(model=GPT_4O, **options):
    new_id = IdMaker(random.Random(7), NOW.timestamp)
    return BetaSession(SimulatorSession(model, new_id=new_id, now=lambda: NOW, **options))


def send(session, event_type, /, **fields):
    return session.receive(json.dumps({"type": event_type, **fields})).events


# ---------------------------------------------------------------- session


def test_a_session_begins_flat_and_with_its_conversation():
    created, conversation = BetaDriver().events
    session = created["session"]

    assert kinds([created, conversation]) == ["session.created", "conversation.created"]
    assert conversation["conversation"]["id"].startswith("conv_")
    assert list(session)[:16] == [
        "id",
        "object",
        "model",
        "expires_at",
        "modalities",
        "instructions",
        "voice",
        "input_audio_format",
        "output_audio_format",
        "input_audio_transcription",
        "input_audio_noise_reduction",
        "turn_detection",
        "tools",
        "tool_choice",
        "temperature",
        "max_response_output_tokens",
    ]
    assert not {"type", "audio", "output_modalities", "truncation"} & session.keys()
    assert session["modalities"] == ["text", "audio"]
    assert session["temperature"] == 0.8
    assert session["max_response_output_tokens"] == "inf"
    assert (session["input_audio_format"], session["output_audio_format"]) == ("pcm16", "pcm16")


@pytest.mark.parametrize("model", [GPT_4O, "gpt-realtime-2.1"])
def test_a_session_begins_with_the_voice_and_the_patience_of_the_beta(model):
    outcome = new(model).open()
    session = outcome.events[0]["session"]

    assert session["voice"] == "alloy"
    assert session["turn_detection"] == {
        "type": "server_vad",
        "threshold": 0.5,
        "prefix_padding_ms": 300,
        "silence_duration_ms": 200,
        "create_response": True,
        "interrupt_response": True,
    }
    (detect,) = outcome.intents
    assert detect.silence_duration_ms == 200


def test_what_was_settled_before_the_beginning_stays():
    settled = {"voice": "echo", "turn_detection": None}
    session = new("gpt-realtime-2.1")
    (shown,) = send(session, "session.update", session=settled)
    begun = session.open().events[0]

    assert shown["session"].items() >= settled.items()
    assert begun["session"] == shown["session"]


def test_what_was_settled_in_the_words_of_today_stays():
    new_id = IdMaker(random.Random(7), NOW.timestamp)
    today = SimulatorSession("gpt-realtime-2.1", new_id=new_id, now=lambda: NOW)
    audio = {"input": {"turn_detection": {"type": "semantic_vad"}}, "output": {"voice": "echo"}}
    send(today, "session.update", session={"type": "realtime", "audio": audio})
    begun = BetaSession(today).open().events[0]["session"]

    assert (begun["voice"], begun["turn_detection"]["type"]) == ("echo", "semantic_vad")


def test_an_update_needs_no_type_and_is_answered_with_the_whole_session():
    driver = BetaDriver()
    (updated,) = driver.configure(
        modalities=["text"],
        voice="verse",
        speed=1.2,
        instructions="Be brief.",
        input_audio_transcription={"model": "whisper-1"},
        input_audio_noise_reduction={"type": "near_field"},
        turn_detection={"type": "semantic_vad"},
        tools=[WEATHER],
        temperature=1.0,
        max_response_output_tokens=100,
    )
    session = updated["session"]

    assert session["modalities"] == ["text"]
    assert (session["voice"], session["speed"]) == ("verse", 1.2)
    assert session["input_audio_transcription"]["model"] == "whisper-1"
    assert session["input_audio_noise_reduction"] == {"type": "near_field"}
    assert session["turn_detection"]["eagerness"] == "auto"
    assert (session["temperature"], session["max_response_output_tokens"]) == (1.0, 100)
    assert session["id"] == driver.events[0]["session"]["id"]


def test_telephone_sound_has_its_beta_name():
    driver = BetaDriver()
    (updated,) = driver.configure(input_audio_format="g711_ulaw", output_audio_format="g711_alaw")
    session = updated["session"]

    assert session["input_audio_format"] == "g711_ulaw"
    assert session["output_audio_format"] == "g711_alaw"


def test_null_goes_back_to_the_voice_of_the_beta():
    driver = BetaDriver()
    driver.configure(voice="echo")

    assert driver.configure(voice=None)[0]["session"]["voice"] == "alloy"


@pytest.mark.parametrize(
    ("session", "code", "param"),
    [
        ({"type": "realtime"}, "unknown_parameter", "session.type"),
        ({"audio": {"output": {}}}, "unknown_parameter", "session.audio"),
        ({"output_modalities": ["text"]}, "unknown_parameter", "session.output_modalities"),
        ({"max_output_tokens": 1}, "unknown_parameter", "session.max_output_tokens"),
        ({"truncation": "auto"}, "unknown_parameter", "session.truncation"),
        ({"colour": "red"}, "unknown_parameter", "session.colour"),
        ({"modalities": ["audio"]}, "invalid_value", "session.modalities"),
        ({"modalities": "audio"}, "invalid_value", "session.modalities"),
        ({"voice": "marin"}, "invalid_value", "session.voice"),
        ({"voice": {"id": "voice_1"}}, "invalid_value", "session.voice"),
        ({"input_audio_format": "pcm"}, "invalid_value", "session.input_audio_format"),
        (
            {"output_audio_format": {"type": "audio/pcm"}},
            "invalid_value",
            "session.output_audio_format",
        ),
        ({"temperature": 0.5}, "invalid_value", "session.temperature"),
        ({"temperature": 1.3}, "invalid_value", "session.temperature"),
        ({"temperature": "warm"}, "invalid_value", "session.temperature"),
        ({"speed": 9}, "invalid_value", "session.speed"),
        ({"max_response_output_tokens": 0}, "invalid_value", "session.max_response_output_tokens"),
        (
            {"max_response_output_tokens": 4097},
            "invalid_value",
            "session.max_response_output_tokens",
        ),
        ({"turn_detection": {"type": "none"}}, "invalid_value", "session.turn_detection.type"),
        ({"turn_detection": {}}, "missing_required_parameter", "session.turn_detection.type"),
        (
            {"turn_detection": {"type": "server_vad", "idle_timeout_ms": 5000}},
            "unknown_parameter",
            "session.turn_detection.idle_timeout_ms",
        ),
        (
            {"turn_detection": {"type": "server_vad", "threshold": 2}},
            "invalid_value",
            "session.turn_detection.threshold",
        ),
        (
            {"input_audio_noise_reduction": {"type": "near_field", "strength": 1}},
            "unknown_parameter",
            "session.input_audio_noise_reduction.strength",
        ),
        (
            {"input_audio_transcription": {"language": "en"}},
            "missing_required_parameter",
            "session.input_audio_transcription.model",
        ),
        ({"tools": [{"type": "mcp"}]}, "invalid_value", "session.tools[0].type"),
        ({"tools": [{"type": "function"}]}, "missing_required_parameter", "session.tools[0].name"),
        ({"model": "another"}, "invalid_value", "session.model"),
        ({"instructions": 7}, None, "session.instructions"),
    ],
)
def test_a_session_that_the_beta_did_not_know_is_refused_in_its_words(session, code, param):
    driver = BetaDriver()
    found, named, message = driver.error("session.update", session=session)
    (unchanged,) = driver.configure()

    assert named == param
    assert code in (None, found)
    assert "audio.input" not in message
    assert "audio.output" not in message
    assert unchanged["session"] == driver.events[0]["session"]


def test_a_message_names_the_parameter_as_the_client_wrote_it():
    _, _, message = BetaDriver().error("session.update", session={"colour": "red"})
    _, _, behind = BetaDriver().error(
        "session.update", session={"input_audio_transcription": {"model": 7}}
    )

    assert message == "Unknown parameter: 'session.colour'."
    assert "'session.input_audio_transcription.model'" in behind


def test_a_refused_update_leaves_the_temperature():
    driver = BetaDriver()
    driver.error("session.update", session={"temperature": 1.1, "speed": 9})

    assert driver.configure()[0]["session"]["temperature"] == 0.8


def test_the_voice_is_fixed_once_the_assistant_has_spoken():
    driver = BetaDriver()
    driver.respond("Hello.")
    code, param, _ = driver.error("session.update", session={"voice": "echo"})

    assert (code, param) == ("cannot_update_voice", None)


def test_a_conversation_cannot_be_made_a_transcription():
    code, param, message = BetaDriver().error("transcription_session.update", session={})

    assert (code, param) == ("invalid_value", "type")
    assert message == (
        "Passing a transcription session update event to a realtime session is not allowed."
    )


# ---------------------------------------------------------------- transcription


def test_a_transcription_begins_and_changes_under_its_own_names():
    session = new(kind="transcription")
    (created,) = session.open().events
    (updated,) = send(
        session,
        "transcription_session.update",
        session={
            "input_audio_format": "g711_ulaw",
            "input_audio_transcription": {"model": "whisper-1"},
            "turn_detection": {"type": "server_vad", "silence_duration_ms": 300},
            "modalities": ["text"],
        },
    )
    shown = updated["session"]

    assert created["type"] == "transcription_session.created"
    assert updated["type"] == "transcription_session.updated"
    assert created["session"]["object"] == "realtime.transcription_session"
    assert not {"type", "audio", "temperature", "voice"} & created["session"].keys()
    assert shown["input_audio_format"] == "g711_ulaw"
    assert shown["input_audio_transcription"]["model"] == "whisper-1"
    assert shown["turn_detection"]["silence_duration_ms"] == 300


def test_a_transcription_is_heard_as_any_speech():
    session = new(kind="transcription")
    session.open()
    silent = {"input_audio_transcription": {"model": "whisper-1"}, "turn_detection": None}
    send(session, "transcription_session.update", session=silent)
    send(session, "input_audio_buffer.append", audio=base64.b64encode(bytes(48_000)).decode())
    committed, created = send(session, "input_audio_buffer.commit")
    heard = session.transcribed(committed["item_id"], Transcript("good morning")).events

    assert created["type"] == "conversation.item.created"
    completed = "conversation.item.input_audio_transcription.completed"
    assert only(heard, completed)["transcript"] == "good morning"


def test_a_transcription_cannot_be_made_a_conversation():
    session = new(kind="transcription")
    session.open()
    (event,) = send(session, "session.update", event_id="mine", session={"voice": "alloy"})

    assert event["error"]["message"] == (
        "Passing a realtime session update event to a transcription session is not allowed."
    )
    assert (event["error"]["param"], event["error"]["event_id"]) == ("type", "mine")


# ---------------------------------------------------------------- events


def test_an_event_of_today_is_as_unknown_as_any_other():
    for unknown in ("session.close", "session.input_audio_buffer.append", "nonsense"):
        code, param, message = BetaDriver().error(unknown)

        assert (code, param) == ("invalid_value", "type")
        assert message == (
            f"Invalid value: '{unknown}'. Supported values are: 'session.update', "
            "'transcription_session.update', 'input_audio_buffer.append', "
            "'input_audio_buffer.commit', 'input_audio_buffer.clear', "
            "'conversation.item.create', 'conversation.item.truncate', "
            "'conversation.item.delete', 'conversation.item.retrieve', 'response.create', "
            "and 'response.cancel'."
        )


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"\x00", "invalid_event"),
        ("{", "invalid_json"),
        ("[]", "invalid_event"),
        ("{}", "invalid_event"),
        ('{"type": "response.cancel", "event_id": 7}', "invalid_value"),
        ('{"type": "session.update"}', "missing_required_parameter"),
        ('{"type": "conversation.item.create"}', "missing_required_parameter"),
        ('{"type": "response.create", "response": {"audio": {}}}', "unknown_parameter"),
    ],
)
def test_a_message_that_is_no_event_is_refused(message, code):
    driver = BetaDriver()
    (event,) = driver.take(driver.session.receive(message))

    assert event["error"]["code"] == code
    assert event["error"]["event_id"] is None


# ---------------------------------------------------------------- items


def test_an_item_is_created_once():
    driver = BetaDriver()
    content = [{"type": "input_text", "text": "hello"}]
    item = {"id": "mine", "type": "message", "role": "user", "content": content}
    (created,) = driver.send("conversation.item.create", item=item)

    assert created["type"] == "conversation.item.created"
    assert created["previous_item_id"] is None
    assert list(created["item"])[:2] == ["id", "object"]
    assert created["item"] == {**item, "object": "realtime.item", "status": "completed"}


def test_what_the_assistant_said_before_may_be_told():
    driver = BetaDriver()
    content = [{"type": "text", "text": "hello"}]
    item = {"type": "message", "role": "assistant", "content": content}
    (created,) = driver.send("conversation.item.create", item=item)

    assert created["item"]["content"] == content


def part(kind, role="assistant"):
    return {"type": "message", "role": role, "content": [{"type": kind, "text": "hello"}]}


@pytest.mark.parametrize(
    ("item", "code", "param"),
    [
        (part("output_text"), "invalid_value", "item.content[0].type"),
        (part("output_audio"), "invalid_value", "item.content[0].type"),
        (part("text", "user"), "invalid_value", "item.content[0].type"),
        (part("input_image", "user"), "invalid_value", "item.content[0].type"),
        (part("input_audio", "system"), "invalid_value", "item.content[0].type"),
        (part("input_text", "tool"), "invalid_value", "item.role"),
        ({"type": "message", "role": "user"}, "missing_required_parameter", "item.content"),
        ({"type": "mcp_call"}, "invalid_value", "item.type"),
        ({"type": "function_call"}, "missing_required_parameter", "item.name"),
        ({**part("text"), "id": "x" * 33}, "string_above_max_length", "item.id"),
    ],
)
def test_an_item_that_the_beta_did_not_know_is_refused(item, code, param):
    found, named, _ = BetaDriver().error("conversation.item.create", item=item)

    assert (found, named) == (code, param)


def test_an_item_can_be_retrieved_truncated_and_deleted():
    driver = BetaDriver()
    done = driver.respond("Hello.")
    item_id = only(done, "conversation.item.created")["item"]["id"]
    (retrieved,) = driver.send("conversation.item.retrieve", item_id=item_id)
    where = {"item_id": item_id, "content_index": 0, "audio_end_ms": 100}
    (truncated,) = driver.send("conversation.item.truncate", **where)
    (deleted,) = driver.send("conversation.item.delete", item_id=item_id)

    (said,) = retrieved["item"]["content"]
    assert said["type"] == "audio"
    assert base64.b64decode(said["audio"])
    assert truncated.items() >= where.items()
    assert deleted["item_id"] == item_id


# ---------------------------------------------------------------- answers


def test_a_spoken_answer_comes_in_the_order_of_the_beta():
    driver = BetaDriver()
    driver.type()
    events = driver.respond("Hello there.")
    done = only(events, "response.done")["response"]

    assert without_deltas(events) == AUDIO_ANSWER
    assert {"response.audio.delta", "response.audio_transcript.delta"} <= set(kinds(events))
    assert only(events, "response.content_part.done")["part"]["type"] == "audio"
    assert done["output"][0]["content"] == [{"type": "audio", "transcript": "Hello there."}]
    assert done["output"][0]["object"] == "realtime.item"
    shown = {key: done[key] for key in ("modalities", "voice", "output_audio_format")}
    assert shown == {
        "modalities": ["text", "audio"],
        "voice": "alloy",
        "output_audio_format": "pcm16",
    }
    assert done["temperature"] == 0.8
    assert not {"audio", "output_modalities"} & done.keys()


def test_a_written_answer_comes_in_the_order_of_the_beta():
    driver = BetaDriver()
    driver.configure(modalities=["text"])
    events = driver.respond("Hello there.")

    assert without_deltas(events) == TEXT_ANSWER
    done = only(events, "response.done")["response"]
    assert done["output"][0]["content"] == [{"type": "text", "text": "Hello there."}]
    assert done["modalities"] == ["text"]


def test_a_response_belongs_to_the_conversation_that_was_told_of():
    driver = BetaDriver()
    conversation_id = only(driver.events, "conversation.created")["conversation"]["id"]
    done = only(driver.respond("Hello."), "response.done")["response"]

    assert done["conversation_id"] == conversation_id


def test_a_response_may_differ_from_its_session():
    driver = BetaDriver()
    events = driver.respond(
        "Hello.",
        modalities=["text", "audio"],
        voice="echo",
        temperature=0.6,
        instructions="Sing.",
        max_response_output_tokens=500,
        metadata={"topic": "songs"},
    )
    created = only(events, "response.created")["response"]
    done = only(events, "response.done")["response"]
    later = only(driver.respond("Hello."), "response.done")["response"]

    assert (created["voice"], created["temperature"]) == ("echo", 0.6)
    assert (done["voice"], done["temperature"], done["max_output_tokens"]) == ("echo", 0.6, 500)
    assert done["metadata"] == {"topic": "songs"}
    assert (later["voice"], later["temperature"]) == ("alloy", 0.8)


@pytest.mark.parametrize(
    ("response", "param"),
    [
        ({"output_modalities": ["text"]}, "response.output_modalities"),
        ({"audio": {"output": {"voice": "echo"}}}, "response.audio"),
        ({"prompt": {"id": "p"}}, "response.prompt"),
        ({"modalities": ["audio"]}, "response.modalities"),
        ({"voice": "cedar"}, "response.voice"),
        ({"temperature": 2}, "response.temperature"),
        ({"output_audio_format": "opus"}, "response.output_audio_format"),
        ({"max_response_output_tokens": -1}, "response.max_response_output_tokens"),
        ({"input": [part("output_text")]}, "response.input[0].content[0].type"),
        ({"input": [{"type": "mcp_call"}]}, "response.input[0].type"),
        ({"metadata": {"a": 1}}, "response.metadata.a"),
    ],
)
def test_a_response_that_the_beta_did_not_know_is_refused(response, param):
    assert BetaDriver().error("response.create", response=response)[1] == param


def test_a_function_call_is_told_without_its_name_at_the_end():
    driver = BetaDriver()
    driver.configure(tools=[WEATHER])
    events = driver.respond(calls=[BrainCall("get_weather", {"city": "Paris"})])
    done = only(events, "response.function_call_arguments.done")
    item = only(events, "conversation.item.created")["item"]

    assert json.loads(done["arguments"]) == {"city": "Paris"}
    assert "name" not in done
    assert (item["type"], item["name"]) == ("function_call", "get_weather")
    output = {"type": "function_call_output", "call_id": item["call_id"], "output": "sunny"}
    (created,) = driver.send("conversation.item.create", item=output)
    assert created["item"]["output"] == "sunny"


def test_the_limits_are_told_of_requests_and_of_tokens():
    limits = only(BetaDriver().respond("Hello."), "rate_limits.updated")["rate_limits"]

    assert [each["name"] for each in limits] == ["requests", "tokens"]
    assert limits[0]["remaining"] < limits[0]["limit"]


def test_a_response_can_be_cancelled():
    driver = BetaDriver()
    driver.begin("Hello.", "And more.")
    events = driver.send("response.cancel")
    code, _, _ = driver.error("response.cancel")

    assert only(events, "response.done")["response"]["status"] == "cancelled"
    assert code == "response_cancel_not_active"


def test_a_response_can_fail():
    driver = BetaDriver()
    driver.replies.append(BrainReply(()))
    (created,) = driver.send("response.create")
    outcome = driver.session.fail_response(created["response"]["id"], "server_error", "No.")
    details = only(driver.take(outcome), "response.done")["response"]["status_details"]

    assert details["error"]["code"] == "server_error"


def test_whether_a_response_goes_on_is_known():
    driver = BetaDriver()
    driver.replies.append(BrainReply(("Hello.",)))
    (created,) = driver.send("response.create")
    response_id = created["response"]["id"]

    assert driver.session.is_responding(response_id)
    driver.work()
    assert not driver.session.is_responding(response_id)


# ---------------------------------------------------------------- speech


def test_push_to_talk_makes_one_item_and_a_transcript():
    driver = BetaDriver()
    driver.manual(input_audio_transcription={"model": "whisper-1"})
    driver.append(500)
    events = driver.send("input_audio_buffer.commit")
    driver.says.append("good morning")
    heard = driver.work()

    assert kinds(events) == ["input_audio_buffer.committed", "conversation.item.created"]
    completed = "conversation.item.input_audio_transcription.completed"
    assert only(heard, completed)["transcript"] == "good morning"


def test_a_turn_is_found_and_answered():
    driver = BetaDriver()
    driver.append(1000)
    started = driver.speech_starts()
    driver.says.append("hello")
    driver.replies.append(BrainReply(("Hello.",)))
    stopped = driver.speech_stops()
    answered = driver.work()

    assert kinds(started) == ["input_audio_buffer.speech_started"]
    assert kinds(stopped) == [
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "conversation.item.created",
        "response.created",
    ]
    assert without_deltas(answered) == AUDIO_ANSWER[1:]


def test_a_transcription_may_fail():
    driver = BetaDriver()
    driver.manual(input_audio_transcription={"model": "whisper-1"})
    driver.append(500)
    driver.send("input_audio_buffer.commit")
    driver.says.append(None)

    assert kinds(driver.work()) == ["conversation.item.input_audio_transcription.failed"]


def test_a_short_commit_is_refused():
    driver = BetaDriver()
    driver.manual()

    assert driver.error("input_audio_buffer.commit")[0] == "input_audio_buffer_commit_empty"
    assert kinds(driver.send("input_audio_buffer.clear")) == ["input_audio_buffer.cleared"]


def test_an_error_of_the_server_is_reported():
    driver = BetaDriver()
    (event,) = driver.take(driver.session.report(Refusal("No.", code="server_error")))

    assert event["error"]["code"] == "server_error"


# ---------------------------------------------------------------- and back to today


def hold(driver):
    """Type, be called and answered, talk, interrupt, and be answered again."""
    driver.type()
    driver.respond("Let me see.", calls=[BrainCall("get_weather", {"city": "Paris"})])
    call_id = only(driver.events, "response.function_call_arguments.done")["call_id"]
    output = {"type": "function_call_output", "call_id": call_id, "output": "sunny"}
    driver.send("conversation.item.create", item=output)
    driver.begin("It is sunny.", "And warm.", limit=3)
    driver.append(1000)
    driver.speech_starts()
    driver.says.append("thank you")
    driver.replies.append(BrainReply(("You are welcome.",)))
    driver.speech_stops()
    driver.work()
    return driver.events


def test_a_client_of_today_behind_the_beta_sees_the_conversation_of_today():
    today = hold(Driver(GPT_4O))
    dialect = BetaServerDialect()
    translated = [each for event in hold(BetaDriver()) for each in dialect.from_server(event)]

    for event in translated:
        check("ga", "server", event)
    assert [kind for kind in kinds(translated) if kind != "conversation.created"] == kinds(today)
    assert len({event["event_id"] for event in translated}) == len(translated)


# ---------------------------------------------------------------- whatever comes


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.sampled_from(list(EXAMPLES["beta", "client"].values()))
        | st.sampled_from(list(EXAMPLES["ga", "client"].values())),
        max_size=6,
    )
)
def test_every_event_of_either_dialect_is_answered_in_beta(events):
    driver = BetaDriver()
    for event in events:
        driver.take(driver.session.receive(json.dumps(event)))


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(["session.update", "response.create", "conversation.item.create"]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["session", "item", "response", "type", "content", "voice", "tools"]
                ),
                inner,
                max_size=3,
            )
        ),
        max_leaves=6,
    ),
)
def test_nothing_that_a_client_sends_makes_the_session_raise(event_type, content):
    driver = BetaDriver()
    event = {"session": content, "item": content, "response": content, "type": event_type}
    driver.take(driver.session.receive(json.dumps(event)))
    if isinstance(content, dict):
        driver.take(driver.session.receive(json.dumps({**content, "type": event_type})))


def test_every_event_has_an_id_of_the_usual_form_and_of_its_own():
    driver = BetaDriver()
    driver.respond("Hello.")
    ids = [event["event_id"] for event in driver.events]

    assert all(re.fullmatch(r"event_[0-9A-Za-z]+", each) for each in ids)
    assert len(set(ids)) == len(ids)


def test_words_that_come_while_they_are_spoken_do_so_in_the_beta_too():
    driver = BetaDriver()
    driver.configure(input_audio_transcription={"model": "gpt-realtime-whisper"})
    driver.append(1000)
    (started,) = driver.speech_starts(100)
    driver.take(driver.session.listened(600))
    driver.work()
    (overheard,) = driver.overheard

    (delta,) = driver.take(driver.session.overheard(overheard.item_id, Transcript("Good")))

    assert (delta["item_id"], delta["delta"]) == (started["item_id"], "Good")


def test_long_telephone_sound_is_taken_in_pieces():
    driver = BetaDriver()
    driver.manual(input_audio_format="g711_ulaw")
    sound = base64.b64encode(b"\xff" * 8 * 50_000).decode()
    driver.work()
    driver.send("input_audio_buffer.append", audio=sound)
    (convert,) = driver.waiting
    driver.work()

    assert isinstance(convert, Convert)
    assert driver.send("input_audio_buffer.commit")[0]["type"] == "input_audio_buffer.committed"
