import asyncio

import pytest

from console.simulator.faults import Faults
from tests.simulator.serving import (
    MANUAL,
    Talker,
    closing,
    handshake_status,
    open_session,
    running,
)


async def test_a_fault_refuses_the_handshake():
    async with running(faults=Faults(refuse_status=429)) as server:
        assert await handshake_status(server) == 429


async def test_a_fault_closes_after_some_events():
    faults = Faults(close_after=1, close_code=4000, close_reason="because")
    async with running(faults=faults) as server, open_session(server) as connection:
        await connection.recv()
        ending = await closing(connection)

    assert ending == (4000, "because")


async def test_a_fault_drops_the_line():
    async with running(faults=Faults(drop_after=1)) as server, open_session(server) as connection:
        await connection.recv()
        ending = await closing(connection)

    assert ending is None


async def test_a_fault_stalls_with_the_connection_open():
    async with running(faults=Faults(stall_after=1)) as server, open_session(server) as connection:
        await connection.recv()
        await Talker(connection).send(type="session.update", session=MANUAL)
        # The line answers pings, so the server has read what came before.
        await (await connection.ping())
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(connection.recv(), 0.1)
