"""Every sequence of the protocol as the simulator serves it: whole, in order, nothing between."""

import pytest

from console.simulator.senses import BrainCall
from tests.simulator.session_driver import Driver, kinds

TRANSCRIBED = {"model": "gpt-realtime-whisper"}
TRANSCRIPTION = "conversation.item.input_audio_transcription"
ADDED = ["conversation.item.added", "conversation.item.done"]
COMMITTED = ["input_audio_buffer.committed", *ADDED]
OPENED = [
    "response.created",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
]
CLOSED = [
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
]
AUDIO_CLOSED = ["response.output_audio.done", "response.output_audio_transcript.done", *CLOSED]
ENDED = ["response.done", "rate_limits.updated"]
SERVER = {
    "type": "mcp",
    "server_label": "demo",
    "server_url": "https://127.0.0.1/mcp",
    "require_approval": "never",
}
LISTED = [
    "conversation.item.added",
    "mcp_list_tools.in_progress",
    "mcp_list_tools.completed",
    "conversation.item.done",
]
SUM = BrainCall("add_numbers", {"a": 1, "b": 2})


def folded(events):
    """The types in order; of equal ones side by side only the first."""
    types = kinds(events)
    return [kind for kind, before in zip(types, [None, *types], strict=False) if kind != before]


def test_connect_and_configure():
    driver = Driver()
    driver.configure(instructions="Be brief.")

    assert kinds(driver.events) == ["session.created", "session.updated"]


def test_a_typed_message_and_its_answer_in_text():
    driver = Driver()
    before = len(driver.events)
    driver.type("hello")
    driver.respond("Hello there, friend.", output_modalities=["text"])

    assert folded(driver.events[before:]) == [
        *ADDED,
        *OPENED,
        "response.output_text.delta",
        "response.output_text.done",
        *CLOSED,
        *ENDED,
    ]


def test_an_answer_in_audio():
    driver = Driver(chunks_per_sentence=2)
    driver.type("hello")

    assert kinds(driver.respond("Hello there.")) == [
        *OPENED,
        "response.output_audio_transcript.delta",
        "response.output_audio.delta",
        "response.output_audio_transcript.delta",
        "response.output_audio.delta",
        *AUDIO_CLOSED,
        *ENDED,
    ]


def test_push_to_talk_with_a_transcript():
    driver = Driver()
    driver.configure(audio={"input": {"turn_detection": None, "transcription": TRANSCRIBED}})
    driver.says.append("hello my friend")
    before = len(driver.events)
    driver.append()
    driver.send("input_audio_buffer.commit")
    driver.work()
    driver.respond("Hi.")

    assert folded(driver.events[before:]) == [
        *COMMITTED,
        f"{TRANSCRIPTION}.delta",
        f"{TRANSCRIPTION}.completed",
        *OPENED,
        "response.output_audio_transcript.delta",
        "response.output_audio.delta",
        *AUDIO_CLOSED,
        *ENDED,
    ]


def detected_turn(driver):
    return driver.speech_starts() + driver.speech_stops() + driver.work()


def test_a_turn_that_the_server_detects():
    driver = Driver()
    driver.says.append("hello")
    driver.append(1000)
    driver.expect("Hi.")

    assert folded(detected_turn(driver)) == [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        *COMMITTED,
        *OPENED,
        "response.output_audio_transcript.delta",
        "response.output_audio.delta",
        *AUDIO_CLOSED,
        *ENDED,
    ]


def test_an_interruption():
    driver = Driver(chunks_per_sentence=3)
    driver.type("tell me a story")
    driver.append(3000)
    item_id = driver.begin("Once upon a time.", "It was cold.", limit=2)[1]["item"]["id"]
    before = len(driver.events)
    driver.says.append("stop")
    driver.expect("All right.")
    detected_turn(driver)
    driver.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=100)

    assert folded(driver.events[before:]) == [
        "input_audio_buffer.speech_started",
        *AUDIO_CLOSED,
        "response.done",
        "input_audio_buffer.speech_stopped",
        *COMMITTED,
        *OPENED,
        "response.output_audio_transcript.delta",
        "response.output_audio.delta",
        *AUDIO_CLOSED,
        "response.done",
        "rate_limits.updated",
        "conversation.item.truncated",
    ]


@pytest.mark.parametrize("modality", ["audio", "text"])
def test_a_cancelled_response(modality):
    driver = Driver()
    driver.begin("One two.", "Three.", limit=2, output_modalities=[modality])
    events = driver.send("response.cancel") + driver.work()

    closed = AUDIO_CLOSED if modality == "audio" else ["response.output_text.done", *CLOSED]
    assert kinds(events) == [*closed, *ENDED]


def test_a_cancel_that_comes_too_late():
    driver = Driver()
    driver.respond("One.")

    assert kinds(driver.send("response.cancel")) == ["error"]


def test_a_function_call_and_its_answer():
    driver = Driver()
    tool = {"type": "function", "name": "f", "parameters": {"type": "object"}}
    driver.configure(tools=[tool])
    called = driver.respond(calls=[BrainCall("f", {"x": 1})])
    call_id = called[1]["item"]["call_id"]
    output = {"type": "function_call_output", "call_id": call_id, "output": "2"}
    sent = driver.send("conversation.item.create", item=output)

    assert folded(called) == [
        "response.created",
        "response.output_item.added",
        "conversation.item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "conversation.item.done",
        "response.output_item.done",
        *ENDED,
    ]
    assert kinds(sent) == ADDED
    assert driver.work() == []


