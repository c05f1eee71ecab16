"""A client whose server is the test."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import orjson
import pytest
import pytest_asyncio
import websockets
from websockets.datastructures import Headers
from websockets.http11 import Response

from console import pcm
from console.client.client import RealtimeClient
from console.client.connection import OpenTransport
from console.client.reconnection import ReconnectPolicy
from console.errors import ProtocolError
from console.realtime import events
from console.realtime.events import Event
from console.transport import Closed, Transport
from tests.fakes import FakeTransport, ManualClock, settle

SESSION = {"type": "realtime", "id": "sess_1", "model": "m"}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


class Network:
    """Opens what the test wants next."""

    def __init__(self, open_line: OpenTransport) -> None:
        self.open_line = open_line

    async def open(self, url: str, headers: Mapping[str, str], timeout_s: float) -> Transport:
        return await self.open_line(url, headers, timeout_s)


@pytest.fixture
def network(transport: FakeTransport) -> Network:
    """What lies between `client` and its server; at first it leads to `transport`."""
    return Network(transport.open)


@pytest.fixture
def client(network: Network, clock: ManualClock) -> RealtimeClient:
    """A client that is not connected yet and has one session at a time."""
    return RealtimeClient(
        url="wss://server.test/v1/realtime",
        api_key="sk-secret-key-of-the-test-wxyz",
        open_transport=network.open,
        clock=clock,
        random_source=random.Random(1),
        reconnect=None,
    )


@pytest_asyncio.fixture
async def transport() -> AsyncIterator[FakeTransport]:
    """The line to the server; at the end nothing may be left that was not expected."""
    transport = FakeTransport()
    yield transport
    await transport.finish()


@pytest_asyncio.fixture
async def connected(client: RealtimeClient, transport: FakeTransport) -> RealtimeClient:
    """A client with a session where the user ends each turn."""
    await connect(client, transport)
    return client


async def connect(client: RealtimeClient, transport: FakeTransport) -> None:
    """Begin a session and take the configuration."""
    transport.deliver("session.created", session=SESSION)
    await client.connect()
    await transport.expect("session.update")


class Lines:
    """Opens one line after another, each with a session that has begun; some are refused."""

    def __init__(self) -> None:
        self.opened: list[FakeTransport] = []
        self.n_calls = 0
        self.refusals: deque[Exception | None] = deque()
        """What the next calls end with; None lets one through."""
        self.session: dict[str, Any] = {}
        """More fields of the sessions that begin from now on."""
        self.broken: list[FakeTransport] = []
        """What the next calls open instead."""
        self.is_greeting = True
        """Whether the server begins a session by itself."""
        self.prepare: Callable[[FakeTransport], None] = lambda transport: None
        """What is done to the next lines before anybody has them."""

    async def open(self, url: str, headers: Mapping[str, str], timeout_s: float) -> FakeTransport:
        self.n_calls += 1
        if self.refusals and (refusal := self.refusals.popleft()) is not None:
            raise refusal
        if self.broken:
            return self.broken.pop(0)
        transport = await FakeTransport().open(url, headers, timeout_s)
        self.opened.append(transport)
        self.prepare(transport)
        if self.is_greeting:
            number = len(self.opened)
            session = {**SESSION, "id": f"sess_{number}", **self.session}
            transport.deliver("session.created", session=session)
        return transport

    @property
    def last(self) -> FakeTransport:
        return self.opened[-1]


@pytest_asyncio.fixture
async def lines() -> AsyncIterator[Lines]:
    """The lines to the server; at the end nothing may be left that was not expected."""
    lines = Lines()
    yield lines
    for transport in lines.opened:
        await transport.finish()


@pytest_asyncio.fixture
async def lasting(lines: Lines, clock: ManualClock) -> AsyncIterator[RealtimeClient]:
    """A client with a session that holds on to it."""
    client = client_on(lines, clock)
    await client.connect()
    await lines.last.expect("session.update")
    yield client
    await client.disconnect()


@pytest_asyncio.fixture
async def joined(lines: Lines, clock: ManualClock) -> AsyncIterator[RealtimeClient]:
    """A client that has joined a call, in which the user has said hello (`u1`)."""
    lines.is_greeting = False
    client = client_on(lines, clock, call_id="rtc_1")
    connecting = asyncio.create_task(client.connect())
    await settle()
    say(lines.last, "u1", "Hello")
    await connecting
    yield client
    await client.disconnect()


def client_on(lines: Lines, clock: ManualClock, **options: Any) -> RealtimeClient:
    """Return a client that holds on to its session, unless told otherwise."""
    return RealtimeClient(
        **{
            "url": "wss://server.test/v1/realtime",
            "api_key": "sk-secret-key-of-the-test-wxyz",
            "open_transport": lines.open,
            "clock": clock,
            "random_source": random.Random(1),
            "reconnect": ReconnectPolicy(),
            **options,
        }
    )


def told(client: RealtimeClient, name: str) -> list[Any]:
    """Return a list that fills with the values of a signal."""
    values: list[Any] = []
    client.on(name, values.append)
    return values


def say(transport: FakeTransport, item_id: str, text: str, role: str = "user") -> None:
    """Let the server add a finished message."""
    kind = "output_text" if role == "assistant" else "input_text"
    item = {
        "id": item_id,
        "type": "message",
        "role": role,
        "status": "completed",
        "content": [{"type": kind, "text": text}],
    }
    transport.deliver("conversation.item.added", item=item, previous_item_id=None)
    transport.deliver("conversation.item.done", item=item)


def refused(status: int, body: object = None, **headers: str) -> websockets.InvalidStatus:
    """Return the refusal of a handshake."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return websockets.InvalidStatus(Response(status, "", Headers(named), orjson.dumps(body)))


