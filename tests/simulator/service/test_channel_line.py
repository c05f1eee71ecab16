import asyncio
import json

import pytest
from websockets.exceptions import ConnectionClosed

from console.simulator.service import channel_line
from console.simulator.service.channel_line import ChannelLine


class FakeChannel:
    """A data channel whose other end is the test."""

    label = "oai-events"

    def __init__(self):
        self.bufferedAmountLowThreshold = 0
        self.bufferedAmount = 0
        self.readyState = "open"
        self.longest = 1000
        self.sent = []
        self._listeners = {}

    def send(self, data):
        if len(data) > self.longest:
            raise ValueError("too long")
        self.sent.append(data)

    def close(self):
        self.readyState = "closing"

    def on(self, event, f):
        self._listeners[event] = f

    def tell(self, event, *arguments):
        self._listeners[event](*arguments)

    def drain(self):
        self.bufferedAmount = 0
        self.tell("bufferedamountlow")


@pytest.fixture
async def channel():
    return FakeChannel()


@pytest.fixture
async def hung_up():
    return asyncio.Event()


@pytest.fixture
async def line(channel, hung_up):
    return ChannelLine(channel, lambda prefix: f"{prefix}1", hung_up.set)


async def test_messages_go_both_ways_in_order(line, channel):
    await line.send("one")
    await line.send(b"two")
    for message in ("three", b"four"):
        channel.tell("message", message)
    channel.tell("close")

    assert channel.sent == ["one", b"two"]
    assert [each async for each in line] == ["three", b"four"]


async def test_who_reads_waits_for_the_next_message(line, channel):
    messages = aiter(line)
    waiting = asyncio.ensure_future(anext(messages))
    await asyncio.sleep(0)
    channel.tell("message", "late")

    assert await asyncio.wait_for(waiting, 1) == "late"


async def test_a_message_waits_while_the_channel_is_full(line, channel):
    channel.bufferedAmount = channel_line.MAX_UNSENT_BYTES + 1
    sending = asyncio.ensure_future(line.send("late"))
    await asyncio.sleep(0)
    before = list(channel.sent)
    channel.drain()
    await asyncio.wait_for(sending, 1)

    assert (before, channel.sent) == ([], ["late"])


async def test_nothing_is_sent_on_a_closed_channel(line, channel):
    channel.tell("close")

    with pytest.raises(ConnectionClosed):
        await line.send("late")


async def test_who_waits_to_send_is_told_of_the_end(line, channel):
    channel.bufferedAmount = channel_line.MAX_UNSENT_BYTES + 1
    sending = asyncio.ensure_future(line.send("late"))
    await asyncio.sleep(0)
    channel.tell("close")

    with pytest.raises(ConnectionClosed):
        await asyncio.wait_for(sending, 1)


async def test_closing_waits_until_all_was_sent_and_ends_the_call(line, channel, hung_up):
    channel.bufferedAmount = 10
    closing = asyncio.ensure_future(line.close(1001, "enough"))
    await asyncio.sleep(0)
    before = (channel.readyState, hung_up.is_set())
    channel.drain()
    await asyncio.wait_for(closing, 1)
    await asyncio.wait_for(line.wait_closed(), 1)

    assert before == ("open", False)
    assert (channel.readyState, hung_up.is_set()) == ("closing", True)


async def test_a_cut_ends_the_call_at_once(line, hung_up):
    line.transport.abort()

    assert hung_up.is_set()
    assert [each async for each in line] == []


async def test_a_silent_line_neither_sends_nor_reads(line, channel):
    channel.tell("message", "before")
    line.go_silent()
    await line.send("lost")
    channel.tell("message", "lost too")
    channel.tell("close")

    assert channel.sent == []
    assert [each async for each in line] == []


async def test_an_event_that_is_too_long_is_named_in_an_error(line, channel):
    channel.longest = 500
    event = {"type": "conversation.item.retrieved", "item": "x" * 1000}
    await line.send(json.dumps(event))

    (sent,) = [json.loads(each) for each in channel.sent]
    assert (sent["type"], sent["event_id"]) == ("error", "event_1")
    assert sent["error"]["code"] == "message_too_long"
    assert "'conversation.item.retrieved' of 1" in sent["error"]["message"]


async def test_a_caller_that_is_far_ahead_is_dropped(line, channel, hung_up, monkeypatch, caplog):
    monkeypatch.setattr(channel_line, "MAX_UNREAD_BYTES", 10)
    channel.tell("message", "12345")
    before = hung_up.is_set()
    channel.tell("message", "678901")

    assert (before, hung_up.is_set()) == (False, True)
    assert "11 bytes ahead" in caplog.text
