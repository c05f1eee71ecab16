"""A client whose server is the test."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import pytest_asyncio

from console.client.client import RealtimeClient
from console.client.reconnection import ReconnectPolicy
from tests.fakes import FakeTransport, ManualClock

SESSION = {"type": "realtime", "id": "sess_1", "model": "m"}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def client(transport: FakeTransport, clock: ManualClock) -> RealtimeClient:
    """A client that is not connected yet and has one session at a time."""
    return RealtimeClient(
        url="wss://server.test/v1/realtime",
        api_key="sk-secret-key-of-the-test-wxyz",
        open_transport=transport.open,
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

    async def open(self, url: str, headers: Mapping[str, str], timeout_s: float) -> FakeTransport:
        self.n_calls += 1
        if self.refusals and (refusal := self.refusals.popleft()) is not None:
            raise refusal
        if self.broken:
            return self.broken.pop(0)
        transport = await FakeTransport().open(url, headers, timeout_s)
        self.opened.append(transport)
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
