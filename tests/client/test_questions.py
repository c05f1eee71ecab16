"""Asking the server, and waiting for the answer to just that."""

import asyncio

import pytest

from console.errors import ConsoleError, NotConnectedError
from tests.client.conftest import connect, restore
from tests.fakes import settle

ITEM = {"id": "item_1", "type": "message", "role": "user", "status": "completed", "content": []}


def answer_to(question, text, status="completed", **details):
    """A response out of band with one message."""
    item = {
        "id": f"item_{text}",
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": [{"type": "output_text", "text": text}],
    }
    return {
        "id": f"resp_{text}",
        "status": status,
        "conversation_id": None,
        "metadata": question["response"]["metadata"],
        "output": [item],
        **details,
    }


async def test_three_at_once_are_told_apart_and_leave_the_conversation_alone(connected, transport):
    names = ["a", "b", "c"]
    asking = [
        asyncio.ensure_future(connected.ask_out_of_band(name, metadata={"name": name}))
        for name in names
    ]
    asked = {}
    for _ in names:
        event = await transport.expect("response.create")
        asked[event["response"]["metadata"]["name"]] = event

    # They begin in one order and end in another, and one of the conversation's own is between.
    for name in names:
        begun = {**answer_to(asked[name], name, "in_progress"), "output": []}
        transport.deliver("response.created", response=begun)
    own = {"id": "resp_own", "status": "completed", "conversation_id": "conv", "output": []}
    transport.deliver("response.done", response=own)
    for name in reversed(names):
        transport.deliver("response.done", response=answer_to(asked[name], f"answer {name}"))
    answers = await asyncio.gather(*asking)

    assert [answer.text for answer in answers] == ["answer a", "answer b", "answer c"]
    assert [answer.response.metadata["name"] for answer in answers] == names
    assert connected.conversation.items == []


async def test_a_question_that_the_server_refuses_is_told_to_who_asked(connected, transport):
    asking = asyncio.ensure_future(connected.ask_out_of_band("Hi"))
    event = await transport.expect("response.create")

    error = {"type": "invalid_request_error", "message": "No.", "event_id": event["event_id"]}
    transport.deliver("error", error={**error, "event_id": "event_of_another"})
    transport.deliver("error", error=error)

    with pytest.raises(ConsoleError, match=r"The server refused: No\."):
        await asking


async def test_an_answer_that_failed_is_told(connected, transport):
    asking = asyncio.ensure_future(connected.ask_out_of_band("Hi"))
    event = await transport.expect("response.create")

    details = {"status_details": {"type": "failed", "error": {"message": "No money."}}}
    transport.deliver("response.done", response=answer_to(event, "x", "failed", **details))

    with pytest.raises(ConsoleError, match=r"could not answer: No money\."):
        await asking


async def test_an_answer_that_is_late_is_cancelled(connected, transport):
    asking = asyncio.ensure_future(connected.ask_out_of_band("Hi", timeout_s=0.05))
    event = await transport.expect("response.create")
    transport.deliver(
        "response.created", response=answer_to(event, "slow", "in_progress", output=[])
    )

    with pytest.raises(TimeoutError):
        await asking

    assert (await transport.expect("response.cancel"))["response_id"] == "resp_slow"


async def test_when_the_session_ends_nobody_waits_any_more(connected, transport):
    asking = asyncio.ensure_future(connected.ask_out_of_band("Hi"))
    await transport.expect("response.create")

    await connected.disconnect()

    with pytest.raises(NotConnectedError, match="wait for the answer"):
        await asking


async def test_without_a_session_nothing_is_asked(client):
    with pytest.raises(NotConnectedError):
        await client.ask_out_of_band("Hi")
    with pytest.raises(NotConnectedError):
        await client.retrieve_item("item_1")


async def test_nothing_stays_registered(connected, transport):
    before = listeners(connected)
    asking = asyncio.ensure_future(connected.ask_out_of_band("Hi"))
    event = await transport.expect("response.create")
    assert listeners(connected) != before

    transport.deliver("response.done", response=answer_to(event, "x"))
    await asking

    assert listeners(connected) == before


def listeners(client):
    return {name: signal._handlers for name, signal in client._signals._by_name.items()}


async def test_an_item_is_retrieved_with_its_audio(connected, transport):
    transport.deliver("conversation.item.added", item=ITEM)
    await connected.wait_for_next_item(timeout_s=5)
    asking = asyncio.ensure_future(connected.retrieve_item("item_1"))
    assert (await transport.expect("conversation.item.retrieve"))["item_id"] == "item_1"

    transport.deliver("conversation.item.retrieved", item={**ITEM, "id": "item_other"})
    await settle()
    assert not asking.done()
    content = [{"type": "input_audio", "audio": "AAAAAA==", "transcript": None}]
    transport.deliver("conversation.item.retrieved", item={**ITEM, "content": content})

    item = await asking
    assert item is connected.conversation.get("item_1")
    assert item.audio == bytes(4)


async def test_an_item_that_nothing_here_knows_is_told(connected, transport):
    asking = asyncio.ensure_future(connected.retrieve_item("item_1"))
    await transport.expect("conversation.item.retrieve")

    transport.deliver("conversation.item.retrieved", item=ITEM)

    with pytest.raises(ConsoleError, match="nothing here knows it"):
        await asking


async def test_a_question_is_forgotten_with_its_session(client, transport):
    await connect(client, transport)
    asking = asyncio.ensure_future(client.retrieve_item("item_1"))
    await transport.expect("conversation.item.retrieve")

    transport.hang_up(1000)

    with pytest.raises(NotConnectedError):
        await asking


@pytest.mark.parametrize("has_begun", [True, False])
async def test_a_line_that_is_lost_answers_nothing_even_if_it_comes_back(
    lasting, lines, clock, has_begun
):
    asking = asyncio.ensure_future(lasting.ask_out_of_band("Hi"))
    event = await lines.last.expect("response.create")
    if has_begun:
        begun = answer_to(event, "x", "in_progress", output=[])
        lines.last.deliver("response.created", response=begun)
        await settle()

    lines.last.hang_up(1006)

    with pytest.raises(NotConnectedError, match="the connection was lost first"):
        await asking
    await (await restore(lines, clock)).finish()


async def test_an_answer_that_the_server_left_incomplete_is_one(connected, transport):
    asking = asyncio.ensure_future(connected.ask_out_of_band("Hi"))
    event = await transport.expect("response.create")

    details = {"status_details": {"type": "incomplete", "reason": "max_output_tokens"}}
    transport.deliver("response.done", response=answer_to(event, "half", "incomplete", **details))

    assert (await asking).text == "half"
