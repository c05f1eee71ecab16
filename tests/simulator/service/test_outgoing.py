import asyncio
from typing import cast

import pytest

from console import tasks
from console.clock import SystemClock
from console.simulator.faults import Faults
from console.simulator.protocol.refusals import Refusal
from console.simulator.service.line import Line
from console.simulator.service.outgoing import MAX_QUEUED_BYTES, ROOM_BYTES, Outgoing
from tests.simulator.serving import until


class FakeLine:
    """A connection whose client reads only while `reads` is set."""

    def __init__(self):
        self.reads = asyncio.Event()
        self.closed = asyncio.Event()
        self.received = []
        self.closed_with = None
        self.is_aborted = False
        self.is_silent = False
        self.transport = self

    async def send(self, message, text=None):
        await self.reads.wait()
        self.received.append(message)

    def go_silent(self):
        self.is_silent = True

    async def close(self, code, reason):
        self.closed_with = (code, reason)

    def abort(self):
        self.is_aborted = True
        self.closed.set()

    async def wait_closed(self):
        await self.closed.wait()


def outgoing_on(line, faults=Faults(), **options):  # noqa: B008 - a value that never changes
    return Outgoing(cast(Line, line), faults, lambda prefix: f"{prefix}1", **options)


def reading_line():
    line = FakeLine()
    line.reads.set()
    return line


class StepClock(SystemClock):
    """Sleeps for as long as the test wants, and notes how long it should have been."""

    def __init__(self):
        self.asked = []
        self.goes_on = asyncio.Event()

    async def sleep(self, duration_s):
        self.asked.append(duration_s)
        await self.goes_on.wait()


def event(size=10):
    return {"type": "x", "padding": "p" * size}


async def test_events_leave_in_order_and_the_end_comes_after_all_of_them():
    line = FakeLine()
    outgoing = outgoing_on(line)
    outgoing.put([{"type": str(n)} for n in range(3)])
    outgoing.end(4000, "because")
    line.reads.set()
    await outgoing.run()

    assert line.received == ['{"type":"0"}', '{"type":"1"}', '{"type":"2"}']
    assert line.closed_with == (4000, "because")


async def test_there_is_room_again_when_the_client_has_read():
    line = FakeLine()
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
    line = FakeLine()
    outgoing = outgoing_on(line)
    size = MAX_QUEUED_BYTES // 4
    for _ in range(4):
        outgoing.put([event(size)])
    was_fine = not line.is_aborted
    outgoing.put([event(size)])

    assert was_fine
    assert line.is_aborted
    assert "bytes unread" in caplog.text


async def test_a_client_that_takes_nothing_for_long_is_dropped(caplog):
    line = FakeLine()
    outgoing = outgoing_on(line, send_timeout_s=0.01)
    outgoing.put([event()])
    outgoing.end(1000, "")
    await asyncio.wait_for(outgoing.run(), 5)

    assert line.is_aborted
    assert line.received == []


async def test_one_event_of_any_size_may_pass():
    line = FakeLine()
    outgoing_on(line).put([event(MAX_QUEUED_BYTES + 1)])

    assert not line.is_aborted


