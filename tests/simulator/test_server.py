import asyncio
import json

from tests.simulator.fake_senses import FakeSenses
from tests.simulator.serving import (
    closing,
    handshake_status,
    open_session,
    running,
    until,
)


async def test_one_session_too_many_is_refused_until_one_ends():
    async with running(max_sessions=1) as server:
        async with open_session(server) as first:
            await first.recv()
            status = await handshake_status(server)
        await asyncio.wait_for(until(lambda: server.n_sessions == 0), 5)
        async with open_session(server) as second:
            assert json.loads(await second.recv())["type"] == "session.created"

    assert status == 503


async def test_stop_ends_open_sessions_in_bounded_time():
    async with running() as server:
        connection = await open_session(server)
        await connection.recv()
        async with asyncio.timeout(5):
            await server.stop()
        ending = await closing(connection)

    assert ending == (1001, "")


async def test_the_engines_are_opened_and_closed_with_the_server():
    senses = FakeSenses()
    async with running(senses):
        was_open = senses.is_open

    assert (was_open, senses.is_open) == (True, False)
