import asyncio

import pytest
import websockets

from tests.simulator.serving import open_session, running, until


async def test_a_silent_line_ends_when_its_client_gives_up():
    async with running() as server:
        impatient = {"ping_interval": 0.05, "ping_timeout": 0.05, "close_timeout": 0.05}
        connection = await open_session(server, **impatient)
        await connection.recv()
        server.inject("stall")
        with pytest.raises(websockets.ConnectionClosedError) as closed:
            await asyncio.wait_for(connection.recv(), 5)
        await asyncio.wait_for(until(lambda: server.n_sessions == 0), 5)

    assert closed.value.sent is not None
    assert closed.value.sent.code == 1011
