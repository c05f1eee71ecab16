"""A client whose server is the test."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from console.client.client import RealtimeClient
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
