import asyncio

import pytest

from console import tasks
from console.relay.lane import MAX_CONTROLS, Lane, Parcel, Stalled
from tests.fakes import FakeTransport, settle


class Told:
    """What a lane has said, and its peer, which may stop reading."""

    def __init__(self, **options):
        self.sent: list[str] = []
        self.dropped: list[tuple[int, int]] = []
        self.peer = FakeTransport()
        self.gate = asyncio.Event()
        self.gate.set()
        # A peer that can stop reading.
        self.peer.send = self._send  # type: ignore[method-assign]
        self.lane = Lane(
            **{"audio_s": 2.0, "control_bytes": 1000, **options},
            sent=lambda parcel: self.sent.append(parcel.text),
            dropped=lambda n, size: self.dropped.append((n, size)),
        )

    async def _send(self, text):
        await self.gate.wait()


def control(text="c"):
    return Parcel(text, {}, 0.0)


def sound(text, audio_s=1.0):
    return Parcel(text, {}, 0.0, audio_s)


async def test_before_it_is_open_everything_waits_in_order():
    told = Told()
    running = tasks.spawn(told.lane.run(), name="lane")
    for parcel in (control("1"), sound("2"), control("3")):
        await told.lane.put(parcel)
    await settle()
    assert told.sent == []

    told.lane.open(told.peer)
    await told.lane.finish()
    await tasks.cancel(running)

    assert told.sent == ["1", "2", "3"]


async def test_a_peer_that_keeps_up_is_sent_everything_at_once():
    told = Told()
    told.lane.open(told.peer)

    await told.lane.put(control("1"))

    assert told.sent == ["1"]


async def test_what_overtakes_nothing_waits_behind_what_is_being_sent():
    told = Told()
    told.lane.open(told.peer)
    running = tasks.spawn(told.lane.run(), name="lane")
    told.gate.clear()
    first = tasks.spawn(told.lane.put(control("1")), name="first")
    await settle()
    await told.lane.put(control("2"))
    told.gate.set()
    await told.lane.finish()
    await first
    await tasks.cancel(running)

    assert told.sent == ["1", "2"]


async def test_the_oldest_sound_is_given_up_and_nothing_else():
    told = Told()
    for parcel in (control("c"), sound("1"), sound("22"), sound("333"), sound("4444")):
        await told.lane.put(parcel)
    told.lane.open(told.peer)
    running = tasks.spawn(told.lane.run(), name="lane")
    await told.lane.finish()
    await tasks.cancel(running)

    assert told.sent == ["c", "333", "4444"]
    assert told.dropped == [(1, 1), (1, 2)]


async def test_one_piece_of_sound_passes_however_long_it_is():
    told = Told()
    await told.lane.put(sound("long", 60.0))

    assert told.dropped == []


@pytest.mark.parametrize(("n", "text"), [(MAX_CONTROLS, "c"), (1, "c" * 1000)])
async def test_who_sends_too_much_that_cannot_be_given_up_waits(n, text):
    told = Told()
    for _ in range(n):
        await told.lane.put(control(text))
    waiting = tasks.spawn(told.lane.put(control("last")), name="waits")
    await settle()
    assert not waiting.done()

    told.lane.open(told.peer)
    running = tasks.spawn(told.lane.run(), name="lane")
    await waiting
    await told.lane.finish()
    await tasks.cancel(running)

    assert told.sent[-1] == "last"


async def test_a_peer_that_takes_nothing_is_stalled():
    told = Told(stall_s=0.01)
    told.lane.open(told.peer)
    told.gate.clear()
    told.lane.push(control())

    with pytest.raises(Stalled):
        await told.lane.run()


async def test_what_is_large_or_comes_while_the_network_is_behind_waits_for_its_turn():
    told = Told()
    told.lane.open(told.peer)
    told.peer.is_backed_up = True
    await told.lane.put(control("1"))
    told.peer.is_backed_up = False
    await told.lane.put(sound("2" * 40_000))
    assert told.sent == []

    running = tasks.spawn(told.lane.run(), name="lane")
    await told.lane.finish()
    await tasks.cancel(running)

    assert [each[0] for each in told.sent] == ["1", "2"]