def test_words_before_a_call_are_closed_before_it_opens():
    driver = Driver()
    events = driver.respond("One moment.", calls=[BrainCall("f", {})], output_modalities=["text"])

    assert folded(events) == [
        *OPENED,
        "response.output_text.delta",
        "response.output_text.done",
        *CLOSED,
        "response.output_item.added",
        "conversation.item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "conversation.item.done",
        "response.output_item.done",
        *ENDED,
    ]


def test_a_failed_transcription():
    driver = Driver()
    driver.configure(audio={"input": {"turn_detection": None, "transcription": TRANSCRIBED}})
    driver.says.append(None)
    before = len(driver.events)
    driver.append()
    driver.send("input_audio_buffer.commit")
    driver.work()

    assert kinds(driver.events[before:]) == [*COMMITTED, f"{TRANSCRIPTION}.failed"]


def test_one_answer_to_each_change_of_an_item():
    driver = Driver()
    item_id = driver.respond("Hi.")[1]["item"]["id"]
    where = {"item_id": item_id, "content_index": 0, "audio_end_ms": 50}

    assert kinds(driver.send("conversation.item.truncate", **where)) == [
        "conversation.item.truncated"
    ]
    for what in ("retrieve", "delete"):
        events = driver.send(f"conversation.item.{what}", item_id=item_id)
        assert kinds(events) == [f"conversation.item.{what}d"]


def test_a_response_beside_the_conversation():
    driver = Driver()
    driver.type("hello")
    events = driver.respond("Greeting.", conversation="none", output_modalities=["text"])

    assert folded(events) == [
        "response.created",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        *ENDED,
    ]


def test_a_failed_response():
    driver = Driver()
    (created,) = driver.begin("Never.", limit=0)
    failed = driver.session.fail_response(created["response"]["id"], "model_not_found", "No.")

    assert kinds([created, *driver.take(failed), *driver.work()]) == ["response.created", *ENDED]


def test_an_incomplete_response():
    driver = Driver()
    events = driver.respond("word " * 40, output_modalities=["text"], max_output_tokens=20)

    assert folded(events) == [
        *OPENED,
        "response.output_text.delta",
        "response.output_text.done",
        *CLOSED,
        *ENDED,
    ]


def test_the_sideband_of_a_call():
    driver = Driver(is_call=True, chunks_per_sentence=2)
    assert driver.events == []
    assert kinds(driver.configure(instructions="Hi.")) == ["session.updated"]

    driver.type("hello")
    assert kinds(driver.respond("Hello.")) == [
        *OPENED,
        "response.output_audio_transcript.delta",
        "output_audio_buffer.started",
        *AUDIO_CLOSED,
        *ENDED,
    ]
    assert kinds(driver.pass_time(1000)) == ["output_audio_buffer.stopped"]


def test_an_interruption_in_a_call():
    driver = Driver(is_call=True, chunks_per_sentence=5)
    driver.append(1000)
    driver.respond("Once upon a time.")
    driver.pass_time(120)

    assert kinds(driver.speech_starts()) == [
        "input_audio_buffer.speech_started",
        "conversation.item.truncated",
        "output_audio_buffer.cleared",
    ]
    assert driver.pass_time(1000) == []


def test_the_list_of_a_servers_tools():
    driver = Driver()

    assert kinds(driver.configure(tools=[SERVER])) == ["session.updated", *LISTED]


def test_a_list_that_cannot_be_had():
    driver = Driver()
    gone = {**SERVER, "server_url": "https://nobody.invalid/mcp"}

    assert kinds(driver.configure(tools=[gone]))[1:] == [
        "conversation.item.added",
        "mcp_list_tools.in_progress",
        "mcp_list_tools.failed",
        "conversation.item.done",
    ]


MCP_CALL_ENDS = [
    "response.mcp_call.in_progress",
    "response.mcp_call.completed",
    "conversation.item.done",
    "response.output_item.done",
]


def test_a_call_of_a_servers_tool():
    driver = Driver()
    driver.configure(tools=[SERVER])

    assert folded(driver.respond(calls=[SUM])) == [
        "response.created",
        "response.output_item.added",
        "conversation.item.added",
        "response.mcp_call_arguments.delta",
        "response.mcp_call_arguments.done",
        *MCP_CALL_ENDS,
        *ENDED,
    ]


def test_a_call_that_has_to_be_approved():
    driver = Driver()
    driver.configure(tools=[{**SERVER, "require_approval": "always"}], output_modalities=["text"])
    asked = driver.respond(calls=[SUM])
    answer = {
        "type": "mcp_approval_response",
        "approval_request_id": asked[1]["item"]["id"],
        "approve": True,
    }
    answered = driver.send("conversation.item.create", item=answer)
    done = driver.respond("Three.")

    assert kinds(asked) == [
        "response.created",
        "response.output_item.added",
        "conversation.item.added",
        "conversation.item.done",
        "response.output_item.done",
        *ENDED,
    ]
    assert kinds(answered) == ADDED
    assert folded(done) == [
        "response.created",
        "response.output_item.added",
        "conversation.item.added",
        *MCP_CALL_ENDS,
        *OPENED[1:],
        "response.output_text.delta",
        "response.output_text.done",
        *CLOSED,
        *ENDED,
    ]
