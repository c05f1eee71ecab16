"""The conversation as a state machine: events in, what changed out."""

import random
import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console import pcm
from console.realtime.audio_budget import SLICE_BYTES
from console.realtime.conversation import Conversation
from console.realtime.events import Event
from console.realtime.items import Fault, ItemUpdate, ResponseUpdate
from console.realtime.responses import MAX_RESPONSES
from tests.realtime.shelf import MemoryShelf
from tests.realtime.talk import SOUND, Talk, kinds

# What the reference got wrong


def test_a_transcript_that_arrives_before_its_item_is_there_when_the_item_comes():
    talk = Talk()
    assert talk.heard("Hello there") == ()

    talk.added("u", content=[{"type": "input_audio", "transcript": None}])

    assert talk.item("u").text == "Hello there"
    assert talk.item("u").content[0].transcription == "completed"


def test_transcript_deltas_that_arrive_before_their_item_are_there_when_the_item_comes():
    talk = Talk()
    for delta in ("Hel", "lo"):
        talk.event(
            "conversation.item.input_audio_transcription.delta",
            item_id="u",
            content_index=0,
            delta=delta,
        )

    talk.added("u", content=[{"type": "input_audio", "transcript": None}])

    assert talk.item("u").text == "Hello"


def test_audio_that_arrives_before_its_item_comes_with_the_item():
    talk = Talk()
    assert talk.audio() == ()

    updates = talk.added("a", role="assistant", status="in_progress")

    assert kinds(updates) == ["appended"]
    assert updates[0].delta.audio == SOUND
    assert talk.item().audio == SOUND


def test_items_stand_in_protocol_order_not_in_the_order_of_arrival():
    talk = Talk()
    talk.added("first")
    talk.added("third", previous="first")

    talk.added("second", previous="first")
    talk.added("zeroth", previous="root")

    assert talk.order == ["zeroth", "first", "second", "third"]


def test_truncation_keeps_the_text_and_records_what_was_heard():
    talk = Talk().answers()
    talk.words("one two three four")
    talk.audio()

    updates = talk.event(
        "conversation.item.truncated", item_id="a", content_index=0, audio_end_ms=200
    )

    part = talk.item().content[0]
    assert kinds(updates) == ["truncated"]
    assert talk.item().text == "one two three four"
    assert (part.heard_ms, part.text, part.transcript[: part.heard_characters]) == (
        200,
        "",
        "one two three",
    )
    assert part.audio == SOUND


def test_after_truncation_a_retrieved_item_without_transcript_leaves_the_text():
    talk = Talk().answers()
    talk.words("one two")
    talk.event("conversation.item.truncated", item_id="a", content_index=0, audio_end_ms=1)

    talk.event(
        "conversation.item.retrieved",
        item={"id": "a", "content": [{"type": "output_audio", "transcript": None}]},
    )

    assert talk.item().text == "one two"


@pytest.mark.parametrize(
    ("event_type", "fields"),
    [
        ("response.output_audio.delta", {"delta": "AAAA"}),
        ("response.output_audio_transcript.delta", {"delta": "x"}),
        ("response.function_call_arguments.delta", {"delta": "{"}),
        ("conversation.item.truncated", {"content_index": 0, "audio_end_ms": 5}),
        ("conversation.item.deleted", {}),
        ("conversation.item.input_audio_transcription.completed", {"transcript": "x"}),
    ],
)
def test_an_unknown_item_id_changes_nothing_and_raises_nothing(event_type, fields):
    talk = Talk()
    talk.added("u")

    assert talk.event(event_type, item_id="nobody", **fields) == ()
    assert talk.order == ["u"]


def test_a_failed_transcription_is_told_and_nobody_waits_on():
    talk = Talk().begin(transcription={"model": "m"})
    talk.event("input_audio_buffer.committed", item_id="u", previous_item_id=None)
    talk.added("u", content=[{"type": "input_audio", "transcript": None}])
    assert talk.item("u").content[0].transcription == "pending"

    updates = talk.event(
        "conversation.item.input_audio_transcription.failed",
        item_id="u",
        content_index=0,
        error={"code": "DeploymentNotFound", "message": "No such model."},
    )

    part = talk.item("u").content[0]
    assert kinds(updates) == ["updated"]
    assert (part.transcription, part.transcription_error) == ("failed", "No such model.")


