"""Responses, and which of them is being made."""

from console.realtime import responses as module
from console.realtime.responses import Responses, add_item


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
