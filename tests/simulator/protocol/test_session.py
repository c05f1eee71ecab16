import json

import pytest

from console import pcm
from console.simulator.protocol.defaults import SESSION_LENGTH_S
from console.simulator.protocol.intents import Detect, Recognise, Stop
from console.simulator.protocol.refusals import Refusal
from console.simulator.senses import BrainCall, BrainReply, Transcript
from tests.simulator.pictures import PNG
from tests.simulator.session_driver import (
    CHUNK,
    NOW,
    WEATHER,
    Driver,
    kinds,
    only,
    without_deltas,
)

WHISPER = {"model": "gpt-realtime-whisper"}
AUDIO_ANSWER = [
    "response.created",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
    "rate_limits.updated",
]
TEXT_ANSWER = [
    "response.created",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "response.output_text.done",
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
    "rate_limits.updated",
]


# ---------------------------------------------------------------- connect


def test_a_session_begins_with_its_whole_configuration_in_the_wires_order():
    (created,) = Driver("gpt-realtime").events

    session = created["session"]
    assert list(session) == [
        "type",
        "object",
        "id",
        "model",
        "output_modalities",
        "instructions",
        "tools",
        "tool_choice",
        "max_output_tokens",
        "tracing",
        "truncation",
        "prompt",
        "expires_at",
        "audio",
        "include",
    ]
    assert session["expires_at"] == NOW.timestamp() + SESSION_LENGTH_S


# ---------------------------------------------------------------- typed messages


def test_a_typed_message_is_added_and_done_at_once():
    driver = Driver()
    item_id = driver.type("hello")

    added, done = driver.events[-2:]
    assert kinds([added, done]) == ["conversation.item.added", "conversation.item.done"]
    assert added["previous_item_id"] is None
    assert added["item"] == {
        "id": item_id,
        "type": "message",
        "status": "completed",
        "role": "user",
        "content": [{"type": "input_text", "text": "hello"}],
    }


def test_a_text_answer_streams_between_its_openers_and_closers():
    driver = Driver()
    question_id = driver.type("hello")
    events = driver.respond("Hello there.", "And now?", output_modalities=["text"])

    assert without_deltas(events) == TEXT_ANSWER
    deltas = [e["delta"] for e in events if e["type"] == "response.output_text.delta"]
    assert len(deltas) == 4
    assert "".join(deltas) == "Hello there. And now?"
    assert events[2]["previous_item_id"] == question_id
    assert events[1]["item"]["status"] == "in_progress"
    assert events[1]["item"]["content"] == []
    assert only(events, "response.content_part.added")["part"] == {"type": "text", "text": ""}
    (item,) = only(events, "response.done")["response"]["output"]
    assert item["status"] == "completed"
    assert item["content"] == [{"type": "output_text", "text": "Hello there. And now?"}]


def test_an_audio_answer_interleaves_transcript_and_audio_transcript_first():
    driver = Driver()
    driver.type("hello")
    events = driver.respond("Hello there, how are you today?", "Well?")

    assert without_deltas(events) == AUDIO_ANSWER
    streamed = [k for k in kinds(events) if k.endswith(".delta")]
    assert streamed[0] == "response.output_audio_transcript.delta"
    first_audio = streamed.index("response.output_audio.delta")
    assert "response.output_audio_transcript.delta" in streamed[first_audio:]
    done = only(events, "response.output_audio_transcript.done")
    assert done["transcript"] == "Hello there, how are you today? Well?"
    (item,) = only(events, "response.done")["response"]["output"]
    transcript = "Hello there, how are you today? Well?"
    assert item["content"] == [{"type": "output_audio", "transcript": transcript}]


def test_a_response_goes_by_its_own_overrides_and_echoes_its_metadata():
    driver = Driver()
    driver.type()
    events = driver.respond(
        "Yes.",
        instructions="Be short.",
        tools=[WEATHER],
        tool_choice="none",
        metadata={"topic": "a"},
        audio={"output": {"voice": "echo"}},
    )

    (turn,) = driver.turns
    assert (turn.instructions, turn.tools, turn.tool_choice) == ("Be short.", [WEATHER], "none")
    assert driver.spoken[0].voice == "echo"
    response = only(events, "response.done")["response"]
    assert response["metadata"] == {"topic": "a"}
    assert response["audio"]["output"]["voice"] == "echo"
    assert list(response) == [
        "object",
        "id",
        "status",
        "status_details",
        "output",
        "conversation_id",
        "output_modalities",
        "max_output_tokens",
        "audio",
        "usage",
        "metadata",
    ]


def test_the_assistant_sees_the_whole_conversation():
    driver = Driver()
    driver.type("one")
    driver.respond("Two.")
    driver.type("three")
    driver.respond("Four.")

    shown = [part.get("text") or part["transcript"] for item in driver.turns[1].items
             for part in item["content"]]  # fmt: skip
    assert shown == ["one", "Two.", "three"]
    assert driver.turns[1].now == NOW