def test_audio_of_an_item_is_decoded_once():
    talk = Talk().answers()
    talk.audio()
    before = talk.item().audio

    talk.event(
        "conversation.item.done",
        item={"id": "a", "status": "completed", "content": [{"type": "output_audio"}]},
    )
    talk.words("late")
    talk.event("response.output_audio.done", item_id="a", content_index=0)

    assert talk.item().audio is before
    assert len(before) == len(SOUND)


def test_a_finished_response_tells_its_usage_its_failure_and_the_limits():
    talk = Talk().answers()
    error = {"type": "server_error", "code": "insufficient_quota", "message": "No money."}

    updates = talk.done(
        "failed",
        usage={"total_tokens": 12},
        status_details={"type": "failed", "error": error},
        metadata={"k": "v"},
    )
    talk.event("rate_limits.updated", rate_limits=[{"name": "tokens", "remaining": 5}])

    response = updates[-1].response
    assert isinstance(updates[-1], ResponseUpdate)
    assert (response.status, response.reason) == ("failed", "No money.")
    assert (response.usage, response.metadata) == ({"total_tokens": 12}, {"k": "v"})
    assert talk.conversation.rate_limits == [{"name": "tokens", "remaining": 5}]


# Order and life of items


def test_an_item_is_appended_grows_and_is_completed_once():
    talk = Talk().answers()
    talk.words("Hi")
    talk.audio()
    final = {
        "id": "a",
        "status": "completed",
        "content": [{"type": "output_audio", "transcript": "Hi"}],
    }
    talk.event("conversation.item.done", item=final, previous_item_id=None)
    talk.event("response.output_item.done", response_id="r", item=final)
    talk.done(output=[final])

    told = [update.kind for update in talk.updates if isinstance(update, ItemUpdate)]
    assert told == ["appended", "updated", "updated", "completed"]
    assert talk.item().is_done
    assert talk.item().response_id == "r"


def test_a_delta_says_what_was_appended():
    talk = Talk().answers()

    (words,) = talk.words("Hi")
    (sound,) = talk.audio()

    assert (words.delta.transcript, words.delta.audio) == ("Hi", b"")
    assert (sound.delta.audio, sound.delta.transcript) == (SOUND, "")


def test_an_item_of_the_user_is_complete_when_it_is_added():
    talk = Talk()

    updates = talk.added("u", content=[{"type": "input_text", "text": "Hello"}])
    again = talk.event("conversation.item.done", item={"id": "u", "status": "completed"})

    assert kinds(updates) == ["appended", "completed"]
    assert again == ()
    assert talk.item("u").text == "Hello"


def test_a_duplicate_of_an_item_changes_no_order():
    talk = Talk()
    talk.added("a")
    talk.added("b")

    updates = talk.added("a", previous="b")

    assert kinds(updates) == ["updated"]
    assert talk.order == ["a", "b"]


def test_the_older_event_for_a_new_item_is_understood():
    talk = Talk()

    updates = talk.event(
        "conversation.item.created", item={"id": "u", "type": "message", "status": "completed"}
    )

    assert kinds(updates) == ["appended", "completed"]


def test_an_item_that_is_only_ever_done_enters_the_conversation():
    talk = Talk()
    talk.added("u")

    updates = talk.event(
        "conversation.item.done", item={"id": "a", "status": "completed"}, previous_item_id="root"
    )

    assert kinds(updates) == ["appended", "completed"]
    assert talk.order == ["a", "u"]


def test_overlapping_items_of_a_response_do_not_mix():
    talk = Talk().answers("a")
    call = {"id": "f", "type": "function_call", "status": "in_progress", "name": "get"}
    talk.event("response.output_item.added", response_id="r", item=call)
    talk.event("conversation.item.added", item=call, previous_item_id="a")
    talk.words("One mo")
    talk.event("response.function_call_arguments.delta", item_id="f", delta='{"a"')
    talk.words("ment")
    talk.event("response.function_call_arguments.delta", item_id="f", delta=":1}")

    assert talk.item("a").text == "One moment"
    assert talk.item("f").arguments == '{"a":1}'
    assert talk.order == ["a", "f"]


def test_audio_after_the_end_of_an_item_is_kept():
    talk = Talk().answers()
    talk.audio()
    talk.event("conversation.item.done", item={"id": "a", "status": "incomplete"})

    (update,) = talk.audio()

    assert update.delta.audio == SOUND
    assert talk.item().audio == SOUND + SOUND


