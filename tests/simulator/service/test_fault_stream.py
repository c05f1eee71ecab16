import itertools

import pytest

from console.simulator.faults import Faults
from console.simulator.service.fault_stream import FaultStream, failure_message

ADDED = {"type": "response.output_item.added", "response_id": "resp_1", "item": {"id": "item_1"}}
DELTA = {"type": "response.output_text.delta", "response_id": "resp_1", "item_id": "item_1"}
TEXT_DONE = {"type": "response.output_text.done", "response_id": "resp_1", "item_id": "item_1"}
PART_DONE = {"type": "response.content_part.done", "response_id": "resp_1", "item_id": "item_1"}
ITEM_DONE = {"type": "conversation.item.done", "item": {"id": "item_1"}}
OUTPUT_DONE = {
    "type": "response.output_item.done",
    "response_id": "resp_1",
    "item": {"id": "item_1"},
}
DONE = {"type": "response.done", "response": {"id": "resp_1", "status": "completed"}}
CANCELLED = {"type": "response.done", "response": {"id": "resp_1", "status": "cancelled"}}
CLOSERS = [TEXT_DONE, PART_DONE, ITEM_DONE, OUTPUT_DONE]
RESPONSE = [ADDED, DELTA, *CLOSERS, DONE]

ADDED_2 = {**ADDED, "item": {"id": "item_2"}}
ARGUMENTS = {
    "type": "response.function_call_arguments.delta",
    "response_id": "resp_1",
    "item_id": "item_2",
}
ARGUMENTS_DONE = {**ARGUMENTS, "type": "response.function_call_arguments.done"}
OUTPUT_DONE_2 = {**OUTPUT_DONE, "item": {"id": "item_2"}}


def stream_with(**faults):
    numbers = itertools.count()
    return FaultStream(Faults(**faults), lambda prefix: f"{prefix}{next(numbers)}")


def events_of(stream, events):
    return [event for _, event in stream.rework(events)]


def test_without_faults_every_event_passes_as_it_is():
    stream = stream_with()

    assert stream.rework(RESPONSE) == [(0, event) for event in RESPONSE]


def test_late_deltas_follow_a_cancelled_response_under_new_ids():
    stream = stream_with(late_deltas=True)

    reworked = events_of(stream, [ADDED, {**DELTA, "event_id": "event_a"}, CANCELLED])

    assert reworked[-2:] == [CANCELLED, {**DELTA, "event_id": "event_0"}]


@pytest.mark.parametrize("events", [[ADDED, DELTA, DONE], [ADDED, CANCELLED]])
def test_no_late_deltas_follow_a_whole_response_or_one_without_deltas(events):
    assert events_of(stream_with(late_deltas=True), events) == events


def test_missing_closers_leave_nothing_between_the_last_delta_and_the_end():
    stream = stream_with(missing_closers=True)

    assert events_of(stream, RESPONSE) == [ADDED, DELTA, DONE]


@pytest.mark.parametrize(
    "name", ["response.audio.done", "response.audio_transcript.done", "response.text.done"]
)
def test_closers_are_known_by_the_names_of_the_beta_too(name):
    closer = {"type": name, "response_id": "resp_1", "item_id": "item_1"}

    assert events_of(stream_with(missing_closers=True), [ADDED, closer, DONE]) == [ADDED, DONE]


def test_items_of_the_user_are_still_closed():
    item_of_user = {"type": "conversation.item.done", "item": {"id": "item_9"}}

    assert events_of(stream_with(missing_closers=True), [item_of_user]) == [item_of_user]


def test_overlapping_items_are_closed_when_the_next_one_streams():
    stream = stream_with(overlapping_items=True)
    events = [ADDED, DELTA, *CLOSERS, ADDED_2, ARGUMENTS, ARGUMENTS_DONE, OUTPUT_DONE_2, DONE]

    assert events_of(stream, events) == [
        ADDED,
        DELTA,
        ADDED_2,
        ARGUMENTS,
        *CLOSERS,
        ARGUMENTS_DONE,
        OUTPUT_DONE_2,
        DONE,
    ]


def test_the_last_item_is_closed_before_its_response_ends():
    stream = stream_with(overlapping_items=True)

    assert events_of(stream, RESPONSE) == RESPONSE


def test_closers_that_wait_are_sent_although_the_fault_is_switched_off_meanwhile():
    stream = stream_with(overlapping_items=True)
    before = events_of(stream, RESPONSE[:-1])
    stream.faults = Faults()

    assert [*before, *events_of(stream, [DONE])] == RESPONSE


COMPLETED = {
    "type": "conversation.item.input_audio_transcription.completed",
    "event_id": "event_a",
    "item_id": "item_1",
    "content_index": 0,
    "transcript": "hello",
}
PIECE = {**COMPLETED, "type": "conversation.item.input_audio_transcription.delta"}


def test_a_transcription_fails_without_a_word():
    reworked = events_of(stream_with(fail_transcription=True), [PIECE, COMPLETED])

    assert [event["type"] for event in reworked] == [
        "conversation.item.input_audio_transcription.failed"
    ]
    assert reworked[0]["error"]["message"] == "Input transcription failed for item 'item_1'."
    assert "transcript" not in reworked[0]


def test_a_transcription_that_has_failed_by_itself_stays_so():
    failed = {**COMPLETED, "type": "conversation.item.input_audio_transcription.failed"}

    assert events_of(stream_with(fail_transcription=True), [failed]) == [failed]


def test_late_transcriptions_are_delayed_and_nothing_else():
    reworked = stream_with(late_transcription_ms=500).rework([PIECE, DELTA, COMPLETED])

    assert reworked == [(500, PIECE), (0, DELTA), (500, COMPLETED)]


def test_errors_forget_what_caused_them():
    error = {"code": "x", "event_id": "mine"}

    reworked = events_of(stream_with(null_event_id=True), [{"type": "error", "error": error}])

    assert reworked == [{"type": "error", "error": {"code": "x", "event_id": None}}]
    assert error["event_id"] == "mine"


def test_rate_limits_may_never_come():
    assert events_of(stream_with(no_rate_limits=True), [{"type": "rate_limits.updated"}]) == []


def test_nothing_is_kept_of_responses_that_have_ended():
    stream = stream_with(overlapping_items=True, late_deltas=True)
    stream.rework(RESPONSE)

    assert (stream._last_deltas, stream._item_of_response, stream._held) == ({}, {}, {})


def test_every_failure_has_a_message():
    assert "quota" in failure_message("insufficient_quota")
    assert failure_message("odd") == "The response failed: odd."
