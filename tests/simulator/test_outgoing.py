import asyncio
from typing import cast

from websockets.asyncio.server import ServerConnection

from console import tasks
from console.simulator.faults import Faults
from console.simulator.outgoing import MAX_QUEUED_BYTES, ROOM_BYTES, Outgoing


class Line:
    """A connection whose client reads only while `reads` is set."""

    def __init__(self):
        self.reads = asyncio.Event()
        self.closed = asyncio.Event()
        self.received = []
        self.closed_with = None
        self.is_aborted = False
        self.transport = self

    async def send(self, text):
        await self.reads.wait()
        self.received.append(text)

    async def close(self, code, reason):
        self.closed_with = (code, reason)

    def abort(self):
        self.is_aborted = True
        self.closed.set()

    async def wait_closed(self):
        await self.closed.wait()


def outgoing_on(line, **options):
    return Outgoing(cast(ServerConnection, line), Faults(), **options)


def event(size=10):
    return {"type": "x", "padding": "p" * size}


async def test_events_leave_in_order_and_the_end_comes_after_all_of_them():
    line = Line()
    outgoing = outgoing_on(line)
    outgoing.put([{"n": n} for n in range(3)])
    outgoing.end(4000, "because")
    line.reads.set()
    await outgoing.run()

    assert line.received == ['{"n":0}', '{"n":1}', '{"n":2}']
    assert line.closed_with == (4000, "because")


async def test_there_is_room_again_when_the_client_has_read():
    line = Line()
    outgoing = outgoing_on(line)
    outgoing.put([event(ROOM_BYTES), event()])
    waiting = tasks.spawn(outgoing.wait_for_room(), name="waiting")
    sending = tasks.spawn(outgoing.run(), name="sending")
    await asyncio.sleep(0)
    waited = not waiting.done()
    line.reads.set()
    await asyncio.wait_for(waiting, 5)
    await tasks.cancel(sending)

    assert waited


async def test_a_client_that_never_reads_is_dropped_and_memory_freed(caplog):
    line = Line()
    outgoing = outgoing_on(line)
    size = MAX_QUEUED_BYTES // 4
    outgoing.put([event(size), event(size), event(size)])
    was_fine = not line.is_aborted
    outgoing.put([event(size)])

    assert was_fine
    assert line.is_aborted
    assert "bytes unread" in caplog.text


async def test_a_client_that_takes_nothing_for_long_is_dropped(caplog):
    line = Line()
    outgoing = outgoing_on(line, send_timeout_s=0.01)
    outgoing.put([event()])
    outgoing.end(1000, "")
    await asyncio.wait_for(outgoing.run(), 5)

    assert line.is_aborted
    assert line.received == []


async def test_one_event_of_any_size_may_pass():
    line = Line()
    outgoing_on(line).put([event(MAX_QUEUED_BYTES + 1)])

    assert not line.is_aborted