def test_a_deleted_item_is_gone_and_what_still_comes_for_it_is_ignored():
    talk = Talk().answers()
    talk.added("u")
    talk.audio()

    updates = talk.event("conversation.item.deleted", item_id="a")
    talk.audio()
    talk.words("ghost")
    talk.event("conversation.item.done", item={"id": "a", "status": "completed"})
    talk.event(
        "response.output_item.done", response_id="r", item={"id": "a", "status": "completed"}
    )
    talk.done(output=[{"id": "a"}])

    assert kinds(updates) == ["deleted"]
    assert talk.order == ["u"]
    assert talk.conversation.kept_audio_bytes == 0
    assert talk.conversation.find("a") is None


def test_an_id_may_be_used_again_after_its_item_was_deleted():
    talk = Talk()
    talk.added("u", content=[{"type": "input_text", "text": "old"}])
    talk.event("conversation.item.deleted", item_id="u")

    talk.added("u", content=[{"type": "input_text", "text": "new"}])

    assert talk.item("u").text == "new"


def test_a_retrieved_item_brings_its_audio():
    talk = Talk()
    talk.added("u", content=[{"type": "input_audio", "transcript": None}])

    updates = talk.event(
        "conversation.item.retrieved",
        item={"id": "u", "content": [{"type": "input_audio", "audio": pcm.encode(SOUND)}]},
    )

    assert kinds(updates) == ["updated"]
    assert talk.item("u").audio == SOUND


def test_audio_that_we_sent_in_an_item_is_the_items_audio():
    talk = Talk()
    content = [{"type": "input_audio", "audio": pcm.encode(SOUND)}]
    talk.conversation.sent(
        Event("conversation.item.create", "e", {"item": {"id": "u", "content": content}})
    )

    talk.added("u", content=[{"type": "input_audio", "transcript": None}])

    assert talk.item("u").audio == SOUND


def test_what_else_we_send_waits_for_the_servers_word():
    talk = Talk()
    written = [{"type": "input_text", "text": "Hi"}]

    talk.conversation.sent(Event("response.create"))
    talk.conversation.sent(
        Event("conversation.item.create", "e", {"item": {"id": "u", "content": written}})
    )

    assert talk.conversation.find("u") is None


# Responses


def test_the_active_response_is_the_conversations_own_until_it_is_done():
    talk = Talk().answers()
    assert talk.conversation.active_response is not None

    talk.done()

    assert talk.conversation.active_response is None
    assert talk.conversation.unfinished_response is None


def test_a_response_that_we_are_cancelling_is_active_no_more_but_unfinished():
    talk = Talk().answers()

    talk.conversation.interrupted()

    assert talk.conversation.active_response is None
    assert talk.conversation.unfinished_response is talk.conversation.responses["r"]


def test_items_that_a_response_left_open_are_finished_with_it():
    talk = Talk().answers()
    talk.words("One, tw")

    updates = talk.done("cancelled", status_details={"reason": "turn_detected"})

    assert kinds(updates) == ["completed"]
    assert talk.item().status == "incomplete"
    assert updates[-1].response.reason == "turn_detected"


def test_items_that_were_never_added_enter_the_conversation_with_their_response():
    talk = Talk()
    talk.event("response.created", response={"id": "r", "conversation_id": "c"})
    item = {"id": "a", "type": "message", "role": "assistant", "status": "in_progress"}
    talk.event("response.output_item.added", response_id="r", item=item)
    assert talk.order == []

    updates = talk.done(output=[{**item, "status": "completed"}])

    assert kinds(updates) == ["appended", "completed"]
    assert talk.order == ["a"]


def test_a_finished_item_of_no_response_enters_the_conversation():
    talk = Talk()

    updates = talk.event("response.output_item.done", item={"id": "a", "status": "completed"})

    assert kinds(updates) == ["appended", "completed"]
    assert talk.item().response_id is None


def test_out_of_band_items_stand_apart():
    talk = Talk().answers("a")
    talk.event("response.created", response={"id": "o", "conversation_id": None})
    item = {"id": "x", "type": "message", "role": "assistant", "status": "in_progress"}
    appended = talk.event("response.output_item.added", response_id="o", item=item)
    talk.event("response.output_text.delta", item_id="x", delta="aside")
    completed = talk.event(
        "response.output_item.done", response_id="o", item={**item, "status": "completed"}
    )
    talk.done(response_id="o", conversation_id=None, output=[{**item, "status": "completed"}])

    (apart,) = talk.conversation.out_of_band_items
    assert (kinds(appended), kinds(completed)) == (["appended"], ["completed"])
    assert (apart.text, apart.is_out_of_band, apart.is_done) == ("aside", True, True)
    assert talk.order == ["a"]
    assert talk.conversation.active_response is not None


