from itertools import count

import pytest

from console.simulator.protocol import items
from console.simulator.protocol.item_events import ItemEvents
from console.simulator.protocol.items import Conversation
from console.simulator.protocol.mcp import McpServers
from console.simulator.protocol.outbox import Outbox
from console.simulator.protocol.refusals import Refusal
from console.simulator.protocol.session_config import SessionConfig
from tests.simulator.session_driver import kinds

TYPED = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "x"}]}


def made(**session):
    number = count(1)

    def new_id(prefix):
        return f"{prefix}{next(number)}"

    outbox = Outbox(new_id)
    conversation = Conversation()
    config = SessionConfig("sess_1", "gpt-realtime", 0)
    config.update({"type": "realtime", **session}, has_spoken=False)
    servers = McpServers(conversation, outbox, new_id)
    return ItemEvents(config, conversation, servers, outbox, new_id), conversation, outbox


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


def test_beyond_the_most_the_oldest_items_are_deleted_and_the_client_is_told(monkeypatch):
    monkeypatch.setattr(items, "MAX_ITEMS", 2)
    events, conversation, outbox = made()
    first = events.create({"item": TYPED})
    events.create({"item": TYPED})
    outbox.take()
    last = events.create({"item": TYPED})

    told = outbox.take().events
    assert kinds(told) == [
        "conversation.item.added",
        "conversation.item.done",
        "conversation.item.deleted",
    ]
    assert told[2]["item_id"] == first.id
    assert len(conversation) == 2
    assert conversation.last_id() == last.id


def test_a_conversation_that_may_not_be_shortened_takes_no_more(monkeypatch):
    monkeypatch.setattr(items, "MAX_ITEMS", 1)
    events, conversation, outbox = made(truncation="disabled")
    events.create({"item": TYPED})
    outbox.take()

    with pytest.raises(Refusal, match="holds 1 items, the most"):
        events.create({"item": TYPED})
    assert (len(conversation), outbox.take().events) == (1, [])
