import pytest

from console.realtime import estimates
from console.realtime.estimates import ANSWER_TOKENS, FIRST_INPUT_TOKENS, UNTOLD_TRANSCRIPT_S
from console.realtime.prices import SIMULATOR, Cost, PriceTable
from console.realtime.usage import TranscriptionUsage

PRICES = PriceTable.read()
MODEL = "gpt-realtime-2.1"


def test_an_answer_is_reckoned_by_what_the_last_one_has_read_and_written():
    first = estimates.answer_input(PRICES, MODEL)
    later = estimates.answer_input(PRICES, MODEL, 500)
    output = estimates.answer_output(PRICES, MODEL)

    assert first == PRICES.of_tokens(MODEL, "audio", "input", FIRST_INPUT_TOKENS)
    assert later == PRICES.of_tokens(MODEL, "audio", "input", FIRST_INPUT_TOKENS + 500)
    assert output == PRICES.of_tokens(MODEL, "audio", "output", ANSWER_TOKENS)
    assert not (first + later + output).is_estimate, "what is held is no spending yet"


def test_what_was_told_by_nobody_is_an_estimate():
    answer = estimates.untold_answer(PRICES, MODEL)
    transcript = estimates.untold_transcript(PRICES, "no such model")

    assert answer == Cost(estimates.answer_input(PRICES, MODEL).dollars, is_estimate=True)
    assert transcript.is_estimate
    assert transcript.dollars > 0


def test_a_transcript_that_is_paid_for_by_the_minute_counts_as_a_minute():
    minute = TranscriptionUsage(seconds=UNTOLD_TRANSCRIPT_S)

    untold = estimates.untold_transcript(PRICES, "whisper-1")

    assert untold == PRICES.of_transcript("whisper-1", minute).as_estimate()
    assert untold.dollars == pytest.approx(0.006)


def test_what_costs_nothing_is_known_to_cost_nothing():
    assert estimates.untold_answer(PRICES, SIMULATOR) == Cost()
    assert estimates.untold_transcript(PRICES, SIMULATOR) == Cost()
    assert Cost(0.0, is_estimate=True).as_estimate().is_estimate


@pytest.mark.parametrize(
    ("session", "model"),
    [
        ({"audio": {"input": {"transcription": {"model": "whisper-1"}}}}, "whisper-1"),
        ({"audio": {"input": {"transcription": None}}}, ""),
        ({}, ""),
    ],
)
def test_the_model_that_writes_down_is_read_from_the_session(session, model):
    assert estimates.transcriber(session) == model