def test_an_item_of_a_response_that_nobody_announced_waits_to_know_where_it_belongs():
    talk = Talk()
    item = {"id": "x", "type": "message", "role": "assistant", "status": "completed"}
    assert talk.event("response.output_item.done", response_id="o", item=item) == ()

    talk.done(response_id="o", conversation_id=None, output=[item])

    assert talk.order == []
    assert [each.id for each in talk.conversation.out_of_band_items] == ["x"]


def test_an_item_that_the_response_left_open_and_that_was_deleted_stays_deleted():
    talk = Talk().answers("a").answers("b")
    talk.event("conversation.item.deleted", item_id="b")

    updates = talk.done("cancelled")

    assert [(each.kind, each.item.id) for each in updates[:-1]] == [("completed", "a")]


def test_an_output_without_an_id_is_left_out():
    talk = Talk().answers()

    updates = talk.done(output=[{"type": "message"}, {"id": "a", "status": "completed"}])

    assert kinds(updates) == ["completed"]


def test_what_comes_for_a_finished_item_after_its_end_is_told_when_it_shows():
    talk = Talk().answers()
    final = {"id": "a", "status": "completed", "content": [{"type": "output_text", "text": "x"}]}
    talk.event("conversation.item.done", item=final)

    again = talk.event("conversation.item.done", item=final)
    more = talk.event("conversation.item.done", item={**final, "status": "failed"})

    assert (again, kinds(more)) == ((), ["updated"])


# MCP, calls and cost: whole sessions stand in tests/integration/test_event_streams.py


def test_a_request_for_approval_is_unanswered_until_its_answer_comes():
    talk = Talk()
    talk.added("q", type="mcp_approval_request", role=None)
    assert [each.id for each in talk.conversation.unanswered_approvals] == ["q"]

    talk.added("p", type="mcp_approval_response", approval_request_id="q", approve=False)

    assert talk.conversation.unanswered_approvals == []


def test_the_cost_of_answers_and_of_transcripts_is_added_up_apart():
    talk = Talk().answers()
    talk.done(usage={"total_tokens": 12})
    talk.added("u", content=[{"type": "input_audio"}])
    talk.event(
        "conversation.item.input_audio_transcription.completed",
        item_id="u",
        transcript="Hi",
        usage={"type": "duration", "seconds": 2},
    )

    usage = talk.conversation.usage
    assert (usage.responses.n_responses, usage.responses.total) == (1, 12)
    assert (usage.transcripts.n_transcripts, usage.transcripts.seconds) == (1, 2.0)


def test_the_conversation_has_the_id_that_the_server_names_first_or_last():
    talk = Talk()
    assert talk.conversation.id is None

    talk.event("conversation.created", conversation={"id": "conv_1"})
    talk.event("response.created", response={"id": "o", "conversation_id": None})
    assert talk.conversation.id == "conv_1"

    talk.answers()
    assert talk.conversation.id == "c"


def test_no_more_of_an_item_was_heard_than_there_is():
    talk = Talk().answers()
    talk.audio()

    talk.event("conversation.item.truncated", item_id="a", audio_end_ms=9_999)

    assert talk.item().content[0].heard_ms == 400
    assert talk.item().is_interrupted


def test_of_a_call_whose_sound_goes_elsewhere_the_server_knows_what_was_heard():
    talk = Talk().answers()
    talk.words("Hello")

    talk.event("conversation.item.truncated", item_id="a", audio_end_ms=9_999)

    assert talk.item().content[0].heard_ms == 9_999


def test_a_response_that_is_done_does_not_begin_again():
    talk = Talk()
    talk.done()

    updates = talk.event("response.created", response={"id": "r", "status": "in_progress"})

    assert updates == ()
    assert talk.conversation.active_response is None


def test_the_details_of_a_compatible_server_may_be_a_sentence():
    talk = Talk().answers()

    talk.done("failed", status_details="out of breath", usage="none", output="x")

    assert talk.conversation.responses["r"].reason == "out of breath"
    assert talk.conversation.responses["r"].usage == {}


# Bounds