def begin_answer(
    transport: FakeTransport, text: str = "", item_id: str = "a", sound: bytes = b""
) -> None:
    """Let the model begin the answer `r` with an item, and write or say something."""
    item = {"id": item_id, "type": "message", "role": "assistant", "status": "in_progress"}
    response = {"id": "r", "status": "in_progress", "conversation_id": "c"}
    transport.deliver("response.created", response=response)
    transport.deliver("response.output_item.added", response_id="r", item=item)
    transport.deliver("conversation.item.added", item=item, previous_item_id=None)
    if text:
        transport.deliver("response.output_text.delta", item_id=item_id, delta=text)
    if sound:
        delta = pcm.encode(sound)
        transport.deliver("response.output_audio.delta", item_id=item_id, delta=delta)


def end_answer(transport: FakeTransport, status: str = "completed") -> None:
    """Let the model end the answer `r`."""
    transport.deliver("response.done", response={"id": "r", "status": status, "output": []})


async def restore(lines: Lines, clock: ManualClock) -> FakeTransport:
    """Wait for the next line and take the configuration that goes out on it."""
    before = len(lines.opened)
    await clock.advance(0.5)
    assert len(lines.opened) == before + 1
    await lines.last.expect("session.update")
    return lines.last


QUOTA = {"code": "insufficient_quota", "message": "Pay."}


class HangsUp(FakeTransport):
    """A line that begins a session and ends before it is told its configuration."""

    def __init__(self, error: dict[str, str], code: int, reason: str, *, refuses: bool) -> None:
        super().__init__()
        self.deliver("session.created", session={"type": "realtime", "id": "s"})
        if error:
            self.deliver("error", error=error)
        self._end = (code, reason)
        self._refuses = refuses
        if not refuses:
            self.hang_up(code, reason)

    async def send(self, text: str) -> None:
        if self._refuses:
            # The line is gone, and what came before that has not been heard yet.
            self.hang_up(*self._end)
            raise websockets.ConnectionClosedError(None, None)
        await super().send(text)


class FakeInbox:
    """Takes what comes on a line."""

    def __init__(self) -> None:
        self.acted: list[str] = []
        """The types of the events that were acted on."""
        self.error: Event | None = None
        """What the server has complained of just now."""

    def read(self, message: str | bytes) -> Event | None:
        try:
            return events.parse(message)
        except ProtocolError:
            return None

    def act(self, event: Event) -> None:
        self.acted.append(event.type)

    def hide_in_close(self, closed: Closed) -> Closed:
        return closed

    def latest_error(self) -> Event | None:
        return self.error