def test_an_answer_of_nothing_is_completed_without_output():
    driver = Driver()
    response = only(driver.respond(), "response.done")["response"]

    assert (response["status"], response["output"]) == ("completed", [])


# ---------------------------------------------------------------- push-to-talk


def test_push_to_talk_makes_an_item_of_the_appended_audio():
    driver = Driver()
    driver.manual()
    driver.says.append("what is the weather")
    nothing = driver.append(500)
    events = driver.send("input_audio_buffer.commit")

    assert nothing == []
    assert kinds(events) == [
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
    ]
    assert events[0]["item_id"] == events[1]["item"]["id"]
    assert events[1]["item"]["content"] == [{"type": "input_audio", "transcript": None}]
    assert only_intent(driver, Recognise).pcm == b"\x03\x00" * 12_000


def only_intent(driver, kind):
    (found,) = [each for each in driver.waiting if isinstance(each, kind)]
    return found


def test_the_assistant_waits_until_the_speech_is_understood():
    driver = Driver()
    driver.manual()
    driver.work()
    driver.append()
    driver.send("input_audio_buffer.commit")
    driver.replies.append(BrainReply(["Aha."]))
    created = driver.send("response.create")
    was_asked = bool(driver.turns)
    driver.says.append("tell me the time")
    driver.work()

    assert kinds(created) == ["response.created"]
    assert not was_asked
    heard = driver.turns[0].items[0]["content"][0]
    assert heard == {"type": "input_audio", "transcript": "tell me the time"}


def test_without_transcription_the_client_hears_nothing_of_the_words():
    driver = Driver()
    driver.manual()
    driver.says.append("hello")
    driver.append()
    item_id = driver.send("input_audio_buffer.commit")[0]["item_id"]
    driver.work()

    item = driver.send("conversation.item.retrieve", item_id=item_id)[0]["item"]
    assert item["content"][0]["transcript"] is None
    assert not [k for k in kinds(driver.events) if "transcription" in k]


def test_with_transcription_the_words_stream_and_complete_with_usage():
    driver = Driver()
    driver.configure(audio={"input": {"turn_detection": None, "transcription": WHISPER}})
    driver.says.append("hello my friend")
    driver.append(2668)
    item_id = driver.send("input_audio_buffer.commit")[0]["item_id"]
    events = driver.work()

    prefix = "conversation.item.input_audio_transcription"
    assert kinds(events) == [f"{prefix}.delta"] * 3 + [f"{prefix}.completed"]
    assert "".join(e["delta"] for e in events[:3]) == "hello my friend"
    assert events[3]["item_id"] == item_id
    assert events[3]["transcript"] == "hello my friend"
    assert events[3]["usage"] == {"type": "duration", "seconds": 3}


def test_a_failed_transcription_is_told_and_the_response_goes_on():
    driver = Driver()
    driver.configure(audio={"input": {"turn_detection": None, "transcription": WHISPER}})
    driver.says.append(None)
    driver.append()
    item_id = driver.send("input_audio_buffer.commit")[0]["item_id"]
    events = driver.respond("Pardon?")

    failed = only(events, "conversation.item.input_audio_transcription.failed")
    assert failed["error"]["message"] == f"Input transcription failed for item '{item_id}'."
    assert only(events, "response.done")["response"]["status"] == "completed"
    assert driver.turns[0].items[0]["content"][0]["transcript"] is None


def test_clear_forgets_the_audio_and_positions_go_on():
    driver = Driver()
    driver.append(400)
    cleared = driver.send("input_audio_buffer.clear")
    driver.work()

    assert kinds(cleared) == ["input_audio_buffer.cleared"]
    assert driver.detector[-1].position_ms == 400
    code, _, message = driver.error("input_audio_buffer.commit")
    assert code == "input_audio_buffer_commit_empty"
    assert "only has 0.00ms" in message


# ---------------------------------------------------------------- turn detection


def test_a_detected_turn_becomes_an_item_and_is_answered():
    driver = Driver()
    driver.says.append("hello")
    driver.replies.append(BrainReply(["Hi."]))
    driver.append(1000)
    started = driver.speech_starts(100)
    stopped = driver.speech_stops(900)
    recognise = only_intent(driver, Recognise)
    driver.work()

    assert kinds(started + stopped) == [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
    ]
    assert started[0]["audio_start_ms"] == 100
    assert stopped[0]["audio_end_ms"] == 900
    ids = {started[0]["item_id"], stopped[0]["item_id"], stopped[1]["item_id"],
           stopped[2]["item"]["id"]}  # fmt: skip
    assert len(ids) == 1
    assert len(recognise.pcm) == 800 * pcm.BYTES_PER_MS
    assert driver.events[-2]["response"]["status"] == "completed"