def test_the_oldest_audio_is_given_up_when_there_is_too_much():
    talk = Talk(max_kept_audio_ms=1_000)
    for item_id in ("a", "b", "c"):
        talk.answers(item_id, response_id=item_id)
        talk.audio(item_id)

    parts = [talk.item(item_id).content[0] for item_id in ("a", "b", "c")]
    assert [part.is_audio_dropped for part in parts] == [True, False, False]
    assert [len(part.audio) for part in parts] == [0, len(SOUND), len(SOUND)]
    assert [part.audio_ms for part in parts] == [400, 400, 400]
    assert talk.conversation.kept_audio_bytes == 2 * len(SOUND)


def test_one_endless_item_cannot_fill_the_memory_but_goes_on_being_told():
    talk = Talk(max_kept_audio_ms=1_000).answers()

    for _ in range(10):
        (update,) = talk.audio()

    assert update.delta.audio == SOUND
    assert talk.conversation.kept_audio_bytes <= 1_000 * pcm.BYTES_PER_MS
    assert talk.item().audio_ms == 4_000


def test_with_a_shelf_all_audio_can_be_read_and_little_is_in_memory():
    shelf = MemoryShelf()
    talk = Talk(shelf=shelf, max_audio_in_memory_ms=1_000)
    for item_id in ("a", "b"):
        talk.answers(item_id, response_id=item_id)
        for _ in range(20):
            talk.audio(item_id)

    conversation = talk.conversation
    assert conversation.audio_of("a") == conversation.audio_of("b") == SOUND * 20
    assert conversation.kept_audio_bytes == 40 * len(SOUND)
    assert conversation.audio_bytes_in_memory <= 1_000 * pcm.BYTES_PER_MS + SLICE_BYTES
    assert conversation.audio_of("nobody") == b""

    conversation.clear()
    assert shelf.held == {}


def test_responses_are_bounded():
    talk = Talk()

    for n in range(MAX_RESPONSES + 1):
        talk.done(response_id=f"r{n}")

    assert len(talk.conversation.responses) == MAX_RESPONSES
    assert "r0" not in talk.conversation.responses


# Whatever comes


@pytest.mark.parametrize(
    ("event_type", "fields"),
    [
        ("conversation.item.added", {"item": {"type": "message"}}),
        ("conversation.item.added", {"item": "x"}),
        ("conversation.item.done", {}),
        ("conversation.item.retrieved", {"item": {"id": "nobody"}}),
        ("conversation.item.truncated", {"item_id": "a", "audio_end_ms": "soon"}),
        ("conversation.item.deleted", {"item_id": None}),
        ("conversation.item.input_audio_transcription.completed", {}),
        ("conversation.item.input_audio_transcription.failed", {}),
        ("input_audio_buffer.speech_started", {"item_id": "u"}),
        ("input_audio_buffer.speech_stopped", {"audio_end_ms": 1}),
        ("input_audio_buffer.timeout_triggered", {"item_id": "u"}),
        ("input_audio_buffer.committed", {}),
        ("response.created", {"response": None}),
        ("response.done", {"response": {"id": 5}}),
        ("response.output_item.added", {"item": {}}),
        ("response.content_part.added", {}),
        ("response.output_text.done", {}),
        ("response.function_call_arguments.done", {}),
        ("response.output_audio.delta", {}),
        ("response.output_audio.delta", {"item_id": "a"}),
        ("response.output_audio.delta", {"item_id": "a", "delta": 5}),
        ("response.output_audio.delta", {"item_id": "a", "delta": "§§"}),
    ],
)
def test_what_cannot_be_used_is_named_and_changes_nothing(event_type, fields):
    talk = Talk().answers()
    talk.words("Hi")

    (fault,) = talk.event(event_type, **fields)

    assert isinstance(fault, Fault)
    assert fault.message.startswith(event_type)
    assert (talk.order, talk.item().text) == (["a"], "Hi")


def test_unknown_events_change_nothing():
    talk = Talk().answers()

    assert talk.event("conversation.item.sung", item_id="a", delta="la") == ()
    assert talk.order == ["a"]


def test_clearing_forgets_everything():
    talk = Talk().begin(turn_detection={"type": "server_vad"}).answers()
    talk.audio()
    talk.conversation.speech.append(SOUND)

    talk.conversation.clear()

    conversation = talk.conversation
    assert conversation.items == []
    assert (conversation.kept_audio_bytes, conversation.speech.kept_bytes) == (0, 0)
    assert conversation.responses == {}
    assert conversation.unfinished_response is None


