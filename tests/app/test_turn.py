import pytest

from console.app.turn import Turn


@pytest.mark.parametrize(
    ("times", "start_ms"),
    [
        ({}, 100.0),
        ({"asked_ms": 1_200.0}, 1_200.0),
        ({"asked_ms": 1_200.0, "speech_ended_ms": 900.0}, 900.0),
        ({"speech_ended_ms": 0.0, "asked_ms": 1_200.0}, 0.0),
    ],
)
def test_the_user_waits_from_the_end_of_speech_else_from_the_question_else_from_its_beginning(
    times, start_ms
):
    assert Turn(1, "speech", 100.0, **times).start_ms == start_ms


@pytest.mark.parametrize(
    ("times", "latency_ms"),
    [
        ({"first_transcript_ms": 400.0}, 300.0),
        ({"first_transcript_ms": 400.0, "first_audio_ms": 450.0}, 350.0),
        ({"first_transcript_ms": 400.0, "first_audio_ms": 450.0, "first_heard_ms": 500.0}, 400.0),
    ],
)
def test_the_wait_ends_with_what_is_heard_else_with_sound_else_with_words(times, latency_ms):
    assert Turn(1, "request", 100.0, **times).latency_ms == latency_ms


def test_a_turn_without_an_answer_has_no_latency_yet():
    assert Turn(1, "text", 100.0, asked_ms=200.0, created_ms=250.0).latency_ms is None


def test_an_answer_that_began_before_the_end_of_speech_was_known_was_not_waited_for():
    turn = Turn(1, "speech", 100.0, speech_ended_ms=1_000.0, first_audio_ms=950.0)

    assert turn.latency_ms == 0.0


def test_what_belongs_to_one_turn_is_no_other_turns():
    first, second = Turn(1, "text", 0.0), Turn(2, "text", 10.0)

    first.item_ids.append("a")
    first.tools.append("get_weather")

    assert (second.item_ids, second.tools) == ([], [])


def test_a_turn_is_itself_though_another_has_the_same_times():
    assert Turn(1, "text", 0.0) != Turn(1, "text", 0.0)
