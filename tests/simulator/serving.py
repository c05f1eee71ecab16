"""A simulator on a loopback port, and a client of few words."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
import websockets
from websockets.asyncio.client import connect

from console.simulator.server import SimulatorServer
from console.simulator.service.session_work import Pace
from tests.simulator.fake_senses import FakeSenses

AT_ONCE = Pace(speech_rate=0, writing_interval_s=0)
MANUAL = {"type": "realtime", "audio": {"input": {"turn_detection": None}}}


@asynccontextmanager
async def running(senses=None, **options):
    server = SimulatorServer("127.0.0.1", 0, senses or FakeSenses(), **{"pace": AT_ONCE, **options})
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


def open_session(server, query="?model=gpt-realtime-2.1", **options):
    return connect(server.url + query, compression=None, max_size=None, **options)


class Talker:
    """A client of few words."""

    def __init__(self, connection):
        self.connection = connection

    async def send(self, **event):
        await self.connection.send(json.dumps(event))

    async def say(self, text):
        content = [{"type": "input_text", "text": text}]
        item = {"type": "message", "role": "user", "content": content}
        await self.send(type="conversation.item.create", item=item)

    async def until(self, event_type):
        events = []
        async with asyncio.timeout(10):
            while True:
                events.append(json.loads(await self.connection.recv()))
                if events[-1]["type"] == event_type:
                    return events


async def handshake_status(server, path="/v1/realtime?model=gpt-realtime", **options):
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with connect(f"ws://127.0.0.1:{server.port}{path}", **options):
            pass
    return refused.value.response.status_code


async def until(holds):  # the server tells nobody when a session has ended
    while not holds():  # noqa: ASYNC110 - there is no event to wait for
        await asyncio.sleep(0)


async def closing(connection):
    """How the connection was closed by the server."""
    with pytest.raises(websockets.ConnectionClosed) as closed:
        await connection.recv()
    frame = closed.value.rcvd
    return (frame.code, frame.reason) if frame else None