def stream() -> list[tuple[str, dict[str, Any]]]:
    """Return a session with speech, an answer, a call, an interruption and a deletion."""
    item = {"id": "a", "type": "message", "role": "assistant", "status": "in_progress"}
    call = {"id": "f", "type": "function_call", "name": "get", "call_id": "k"}
    sound = pcm.encode(SOUND[:480])
    spoken = {"type": "input_audio", "transcript": None}
    return [
        ("session.created", {"session": {"audio": {"input": {"transcription": {"model": "m"}}}}}),
        ("input_audio_buffer.speech_started", {"item_id": "u", "audio_start_ms": 0}),
        ("input_audio_buffer.speech_stopped", {"item_id": "u", "audio_end_ms": 5}),
        ("input_audio_buffer.committed", {"item_id": "u"}),
        (
            "conversation.item.added",
            {"item": {"id": "u", "type": "message", "role": "user", "content": [spoken]}},
        ),
        ("conversation.item.done", {"item": {"id": "u", "status": "completed"}}),
        (
            "conversation.item.input_audio_transcription.completed",
            {"item_id": "u", "transcript": "Go on"},
        ),
        ("response.created", {"response": {"id": "r", "conversation_id": "c"}}),
        ("response.output_item.added", {"response_id": "r", "item": item}),
        ("conversation.item.added", {"item": item, "previous_item_id": "u"}),
        ("response.output_audio_transcript.delta", {"item_id": "a", "delta": "One "}),
        ("response.output_audio.delta", {"item_id": "a", "delta": sound}),
        ("response.output_audio_transcript.delta", {"item_id": "a", "delta": "two"}),
        ("response.output_audio.delta", {"item_id": "a", "delta": sound}),
        ("conversation.item.added", {"item": call, "previous_item_id": "a"}),
        ("response.function_call_arguments.done", {"item_id": "f", "arguments": "{}"}),
        ("response.output_item.done", {"response_id": "r", "item": {**item, "id": "a"}}),
        ("response.done", {"response": {"id": "r", "status": "cancelled", "output": [call]}}),
        ("conversation.item.truncated", {"item_id": "a", "audio_end_ms": 10}),
        ("conversation.item.deleted", {"item_id": "f"}),
    ]


def check(conversation: Conversation) -> None:
    """Fail unless what must always hold does hold."""
    items = conversation.items
    assert len({item.id for item in items}) == len(items)
    assert all(item.is_in_conversation and not item.is_out_of_band for item in items)
    assert all(conversation.get(item.id) is item for item in items)
    assert all(not item.is_in_conversation for item in conversation.out_of_band_items)
    kept = sum(len(part.audio) for item in items for part in item.content)
    assert conversation.kept_audio_bytes >= kept
    for item in items:
        for part in item.content:
            assert part.is_audio_dropped or len(part.audio) == part.received_bytes


@settings(max_examples=150)
@given(st.integers(0, 2**32))
def test_shuffled_doubled_and_lost_events_never_raise_and_lose_nothing_that_came(seed):
    chance = random.Random(seed)
    events = [each for each in stream() for _ in range(chance.choice((0, 1, 1, 1, 2)))]
    chance.shuffle(events)
    talk = Talk()

    for event_type, fields in events:
        talk.event(event_type, **fields)
        check(talk.conversation)

    user = talk.conversation.get("u")
    if user is not None and any("transcription.completed" in kind for kind, _ in events):
        assert user.text == "Go on"
    answer = talk.conversation.get("a")
    if answer is not None:
        deltas = sum(kind == "response.output_audio.delta" for kind, _ in events)
        assert answer.audio_ms == 10 * deltas


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(string.ascii_letters, max_size=3)
    | st.sampled_from(["a", "u", "r", "root", "completed", "in_progress", "AAAA"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "type", "status", "content", "transcript", "audio", "output", "text", "role"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=5,
)
FIELDS = st.dictionaries(
    st.sampled_from([
        "item", "item_id", "previous_item_id", "content_index", "delta", "part", "response",
        "response_id", "audio_start_ms", "audio_end_ms", "transcript", "session", "error",
        "rate_limits", "arguments", "text",
    ]),
    JUNK,
    max_size=4,
)  # fmt: skip


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(Conversation()._table())), FIELDS),
        min_size=1,
        max_size=6,
    )
)
def test_junk_in_every_field_never_raises(events):
    talk = Talk().answers()

    for event_type, fields in events:
        talk.event(event_type, **fields)
        check(talk.conversation)
