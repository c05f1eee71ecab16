"""Responses, and which of them is being made."""

import pytest

from console.realtime import responses as module
from console.realtime.responses import Responses, add_item
from console.realtime.usage import TokenUsage


def begun(response_id: str = "r", **raw: object) -> Responses:
    responses = Responses()
    responses.created({"id": response_id, "status": "in_progress", "conversation_id": "c", **raw})
    return responses


def test_the_active_response_is_the_last_that_began_and_is_not_done():
    responses = begun()
    assert responses.active is responses.by_id["r"]

    responses.done({"id": "r", "status": "completed"})

    assert responses.active is None
    assert responses.unfinished is None


def test_an_interrupted_response_is_unfinished_but_not_active():
    responses = begun()

    responses.interrupt()

    assert responses.active is None
    assert responses.unfinished is not None


def test_interrupting_nothing_is_fine():
    responses = Responses()

    responses.interrupt()

    assert responses.active is None


def test_a_response_out_of_band_is_never_the_active_one():
    responses = begun("o", conversation_id=None)

    assert responses.by_id["o"].is_out_of_band
    assert responses.active is None


def test_the_end_of_another_response_leaves_the_active_one():
    responses = begun()

    responses.done({"id": "other", "status": "cancelled"})

    assert responses.active is responses.by_id["r"]


def test_a_response_that_ends_without_saying_how_is_completed():
    done = begun().done({"id": "r"})

    assert done is not None
    assert done.status == "completed"


def test_without_an_id_there_is_no_response():
    responses = Responses()

    assert responses.find_or_begin("") is None
    assert responses.created({}) is None
    assert responses.done({"id": 5}) is None
    assert responses.by_id == {}


def test_the_number_of_responses_and_of_their_items_is_bounded():
    responses = Responses()
    for n in range(module.MAX_RESPONSES + 1):
        responses.done({"id": str(n)})
    response = responses.by_id["1"]
    for n in range(module.MAX_ITEMS + 1):
        add_item(response, str(n))
        add_item(response, str(n))

    assert "0" not in responses.by_id
    assert len(response.item_ids) == module.MAX_ITEMS


def test_what_a_response_cost_is_counted_once():
    responses = begun()
    raw = {"id": "r", "usage": {"total_tokens": 12, "input_tokens": 10, "output_tokens": 2}}

    done = responses.done(raw)
    responses.done(raw)
    responses.done({"id": "free"})

    cost = TokenUsage(n_responses=1, total=12, input=10, output=2)
    assert done is not None
    assert (done.tokens, responses.usage) == (cost, cost)
    assert responses.by_id["free"].tokens is None


def test_a_response_that_is_done_is_not_in_progress_again():
    responses = begun()
    responses.done({"id": "r", "status": "cancelled"})

    responses.done({"id": "r", "status": "in_progress"})

    assert responses.by_id["r"].status == "cancelled"


def test_a_response_has_begun_when_the_server_has_described_it():
    responses = Responses()
    spoken_of = responses.find_or_begin("r")
    assert spoken_of is not None
    assert not spoken_of.has_begun

    responses.created({"id": "r"})

    assert spoken_of.has_begun


@pytest.mark.parametrize("status", ["queued", "completed", None])
def test_a_response_that_was_created_is_in_progress_whatever_is_said_of_its_status(status):
    responses = begun(status=status)

    assert responses.active is responses.by_id["r"]
    assert not responses.by_id["r"].is_done


def test_clearing_forgets_all_responses_and_their_cost():
    responses = begun()
    responses.done({"id": "r", "usage": {"total_tokens": 12}})

    responses.clear()

    assert (responses.by_id, responses.unfinished, responses.usage) == ({}, None, TokenUsage())
