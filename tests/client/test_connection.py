"""A line to the server that ends once."""

import asyncio
from itertools import pairwise

import pytest

from console.client.connection import Connection
from console.errors import NotConnectedError
from console.transport import Closed
from tests.fakes import FakeTransport, settle


class Notes:
    """Listens and writes down."""

    def __init__(self) -> None:
        self.messages: list[str | bytes] = []
        self.ends: list[Closed] = []

    def message_came(self, message: str | bytes) -> None:
        self.messages.append(message)

    def line_ended(self, closed: Closed) -> None:
        self.ends.append(closed)


@pytest.fixture
def notes() -> Notes:
    return Notes()


async def test_messages_come_in_order_until_the_line_ends(notes):
    transport = FakeTransport()
    Connection(transport, notes)

    transport.deliver_raw("a")
    transport.deliver_raw(b"b")
    transport.hang_up(1001, "bye")
    await settle()

    assert notes.messages == ["a", b"b"]
    assert notes.ends == [Closed(1001, "bye")]


@pytest.mark.parametrize(("is_sharing", "step"), [(False, 100), (True, 1)])
async def test_a_burst_of_messages_leaves_others_their_turns_when_the_line_shares(
    notes, is_sharing, step
):
    transport = FakeTransport()
    for number in range(100):
        transport.deliver_raw(str(number))
    seen = [0]

    async def somebody_else() -> None:
        while len(notes.messages) < 100:
            await asyncio.sleep(0)
            seen.append(len(notes.messages))

    connection = Connection(transport, notes)
    if is_sharing:
        connection.share_turns()
    await somebody_else()

    assert {after - before for before, after in pairwise(seen)} - {0} == {step}


async def test_closing_twice_ends_once(notes):
    connection = Connection(FakeTransport(), notes)

    await connection.close()
    await connection.close()

    assert notes.ends == [Closed(1000, "")]


async def test_the_end_is_told_even_when_the_transport_will_not_close(notes):
    class Stuck(FakeTransport):
        async def close(self, code: int = 1000, reason: str = "") -> None:
            raise OSError("stuck")

    connection = Connection(Stuck(), notes)

    with pytest.raises(OSError, match="stuck"):
        await connection.close()

    assert notes.ends == [Closed(1000, "")]


async def test_sending_on_a_line_that_has_ended_names_what_was_to_be_sent(notes):
    transport = FakeTransport()
    connection = Connection(transport, notes)
    await connection.close()

    with pytest.raises(NotConnectedError, match=r"Cannot send response\.create"):
        await connection.send("{}", "response.create")
