import pytest

from console.tools.registry import Tool, ToolRegistry
from tests.fakes import settle
from tests.relay.carrying import carrying

POLICY = {"relay_tools": ["look_up"], "session": {"keep": {"tools": []}}}


def registry(handler=lambda: {"found": "it"}):
    tools = ToolRegistry()
    tools.add(Tool(name="look_up", description="Looks things up", handler=handler))
    return tools


def call(item_id="item_1", call_id="call_1", name="look_up", **fields):
    return {
        "id": item_id,
        "type": "function_call",
        "call_id": call_id,
        "name": name,
        "arguments": "{}",
        **fields,
    }


async def begin(carried):
    carried.begin()
    update = await carried.service.expect("session.update")
    carried.service.deliver("session.updated", session={"id": "sess_1", "tools": ["secret"]})
    assert (await carried.client.expect("session.created"))["session"] == {"id": "sess_1"}
    return update["session"]["tools"]


def deliver_call(service, item):
    service.deliver("response.output_item.added", response_id="resp_1", item=item)
    service.deliver("conversation.item.added", item=item)
    service.deliver("response.function_call_arguments.delta", item_id=item["id"], delta="{}")
    service.deliver("response.function_call_arguments.done", item_id=item["id"], arguments="{}")
    service.deliver("conversation.item.done", item=item)
    service.deliver("response.output_item.done", response_id="resp_1", item=item)


def deliver_done(service, *output, status="completed"):
    response = {"id": "resp_1", "status": status, "output": list(output)}
    service.deliver("response.done", response=response)


@pytest.mark.parametrize("first", ["user_1", None])
async def test_what_follows_a_hidden_item_is_told_behind_the_last_that_is_seen(first):
    output = {"id": "output_1", "type": "function_call_output", "call_id": "call_1", "output": ""}
    said = {"id": "item_2", "type": "message", "role": "assistant", "content": []}
    async with carrying(POLICY, registry()) as carried:
        await begin(carried)
        down = carried.service.deliver
        down("conversation.item.added", item=call(), previous_item_id=first)
        down("conversation.item.added", item=output, previous_item_id="item_1")
        down("conversation.item.added", item=said, previous_item_id="output_1")
        down("input_audio_buffer.committed", item_id="item_3", previous_item_id="output_1")
        added = await carried.client.expect("conversation.item.added")
        committed = await carried.client.expect("input_audio_buffer.committed")

    assert (added["item"]["id"], added["previous_item_id"]) == ("item_2", first)
    assert committed["previous_item_id"] == first


async def test_a_tool_of_the_relay_is_answered_there_and_no_client_hears_of_it():
    async with carrying(POLICY, registry()) as carried:
        (tool,) = await begin(carried)
        deliver_call(carried.service, call())
        deliver_done(carried.service, call())
        done = await carried.client.expect("response.done")
        answered = await carried.service.expect("conversation.item.create")
        await carried.service.expect("response.create")
        carried.service.deliver("conversation.item.added", item={**answered["item"], "id": "o"})

    assert tool["name"] == "look_up"
    assert done["response"]["output"] == []
    assert answered["item"] == {
        "type": "function_call_output",
        "call_id": "call_1",
        "output": '{"found":"it"}',
    }


async def test_where_the_client_has_a_call_too_the_client_asks_for_the_answer():
    async with carrying(POLICY, registry()) as carried:
        await begin(carried)
        theirs = call("item_2", "call_2", "of the client")
        deliver_done(carried.service, call(), theirs)
        done = await carried.client.expect("response.done")
        await carried.service.expect("conversation.item.create")

    assert done["response"]["output"] == [theirs]


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        (lambda: 1 / 0, "look_up failed: ZeroDivisionError"),
        (lambda: {1, 2}, "look_up answered what JSON cannot carry"),
        (lambda: {1: 2}, '{"1":2}'),
        (lambda: "x" * 10_000, "truncated"),
    ],
)
async def test_what_a_tool_answers_is_told_to_the_model_as_far_as_it_can_be(handler, said):
    async with carrying(POLICY, registry(handler)) as carried:
        await begin(carried)
        deliver_done(carried.service, call())
        await carried.client.expect("response.done")
        answered = await carried.service.expect("conversation.item.create")
        await carried.service.expect("response.create")

    assert said in answered["item"]["output"]


async def test_who_names_a_hidden_item_hears_that_there_is_none_and_the_service_nothing():
    async with carrying(POLICY, registry()) as carried:
        await begin(carried)
        deliver_call(carried.service, call())
        carried.service.deliver("conversation.item.added", item={"id": "seen", "type": "message"})
        await carried.client.expect("conversation.item.added")
        carried.client.deliver("conversation.item.delete", item_id="item_1", event_id="guess")
        error = (await carried.client.expect("error"))["error"]
        carried.client.deliver("conversation.item.delete", item_id="seen")
        passed = await carried.service.expect("conversation.item.delete")

    assert (error["code"], error["event_id"]) == ("item_delete_invalid_item_id", "guess")
    assert error["message"] == "Error deleting item: the item with id 'item_1' does not exist."
    assert passed["item_id"] == "seen"


async def test_calls_of_an_answer_that_was_cut_off_are_not_made():
    async with carrying(POLICY, registry()) as carried:
        await begin(carried)
        deliver_done(carried.service, call(), status="cancelled")
        await carried.client.expect("response.done")


async def test_a_model_that_calls_for_ever_is_asked_no_more_until_the_user_is_back():
    async with carrying(POLICY, registry()) as carried:
        await begin(carried)
        for n in range(4):
            deliver_done(carried.service, call(f"item_{n}", f"call_{n}"))
            await carried.client.expect("response.done")
            await carried.service.expect("conversation.item.create")
            if n < 3:
                await carried.service.expect("response.create")
        await settle()
        await carried.service.finish()
        carried.service.deliver("input_audio_buffer.speech_started", item_id="item_u")
        await carried.client.expect("input_audio_buffer.speech_started")
        deliver_done(carried.service, call("item_9", "call_9"))
        await carried.client.expect("response.done")
        await carried.service.expect("conversation.item.create")
        await carried.service.expect("response.create")


async def test_what_the_service_says_of_the_relay_s_own_events_is_for_its_owner(caplog):
    async with carrying(POLICY, registry()) as carried:
        await begin(carried)
        deliver_done(carried.service, call())
        await carried.client.expect("response.done")
        sent = await carried.service.expect("conversation.item.create")
        await carried.service.expect("response.create")
        error = {"message": "no such call", "event_id": sent["event_id"]}
        carried.service.deliver("error", error=error)

    assert "no such call" in caplog.text
