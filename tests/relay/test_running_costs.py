import pytest

from console.realtime.estimates import ANSWER_TOKENS, FIRST_INPUT_TOKENS
from console.realtime.prices import SIMULATOR, PriceTable
from console.relay.running_costs import (
    MAX_ANSWERS,
    RunningCosts,
)

PRICES = PriceTable.read()
MODEL = "gpt-realtime-2.1"
CREATED = {
    "type": "session.created",
    "session": {
        "model": MODEL,
        "audio": {"input": {"transcription": {"model": "gpt-live-transcribe"}}},
    },
}
HELD = (FIRST_INPUT_TOKENS * 32 + ANSWER_TOKENS * 64) / 1e6


def begun(response_id="r1"):
    return {"type": "response.created", "response": {"id": response_id}}


def done(usage=None, response_id="r1"):
    return {"type": "response.done", "response": {"id": response_id, "usage": usage}}


def usage(audio_out):
    return {
        "input_tokens": 0,
        "output_tokens": audio_out,
        "output_token_details": {"audio_tokens": audio_out},
    }


def paid(costs, used):
    """Return what the end of an answer costs."""
    change = costs.receive(done(used))
    assert change is not None
    assert change.spending is not None
    return change.spending.cost


@pytest.fixture
def costs():
    costs = RunningCosts(PRICES)
    assert costs.receive(CREATED) is None
    return costs


def test_an_answer_is_set_aside_from_its_beginning_and_paid_at_its_end(costs):
    begin = costs.receive(begun())
    held = costs.held
    end = costs.receive(done(usage(1000)))

    assert (begin.held, begin.spending) == (pytest.approx(HELD), None)
    assert held == pytest.approx(HELD)
    assert end.held == pytest.approx(-HELD)
    assert end.spending.cost.dollars == pytest.approx(0.064)
    assert not end.spending.cost.is_estimate
    assert end.spending.tokens.output_audio == 1000
    assert costs.held == 0


def test_an_answer_that_does_not_say_what_it_has_cost_counts_as_what_was_set_aside(costs):
    costs.receive(begun())

    end = costs.receive(done())

    assert end.held + end.spending.cost.dollars == pytest.approx(0)
    assert end.spending.cost.is_estimate


def test_an_answer_that_neither_began_nor_says_anything_still_costs_something(costs):
    end = costs.receive(done())

    assert end.held == 0
    assert end.spending.cost.dollars == pytest.approx(FIRST_INPUT_TOKENS * 32 / 1e6)
    assert end.spending.cost.is_estimate


def test_a_longer_conversation_sets_more_aside(costs):
    costs.receive(begun())
    costs.receive(done({**usage(10), "input_tokens": 5000}))

    assert costs.receive(begun("r2")).held == pytest.approx(HELD + 5010 * 32 / 1e6)


def test_an_answer_that_is_told_twice_is_set_aside_once(costs):
    costs.receive(begun())

    assert costs.receive(begun()) is None


def test_a_service_cannot_make_us_remember_answers_without_end(costs):
    for n in range(MAX_ANSWERS + 10):
        costs.receive(begun(f"r{n}"))

    assert costs.held == pytest.approx(MAX_ANSWERS * HELD)


def test_a_transcript_is_paid_by_its_own_model(costs):
    told = costs.receive(
        {
            "type": "conversation.item.input_audio_transcription.completed",
            "usage": {"type": "duration", "seconds": 120},
        }
    )

    assert told.spending.cost.dollars == pytest.approx(0.034)
    assert told.spending.transcript.seconds == 120
    assert not told.spending.cost.is_estimate


def test_a_transcript_that_does_not_say_its_length_counts_as_a_minute(costs):
    told = costs.receive({"type": "conversation.item.input_audio_transcription.completed"})

    assert told.spending.cost.dollars == pytest.approx(0.017)
    assert told.spending.cost.is_estimate


def test_all_models_of_the_simulator_cost_what_it_costs():
    costs = RunningCosts(PRICES, model=SIMULATOR)
    costs.receive(CREATED)
    costs.receive(begun())

    assert paid(costs, usage(1000)).dollars == 0


def test_where_nobody_knows_what_the_service_asks_all_is_an_estimate():
    costs = RunningCosts(PRICES, is_sure=False)
    costs.receive(CREATED)

    assert paid(costs, usage(1000)).is_estimate


@pytest.mark.parametrize(
    "event", [{}, {"type": 7}, {"type": "response.output_audio.delta", "delta": "AA"}]
)
def test_other_events_change_nothing(costs, event):
    assert costs.receive(event) is None


@pytest.mark.parametrize("value", [None, 7, [], "x"])
@pytest.mark.parametrize("event_type", ["session.updated", "response.created", "response.done"])
def test_events_of_odd_shapes_do_no_harm(costs, event_type, value):
    costs.receive({"type": event_type, "session": value, "response": value})

    assert costs.held >= 0
