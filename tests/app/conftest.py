"""A simulator with fake senses, and a session that talks to it."""

import pytest_asyncio

from console.simulator.server import SimulatorServer
from tests.app.session_rig import Session
from tests.simulator.fake_senses import FakeSenses


@pytest_asyncio.fixture
async def senses():
    return FakeSenses()


@pytest_asyncio.fixture
async def server(senses):
    server = SimulatorServer("127.0.0.1", 0, senses)
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture
async def session(server):
    session = Session(server.url)
    yield session
    await session.controller.close()