def test_the_detector_hears_all_audio_and_only_while_detection_is_on():
    driver = Driver()
    driver.append(100)
    driver.manual()
    driver.append(100)
    driver.configure(audio={"input": {"turn_detection": {"type": "semantic_vad"}}})
    driver.append(100)
    driver.work()

    assert len(driver.listened) == 200 * pcm.BYTES_PER_MS
    assert driver.detector == [
        Detect(0.5, 300, 500, position_ms=0),
        Detect(0.5, 300, 700, position_ms=200),
    ]


def test_no_response_is_made_when_the_client_wants_to_make_it():
    driver = Driver()
    detection = {"type": "server_vad", "create_response": False}
    driver.configure(audio={"input": {"turn_detection": detection}})
    driver.append(1000)
    driver.speech_starts()
    stopped = driver.speech_stops()

    assert kinds(stopped)[-1] == "conversation.item.done"


def test_a_commit_in_the_middle_of_speech_takes_its_item_and_ends_it():
    driver = Driver()
    driver.append(1000)
    item_id = driver.speech_starts()[0]["item_id"]
    committed = driver.send("input_audio_buffer.commit")
    stopped = driver.speech_stops()

    assert committed[0]["item_id"] == item_id
    assert stopped == []


def test_switching_detection_off_forgets_the_speech():
    driver = Driver()
    driver.append(1000)
    driver.speech_starts()
    driver.manual()

    assert driver.speech_stops() == []
    assert driver.speech_starts() == []


# ---------------------------------------------------------------- interruption


def test_speech_cancels_the_answer_and_closes_what_is_open():
    driver = Driver(chunks_per_sentence=3)
    driver.type()
    driver.append(2000)
    driver.begin("One two three.", "Four five six.", limit=2)
    response_id = driver.events[-1]["response_id"]
    events = driver.speech_starts()

    assert kinds(events) == [
        "input_audio_buffer.speech_started",
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
    ]
    response = only(events, "response.done")["response"]
    assert response["status"] == "cancelled"
    assert response["status_details"] == {"type": "cancelled", "reason": "turn_detected"}
    assert response["output"][0]["status"] == "incomplete"
    assert response["output"][0]["content"][0]["transcript"] == "One two three."
    assert only_intent(driver, Stop).response_id == response_id


def test_nothing_of_a_cancelled_response_comes_after_its_done():
    driver = Driver()
    driver.begin("One.", "Two.", limit=1)
    response_id = driver.events[-1]["response_id"]
    driver.send("response.cancel")

    assert driver.take(driver.session.spoken(response_id, CHUNK)) == []
    assert driver.take(driver.session.sentence_spoken(response_id)) == []
    assert driver.take(driver.session.advance(response_id)) == []
    assert driver.take(driver.session.thought(response_id, BrainReply(["Late."]))) == []
    assert driver.take(driver.session.fail_response(response_id, "x", "y")) == []
    assert not driver.session.is_responding(response_id)


def test_without_interruption_the_answer_goes_on_and_the_next_one_is_refused():
    driver = Driver()
    detection = {"type": "server_vad", "interrupt_response": False}
    driver.configure(audio={"input": {"turn_detection": detection}})
    driver.append(1000)
    driver.begin("One.", limit=1)
    started = driver.speech_starts()
    stopped = driver.speech_stops()

    assert kinds(started) == ["input_audio_buffer.speech_started"]
    assert stopped[-1]["error"]["code"] == "conversation_already_has_active_response"
    assert stopped[-1]["error"]["event_id"] is None


def test_cancel_ends_the_response_before_the_assistant_has_answered():
    driver = Driver()
    driver.begin("One.", limit=0)
    events = driver.send("response.cancel")

    response = only(events, "response.done")["response"]
    assert response["status_details"] == {"type": "cancelled", "reason": "client_cancelled"}
    assert response["output"] == []


def test_cancel_by_id_finds_only_that_response():
    driver = Driver()
    response_id = driver.begin("One.", limit=1)[0]["response"]["id"]

    assert driver.error("response.cancel", response_id="resp_x")[0] == "response_cancel_not_active"
    assert driver.send("response.cancel", response_id=response_id)


def test_truncation_cuts_the_audio_and_removes_the_transcript():
    driver = Driver(chunks_per_sentence=3)
    item_id = driver.respond("One two three.")[1]["item"]["id"]
    where = {"item_id": item_id, "content_index": 0, "audio_end_ms": 120}
    events = driver.send("conversation.item.truncate", **where)
    item = driver.send("conversation.item.retrieve", item_id=item_id)[0]["item"]
    driver.type("and?")
    driver.respond("Well.")

    (truncated,) = events
    assert {key: truncated[key] for key in where} == where
    assert len(pcm.decode(item["content"][0]["audio"])) == 120 * pcm.BYTES_PER_MS
    assert item["content"][0]["transcript"] is None
    assert driver.turns[1].items[0]["content"][0]["transcript"] is None


