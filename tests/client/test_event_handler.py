"""What a client tells: heard by name, or waited for."""

import asyncio
from typing import Any

import pytest

from console.errors import NotConnectedError
from console.transport import Closed
from tests.client.conftest import begin_answer, restore, say, told
from tests.fakes import settle


async def test_a_subscriber_that_fails_keeps_nobody_from_hearing(connected, transport, caplog):
    def fail(value):
        raise RuntimeError("subscriber")

    connected.on("conversation.updated", fail)
    items = told(connected, "conversation.item.appended")

    transport.deliver("conversation.item.added", item={"id": "u"})
    await settle()

    assert [update.item.id for update in items] == ["u"]
    assert "subscriber" in caplog.text


def test_a_handler_that_cannot_be_called_is_refused(client):
    handler: Any = None

    with pytest.raises(TypeError, match="A handler of 'error' is a function, not None"):
        client.on("error", handler)


async def test_waiting_for_items_returns_them(connected, transport):
    item = asyncio.create_task(connected.wait_for_next_item(timeout_s=5))
    done = asyncio.create_task(connected.wait_for_next_completed_item(timeout_s=5))
    await settle()

    begin_answer(transport)
    transport.deliver("conversation.item.done", item={"id": "a", "status": "completed"})

    assert (await item).id == "a"
    assert (await done).status == "completed"


async def test_who_waits_for_one_thing_after_the_other_sees_both_in_one_burst(connected, transport):
    async def follow():
        item = await connected.wait_for_next_item(timeout_s=5)
        return item, await connected.wait_for_next_completed_item(timeout_s=5)

    following = asyncio.create_task(follow())
    await settle()

    begin_answer(transport)
    transport.deliver("conversation.item.done", item={"id": "a", "status": "completed"})

    item, done = await following
    assert item is done


async def test_a_wait_that_times_out_leaves_nothing_registered(connected):
    with pytest.raises(TimeoutError):
        await connected.wait_for_next("conversation.item.appended", timeout_s=0.001)

    assert connected._signals.appended._handlers == ()
    assert connected._signals.close._handlers == ()


async def test_a_wait_ends_with_the_session(connected, transport):
    waiting = asyncio.create_task(connected.wait_for_next_item())
    await settle()

    transport.hang_up(1001)

    with pytest.raises(NotConnectedError, match="wait for"):
        await waiting


async def test_the_close_itself_can_be_waited_for(connected, transport):
    waiting = asyncio.create_task(connected.wait_for_next("close", timeout_s=5))
    await settle()

    transport.hang_up(1001, "bye")

    assert await waiting == Closed(1001, "bye")


async def test_waiting_for_an_unknown_name_lists_the_names(connected):
    with pytest.raises(ValueError, match=r"no 'conversation\.sung'; known are: realtime\.event"):
        await connected.wait_for_next("conversation.sung")


async def test_a_wait_outlives_a_lost_line(lasting, lines, clock):
    waiting = asyncio.create_task(lasting.wait_for_next_item(timeout_s=5))
    await settle()
    lines.last.hang_up(1006)
    line = await restore(lines, clock)

    say(line, "u1", "Hello")

    assert (await waiting).id == "u1"
