from itertools import count

import pytest

from console.simulator.item_events import ItemEvents
from console.simulator.items import Conversation
from console.simulator.outbox import Outbox
from console.simulator.refusals import Refusal
from tests.simulator.session_driver import kinds

TYPED = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "x"}]}


def made():
    number = count(1)

    def new_id(prefix):
        return f"{prefix}{next(number)}"

    outbox = Outbox(new_id)
    conversation = Conversation()
    return ItemEvents(conversation, outbox, new_id), conversation, outbox


def test_an_item_is_added_and_done_in_one_step():
    events, conversation, outbox = made()
    item = events.create({"item": TYPED})

    added, done = outbox.take().events
    assert kinds([added, done]) == ["conversation.item.added", "conversation.item.done"]
    assert added["item"] == done["item"] == item.wire()
    assert conversation.items() == [item]


def test_a_call_that_a_client_brings_gets_an_id_to_be_answered_by():
    events, _, _ = made()
    call = events.create({"item": {"type": "function_call", "name": "f", "arguments": "{}"}})
    output = {"type": "function_call_output", "call_id": call.call_id, "output": "1"}

    assert events.create({"item": output}).call_id == call.call_id


def test_an_output_without_its_call_is_refused_and_nothing_is_told():
    events, conversation, outbox = made()
    output = {"type": "function_call_output", "call_id": "call_x", "output": "1"}

    with pytest.raises(Refusal) as refused:
        events.create({"item": output})
    assert refused.value.param == "item.call_id"
    assert conversation.items() == []
    assert outbox.take().events == []


def test_a_deleted_item_cannot_be_retrieved():
    events, _, outbox = made()
    item = events.create({"item": TYPED})
    outbox.take()
    events.retrieve({"item_id": item.id})
    events.delete({"item_id": item.id})

    assert kinds(outbox.take().events) == [
        "conversation.item.retrieved",
        "conversation.item.deleted",
    ]
    with pytest.raises(Refusal) as refused:
        events.retrieve({"item_id": item.id})
    assert refused.value.code == "item_retrieve_invalid_item_id"
