"""A line to the server that ends once."""

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