async def test_what_one_step_leads_to_may_be_large_whoever_goes_on_beside_it():
    line = FakeLine()
    outgoing = outgoing_on(line)
    outgoing.put([event()])
    # An item with a large picture is told as added and as done.
    outgoing.put([event(MAX_QUEUED_BYTES), event(MAX_QUEUED_BYTES)])
    outgoing.put([event()])
    was_fine = not line.is_aborted

    line.reads.set()
    outgoing.end(1000, "")
    await asyncio.wait_for(outgoing.run(), 5)
    for _ in range(3):
        outgoing.put([event(MAX_QUEUED_BYTES // 2)])

    assert was_fine
    assert len(line.received) == 4
    # That large step is over: it is no room for others.
    assert line.is_aborted


async def test_an_error_without_a_cause_is_an_event_like_others():
    line = reading_line()
    outgoing = outgoing_on(line)
    outgoing.put_error(Refusal("No.", code="because"))
    outgoing.end(4000, "")
    await outgoing.run()

    assert line.received == [
        '{"type":"error","event_id":"event_1","error":{"type":"invalid_request_error",'
        '"code":"because","message":"No.","param":null,"event_id":null}}'
    ]


@pytest.mark.parametrize(
    ("faults", "n_received", "how"),
    [
        (Faults(close_after=2, close_code=4000, close_reason="x"), 2, "closed_with"),
        (Faults(drop_after=1), 1, "is_aborted"),
    ],
)
async def test_a_line_ends_by_a_fault_after_its_count(faults, n_received, how):
    line = reading_line()
    outgoing = outgoing_on(line, faults)
    outgoing.put([event() for _ in range(5)])
    await asyncio.wait_for(outgoing.run(), 5)

    assert len(line.received) == n_received
    assert getattr(line, how)


async def test_a_stalled_line_sends_nothing_more_until_it_is_cut():
    line = reading_line()
    outgoing = outgoing_on(line, Faults(stall_after=1))
    outgoing.put([event(), event()])
    sending = tasks.spawn(outgoing.run(), name="sending")
    await until(lambda: line.is_silent)
    line.abort()
    await asyncio.wait_for(sending, 5)

    assert len(line.received) == 1


async def test_garbage_comes_between_events_which_go_on():
    line = reading_line()
    outgoing = outgoing_on(
        line, Faults(garbage_after=1, garbage_count=3, huge_after=1, broken_utf8_after=2)
    )
    outgoing.put([{"type": "1"}, {"type": "2"}])
    outgoing.end(1000, "")
    await outgoing.run()

    assert line.received[0] == '{"type":"1"}'
    assert len(line.received) == 1 + 3 + 1 + 1 + 1
    assert line.received[5] == '{"type":"2"}'
    with pytest.raises(UnicodeDecodeError):
        line.received[6].decode()


async def test_faults_set_live_count_from_then_and_wake_a_line_that_waits():
    line = reading_line()
    outgoing = outgoing_on(line)
    outgoing.put([event(), event()])
    sending = tasks.spawn(outgoing.run(), name="sending")
    await until(lambda: len(line.received) == 2)
    outgoing.set_faults(Faults(drop_after=1))
    outgoing.put([event()])
    await asyncio.wait_for(sending, 5)

    assert len(line.received) == 3
    assert line.is_aborted


async def test_what_is_injected_happens_beside_the_faults_that_stand():
    line = reading_line()
    outgoing = outgoing_on(line, Faults(drop_after=1))
    outgoing.inject(Faults(garbage_after=0, garbage_count=1))
    outgoing.put([{"type": "1"}])
    await asyncio.wait_for(outgoing.run(), 5)

    assert line.received == ["This is not JSON.", '{"type":"1"}']
    assert line.is_aborted


async def test_slow_events_wait_by_the_clock():
    line, clock = reading_line(), StepClock()
    outgoing = outgoing_on(line, Faults(slow_ms=250), clock=clock)
    outgoing.put([event()])
    outgoing.end(1000, "")
    sending = tasks.spawn(outgoing.run(), name="sending")
    await until(lambda: clock.asked)
    before = list(line.received)
    clock.goes_on.set()
    await asyncio.wait_for(sending, 5)

    assert (clock.asked, before, len(line.received)) == ([0.25], [], 1)


async def test_delayed_events_come_later_and_are_dropped_with_the_line():
    line, clock = reading_line(), StepClock()
    outgoing = outgoing_on(line, Faults(late_transcription_ms=40), clock=clock)
    transcription = {"type": "conversation.item.input_audio_transcription.completed"}
    outgoing.put([transcription, {"type": "session.updated"}])
    sending = tasks.spawn(outgoing.run(), name="sending")
    await until(lambda: line.received and clock.asked)
    first = list(line.received)
    clock.goes_on.set()
    await until(lambda: len(line.received) == 2)
    clock.goes_on.clear()
    outgoing.put([transcription])
    outgoing.end(1000, "")
    await asyncio.wait_for(sending, 5)

    assert first == ['{"type":"session.updated"}']
    assert clock.asked == [0.04, 0.04]
    assert len(line.received) == 2
    assert not outgoing._delayed


async def test_messages_are_shown_to_who_watches_once_they_were_sent():
    line, seen = reading_line(), []
    outgoing = outgoing_on(line, watch=lambda message: seen.append((message, len(line.received))))
    outgoing.put([{"type": "1"}, {"type": "2"}])
    outgoing.end(1000, "")
    await outgoing.run()

    assert seen == [('{"type":"1"}', 1), ('{"type":"2"}', 2)]