# ---------------------------------------------------------------- function calls


def test_a_function_call_streams_its_arguments_and_names_the_function():
    driver = Driver()
    driver.configure(tools=[WEATHER])
    driver.type("weather?")
    arguments = {"lat": 43.7, "lng": -79.4, "location": "Toronto"}
    events = driver.respond(calls=[BrainCall("get_weather", arguments)])

    assert without_deltas(events) == [
        "response.created",
        "response.output_item.added",
        "conversation.item.added",
        "response.function_call_arguments.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]
    opened = events[1]["item"]
    assert list(opened) == ["id", "type", "status", "name", "call_id", "arguments"]
    assert (opened["status"], opened["arguments"]) == ("in_progress", "")
    deltas = [e for e in events if e["type"] == "response.function_call_arguments.delta"]
    assert len(deltas) > 1
    done = only(events, "response.function_call_arguments.done")
    assert done["name"] == "get_weather"
    assert "".join(e["delta"] for e in deltas) == done["arguments"]
    assert json.loads(done["arguments"]) == arguments
    assert done["call_id"] == opened["call_id"]


def test_words_and_several_calls_are_items_of_one_response():
    driver = Driver()
    calls = [BrainCall("get_weather", {"n": n}) for n in range(2)]
    events = driver.respond("One moment.", calls=calls)

    output = only(events, "response.done")["response"]["output"]
    assert [item["type"] for item in output] == ["message", "function_call", "function_call"]
    added = [e for e in events if e["type"] == "response.output_item.added"]
    assert [e["output_index"] for e in added] == [0, 1, 2]
    assert output[1]["call_id"] != output[2]["call_id"]


def test_the_output_of_a_call_is_kept_and_never_answered_by_itself():
    driver = Driver()
    call = only(driver.respond(calls=[BrainCall("f", {})]), "response.done")
    call_id = call["response"]["output"][0]["call_id"]
    item = {"type": "function_call_output", "call_id": call_id, "output": '{"t": 1}'}
    events = driver.send("conversation.item.create", item=item)
    driver.respond("It is one.")

    assert kinds(events) == ["conversation.item.added", "conversation.item.done"]
    assert list(events[0]["item"]) == ["id", "type", "call_id", "output"]
    assert driver.turns[1].items[-1]["output"] == '{"t": 1}'


# ---------------------------------------------------------------- items


def test_items_go_where_the_client_wants_them():
    driver = Driver()
    first = driver.type("first")
    last = driver.type("last")
    message = {"type": "message", "role": "system"}
    content = [{"type": "input_text", "text": "x"}]
    item = {**message, "content": content}
    front = driver.send("conversation.item.create", item=item, previous_item_id="root")[0]
    middle = driver.send("conversation.item.create", item=item, previous_item_id=first)[0]
    driver.respond("Yes.")

    assert front["previous_item_id"] is None
    assert middle["previous_item_id"] == first
    order = [item["id"] for item in driver.turns[0].items]
    assert order == [front["item"]["id"], first, middle["item"]["id"], last]


def test_a_deleted_item_is_gone():
    driver = Driver()
    item_id = driver.type("secret")
    (deleted,) = driver.send("conversation.item.delete", item_id=item_id)
    driver.respond("What?")

    assert (deleted["type"], deleted["item_id"]) == ("conversation.item.deleted", item_id)
    assert driver.turns[0].items == []
    assert driver.error("conversation.item.delete", item_id=item_id)[0] == (
        "item_delete_invalid_item_id"
    )


def test_an_answer_may_be_deleted_while_it_is_given():
    driver = Driver()
    item_id = driver.begin("One.", limit=1)[1]["item"]["id"]
    driver.send("conversation.item.delete", item_id=item_id)
    events = driver.work()

    assert "conversation.item.done" not in kinds(events)
    assert only(events, "response.done")["response"]["output"][0]["id"] == item_id


def test_a_deleted_turn_does_not_hold_up_the_answer():
    driver = Driver()
    driver.manual()
    driver.work()
    driver.append()
    item_id = driver.send("input_audio_buffer.commit")[0]["item_id"]
    driver.send("conversation.item.delete", item_id=item_id)
    driver.says.append("hello")
    events = driver.respond("Yes?")

    assert only(events, "response.done")["response"]["status"] == "completed"


def test_retrieve_gives_the_users_audio_back():
    driver = Driver()
    driver.manual()
    driver.append(200)
    item_id = driver.send("input_audio_buffer.commit")[0]["item_id"]
    (retrieved,) = driver.send("conversation.item.retrieve", item_id=item_id)

    (part,) = retrieved["item"]["content"]
    assert pcm.decode(part["audio"]) == b"\x03\x00" * 4800


def test_spoken_items_that_a_client_brings_are_understood_too():
    driver = Driver()
    driver.work()
    content = [{"type": "input_audio", "audio": pcm.encode(bytes(9600))}]
    item = {"type": "message", "role": "user", "content": content}
    driver.send("conversation.item.create", item=item)
    driver.says.append("hello")
    driver.respond("Hi.")

    assert driver.turns[0].items[0]["content"][0]["transcript"] == "hello"


def test_retrieve_gives_the_assistants_audio_in_the_sessions_format():
    driver = Driver(chunks_per_sentence=2)
    item_id = driver.respond("Hi.")[1]["item"]["id"]
    (as_pcm,) = driver.send("conversation.item.retrieve", item_id=item_id)
    driver.configure(audio={"output": {"format": {"type": "audio/pcmu"}}})
    (as_ulaw,) = driver.send("conversation.item.retrieve", item_id=item_id)

    sizes = [len(pcm.decode(each["item"]["content"][0]["audio"])) for each in (as_pcm, as_ulaw)]
    assert sizes == [200 * pcm.BYTES_PER_MS, 200 * 8]


def test_spoken_items_that_a_client_brings_may_be_in_the_sessions_format():
    driver = Driver()
    driver.configure(audio={"input": {"format": {"type": "audio/pcma"}}})
    content = [{"type": "input_audio", "audio": pcm.encode(b"\xd5" * 800), "transcript": "x"}]
    item = {"type": "message", "role": "user", "content": content}
    item_id = driver.send("conversation.item.create", item=item)[0]["item"]["id"]
    driver.respond("Hi.")
    usage = driver.events[-2]["response"]["usage"]

    assert usage["input_token_details"]["audio_tokens"] == 1
    (back,) = driver.send("conversation.item.retrieve", item_id=item_id)
    assert len(pcm.decode(back["item"]["content"][0]["audio"])) == 800


def test_pictures_are_part_of_the_prompt_and_come_back_as_they_were():
    driver = Driver()
    parts = [{"type": "input_image", "image_url": PNG}, {"type": "input_text", "text": "Who?"}]
    item = {"type": "message", "role": "user", "content": parts}
    added = driver.send("conversation.item.create", item=item)[0]
    driver.respond("I do not see.")
    usage = driver.events[-2]["response"]["usage"]

    assert added["item"]["content"] == parts
    assert usage["input_token_details"]["image_tokens"] == 255
    assert driver.turns[0].items[0]["content"][0]["image_url"] == PNG


@pytest.mark.parametrize("url", ["https://127.0.0.1/cat.png", "data:image/gif;base64,R0lGOD=="])
def test_a_picture_that_is_no_data_of_a_png_or_jpeg_is_refused(url):
    content = [{"type": "input_text", "text": "x"}, {"type": "input_image", "image_url": url}]
    item = {"type": "message", "role": "user", "content": content}

    code, param, _ = Driver().error("conversation.item.create", item=item)
    assert (code, param) == ("invalid_value", "item.content[1].image_url")


TOOL_CALL = {"server_label": "demo", "name": "f", "arguments": "{}"}
LISTED = {"name": "f", "input_schema": {"type": "object"}, "description": None, "annotations": None}


@pytest.mark.parametrize(
    "item",
    [
        {"type": "message", "status": "completed", "role": "system",
         "content": [{"type": "input_text", "text": "x"}]},
        {"type": "message", "status": "incomplete", "role": "assistant",
         "content": [{"type": "output_text", "text": "x"}], "phase": "commentary"},
        {"type": "function_call", "status": "completed", "name": "f", "call_id": "call_1",
         "arguments": "{}"},
        {"type": "mcp_list_tools", "server_label": "demo", "tools": [LISTED]},
        {"type": "mcp_call", "approval_request_id": None, **TOOL_CALL, "output": "1",
         "error": None},
        {"type": "mcp_call", "approval_request_id": "mcpr_1", **TOOL_CALL, "output": None,
         "error": {"type": "http_error", "code": 500, "message": "x"}},
        {"type": "mcp_approval_request", **TOOL_CALL},
    ],
)  # fmt: skip
def test_every_kind_of_item_may_be_brought_by_a_client_and_comes_back_as_it_was(item):
    driver = Driver()
    added, done = driver.send("conversation.item.create", item={"id": "mine", **item})

    assert added["item"] == done["item"] == {"id": "mine", **item}
    assert list(added["item"])[2:] == list(item)[1:]
    (retrieved,) = driver.send("conversation.item.retrieve", item_id="mine")
    assert retrieved["item"] == added["item"]


def test_a_call_that_a_client_brings_without_its_output_has_none():
    item = {"type": "mcp_call", **TOOL_CALL}

    assert Driver().send("conversation.item.create", item=item)[0]["item"]["output"] is None


@pytest.mark.parametrize(
    "fields", [{"reasoning": {"effort": "low"}}, {"parallel_tool_calls": True}]
)
def test_what_only_reasoning_models_take_is_refused_of_others(fields):
    (name,) = fields
    error = Driver("gpt-realtime").error("response.create", response=fields)

    assert error[1] == f"response.{name}"


# ---------------------------------------------------------------- ends of responses


def test_a_response_ends_incomplete_at_its_token_limit():
    driver = Driver(chunks_per_sentence=20)
    events = driver.respond("One two three four five six.", max_output_tokens=20)

    response = only(events, "response.done")["response"]
    reason = {"type": "incomplete", "reason": "max_output_tokens"}
    assert (response["status"], response["status_details"]) == ("incomplete", reason)
    assert response["output"][0]["status"] == "incomplete"
    assert kinds(events)[-1] == "rate_limits.updated"


def test_a_failed_response_says_why_and_costs_nothing():
    driver = Driver()
    response_id = driver.begin("One.", limit=0)[0]["response"]["id"]
    events = driver.take(driver.session.fail_response(response_id, "server_error", "No voice."))

    response = only(events, "response.done")["response"]
    error = {"type": "server_error", "code": "server_error", "message": "No voice."}
    assert response["status_details"] == {"type": "failed", "error": error}
    assert response["usage"]["total_tokens"] == 0


def test_usage_adds_up_and_counts_cached_tokens_in_blocks():
    driver = Driver(chunks_per_sentence=10)
    driver.manual(instructions="x" * 400)
    driver.says.append("hello")
    driver.append(2796)
    driver.send("input_audio_buffer.commit")
    first = only(driver.respond("Hi."), "response.done")["response"]["usage"]
    driver.type("and?")
    second = only(driver.respond("Well."), "response.done")["response"]["usage"]

    assert first["input_token_details"]["audio_tokens"] == 27
    assert first["output_token_details"] == {"text_tokens": 1, "audio_tokens": 20}
    assert first["input_token_details"]["cached_tokens"] == 0
    assert second["input_token_details"]["audio_tokens"] == 27 + 20
    assert second["input_token_details"]["cached_tokens"] == 64
    for usage in (first, second):
        details = usage["input_token_details"]
        assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
        assert usage["input_tokens"] == details["text_tokens"] + details["audio_tokens"]
        assert details["cached_tokens"] == sum(details["cached_tokens_details"].values())


# ---------------------------------------------------------------- errors


def message_of(error):
    return error[2]


def test_broken_json_is_told():
    driver = Driver()
    (error,) = driver.take(driver.session.receive('{"type":'))

    assert error["error"] == {
        "type": "invalid_request_error",
        "code": "invalid_json",
        "message": "Invalid event: failed to parse JSON value. ",
        "param": None,
        "event_id": None,
    }


@pytest.mark.parametrize("message", ["[]", '"x"', "1", "null"])
def test_json_that_is_no_object_is_told(message):
    driver = Driver()
    (error,) = driver.take(driver.session.receive(message))

    assert error["error"]["code"] == "invalid_event"


def test_a_missing_type_is_told_with_the_events_id():
    driver = Driver()
    (error,) = driver.take(driver.session.receive('{"event_id":"e1"}'))

    assert error["error"]["message"] == "The 'type' field is missing."
    assert error["error"]["event_id"] == "e1"


@pytest.mark.parametrize("event_type", ["output_audio_buffer.clear", "nonsense"])
def test_an_unknown_type_is_told_with_the_types_that_exist(event_type):
    code, param, message = Driver().error(event_type)

    assert (code, param) == ("invalid_value", "type")
    assert message == (
        f"Invalid value: '{event_type}'. Supported values are: 'session.update', "
        "'session.close', 'input_audio_buffer.append', 'session.input_audio_buffer.append', "
        "'input_audio_buffer.commit', 'input_audio_buffer.clear', 'conversation.item.create', "
        "'conversation.item.truncate', 'conversation.item.delete', "
        "'conversation.item.retrieve', 'response.create', and 'response.cancel'."
    )


@pytest.mark.parametrize("event_type", ["session.close", "session.input_audio_buffer.append"])
def test_an_event_of_translation_sessions_is_told_where_it_belongs(event_type):
    code, param, message = Driver().error(event_type)

    assert (code, param) == ("invalid_value", "type")
    assert message == (
        f"Invalid value: '{event_type}'. This event belongs to translation sessions."
    )


@pytest.mark.parametrize(
    ("event_id", "code"), [(7, "invalid_value"), ("x" * 513, "string_above_max_length")]
)
def test_an_unusable_event_id_is_refused(event_id, code):
    driver = Driver()
    (error,) = driver.send("input_audio_buffer.clear", event_id=event_id)

    assert (error["error"]["code"], error["error"]["param"]) == (code, "event_id")


USER = {"type": "message", "role": "user"}
SYSTEM = {"type": "message", "role": "system"}
ASSISTANT = {"type": "message", "role": "assistant"}
TEXT = [{"type": "input_text", "text": "x"}]


@pytest.mark.parametrize(
    ("event", "code", "param"),
    [
        ({"type": "session.update"}, "missing_required_parameter", "session"),
        ({"type": "session.update", "session": {}}, "missing_required_parameter", "session.type"),
        ({"type": "input_audio_buffer.append"}, "missing_required_parameter", "audio"),
        ({"type": "input_audio_buffer.append", "audio": "?"}, "invalid_value", "audio"),
        ({"type": "input_audio_buffer.append", "audio": "AAAA"}, "invalid_value", "audio"),
        ({"type": "input_audio_buffer.append", "audio": 1}, "invalid_value", "audio"),
        ({"type": "input_audio_buffer.clear", "now": True}, "unknown_parameter", "now"),
        ({"type": "conversation.item.create"}, "missing_required_parameter", "item"),
        ({"item": {}}, "missing_required_parameter", "item.type"),
        ({"item": {"type": "x"}}, "invalid_value", "item.type"),
        ({"item": {"type": "mcp_call"}}, "missing_required_parameter", "item.server_label"),
        ({"item": {"type": "message"}}, "missing_required_parameter", "item.role"),
        ({"item": {**USER, "role": "boss"}}, "invalid_value", "item.role"),
        ({"item": USER}, "missing_required_parameter", "item.content"),
        ({"item": {**USER, "content": [{"type": "output_text", "text": "x"}]}}, "invalid_value", "item.content[0].type"),
        ({"item": {**ASSISTANT, "content": [{"type": "text", "text": "x"}]}}, "invalid_value", "item.content[0].type"),
        ({"item": {**SYSTEM, "content": [{"type": "input_audio", "audio": ""}]}}, "invalid_value", "item.content[0].type"),
        ({"item": {**USER, "content": [{"type": "input_text"}]}}, "missing_required_parameter", "item.content[0].text"),
        ({"item": {**USER, "content": [{"type": "input_audio", "audio": "!"}]}}, "invalid_value", "item.content[0].audio"),
        ({"item": {**USER, "content": TEXT, "id": "x" * 33}}, "string_above_max_length", "item.id"),
        ({"item": {**USER, "content": TEXT}, "previous_item_id": "gone"}, "invalid_value", "previous_item_id"),
        ({"item": {"type": "function_call_output", "call_id": "c", "output": "x"}}, "invalid_value", "item.call_id"),
        ({"type": "conversation.item.delete", "item_id": "gone"}, "item_delete_invalid_item_id", None),
        ({"type": "conversation.item.retrieve", "item_id": "gone"}, "item_retrieve_invalid_item_id", None),
        ({"type": "conversation.item.truncate", "item_id": "gone", "content_index": 0, "audio_end_ms": 1}, "item_truncate_invalid_item_id", None),
        ({"type": "conversation.item.truncate", "item_id": "gone", "content_index": 0, "audio_end_ms": -1}, "invalid_value", "audio_end_ms"),
        ({"type": "conversation.item.truncate", "item_id": "gone"}, "missing_required_parameter", "content_index"),
        ({"type": "response.cancel"}, "response_cancel_not_active", None),
        ({"type": "response.create", "response": {"modalities": ["text"]}}, "unknown_parameter", "response.modalities"),
        ({"type": "response.create", "response": {"conversation": "other"}}, "invalid_value", "response.conversation"),
        ({"type": "response.create", "response": {"input": {}}}, "invalid_value", "response.input"),
        ({"type": "response.create", "response": {"metadata": {"k": 1}}}, "invalid_value", "response.metadata.k"),
    ],
)  # fmt: skip
def test_a_mistake_is_answered_with_one_error_that_names_it(event, code, param):
    fields = {"type": "conversation.item.create", **event}
    error = Driver().error(fields.pop("type"), **fields)

    assert error[:2] == (code, param)
    assert message_of(error)


def test_a_second_item_of_the_same_id_is_refused():
    driver = Driver()
    driver.type("one", id="mine")
    item = {**USER, "id": "mine", "content": TEXT}

    assert driver.error("conversation.item.create", item=item)[1] == "item.id"


def test_a_second_response_is_refused_while_one_goes_on():
    driver = Driver()
    response_id = driver.begin("One.", limit=1)[0]["response"]["id"]
    code, _, message = driver.error("response.create")

    assert code == "conversation_already_has_active_response"
    assert f"in progress: {response_id}." in message


def test_only_the_assistants_audio_can_be_truncated():
    driver = Driver()
    typed = driver.type()
    written = driver.respond("Hi.", output_modalities=["text"])[1]["item"]["id"]
    spoken = driver.respond("Hi.")[1]["item"]["id"]

    for item_id, index in [(typed, 0), (written, 0), (spoken, 1)]:
        where = {"item_id": item_id, "content_index": index, "audio_end_ms": 1}
        assert driver.error("conversation.item.truncate", **where) == (
            None,
            None,
            "Only model output audio messages can be truncated",
        )


def test_truncation_past_the_end_is_refused_and_cuts_nothing():
    driver = Driver(chunks_per_sentence=2)
    item_id = driver.respond("Hi.")[1]["item"]["id"]
    where = {"item_id": item_id, "content_index": 0, "audio_end_ms": 201}
    error = driver.error("conversation.item.truncate", **where)
    item = driver.send("conversation.item.retrieve", item_id=item_id)[0]["item"]

    assert message_of(error) == "Audio content of 200ms is already shorter than 201ms"
    assert item["content"][0]["transcript"] == "Hi."


def test_audio_beyond_what_is_kept_is_refused_and_the_rest_stays():
    driver = Driver()
    driver.manual()
    second = pcm.encode(bytes(60_000 * pcm.BYTES_PER_MS))
    for _ in range(6):
        driver.send("input_audio_buffer.append", audio=second)
    code, param, _ = driver.error("input_audio_buffer.append", audio="AAA=")

    assert (code, param) == ("invalid_value", "audio")
    assert kinds(driver.send("input_audio_buffer.commit"))[0] == "input_audio_buffer.committed"


def test_an_error_that_no_event_has_caused_names_none():
    driver = Driver()
    refusal = Refusal("It broke.", code="server_error", kind="server_error")
    (event,) = driver.take(driver.session.report(refusal))

    assert event["error"] == {
        "type": "server_error",
        "code": "server_error",
        "message": "It broke.",
        "param": None,
        "event_id": None,
    }


def test_a_session_that_only_transcribes_answers_nobody():
    driver = Driver(kind="transcription")

    assert driver.error("response.create")[:2] == ("invalid_value", "type")


def live_session(**turn_detection):
    driver = Driver()
    driver.configure(
        audio={
            "input": {
                "transcription": {"model": "gpt-realtime-whisper"},
                "turn_detection": turn_detection or None,
            }
        }
    )
    return driver


def test_words_come_before_the_client_ends_the_turn():
    driver = live_session()
    driver.append(500)
    driver.append(300)
    driver.work()
    first, second = driver.overheard
    item_id = first.item_id
    assert (len(first.pcm), len(second.pcm)) == (500 * 48, 300 * 48)

    early = driver.take(driver.session.overheard(item_id, Transcript("Good")))
    (committed, *_) = driver.send("input_audio_buffer.commit")
    driver.says.append("Good morning.")
    late = driver.work()

    assert [event["delta"] for event in early] == ["Good"]
    assert committed["item_id"] == early[0]["item_id"] == second.item_id == item_id
    assert kinds(late)[-1] == "conversation.item.input_audio_transcription.completed"
    assert late[-1]["transcript"] == "Good morning."


def test_words_of_a_turn_that_is_over_are_not_told():
    driver = live_session()
    driver.append(500)
    driver.work()
    item_id = driver.overheard[0].item_id
    driver.send("input_audio_buffer.clear")

    assert driver.take(driver.session.overheard(item_id, Transcript("Good"))) == []
    driver.append(500)
    driver.work()
    assert driver.overheard[-1].item_id != item_id


def test_with_turn_detection_only_speech_is_overheard_and_only_as_far_as_it_was_heard():
    driver = live_session(type="server_vad")
    driver.append(1000)
    driver.take(driver.session.listened(600))
    driver.work()
    assert driver.overheard == []

    (started,) = driver.speech_starts(100)
    for until_ms in (600, 600, 900):
        driver.take(driver.session.listened(until_ms))
    driver.work()
    (stopped, *_) = driver.speech_stops(950)
    driver.says.append("Good morning.")
    driver.expect("Hello.")
    driver.take(driver.session.listened(1000))
    driver.work()

    assert [(each.item_id, len(each.pcm) // 48) for each in driver.overheard] == [
        (started["item_id"], 500),
        (started["item_id"], 300),
    ]
    assert stopped["item_id"] == started["item_id"]


def test_other_models_overhear_nothing():
    driver = Driver()
    driver.manual()
    driver.append(500)
    driver.work()

    assert driver.overheard == []
