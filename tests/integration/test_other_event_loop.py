"""Client and simulator on uvloop, on which the console runs where there is one."""

import asyncio

import httpx
import pytest
import uvloop

from console.client import RealtimeClient
from console.client.reconnection import ReconnectPolicy
from console.errors import ConnectError
from console.simulator.faults import Faults
from console.simulator.server import SimulatorServer
from console.simulator.service.session_work import Pace
from tests.fakes import PATIENCE_S
from tests.simulator.fake_senses import FakeSenses

SOON = ReconnectPolicy(first_delay_s=0.0, max_delay_s=0.0)


def on_uvloop(work):
    """Run `work` with a simulator and a client of it."""

    async def run():
        server = SimulatorServer(
            "127.0.0.1", 0, FakeSenses(), pace=Pace(speech_rate=0, writing_interval_s=0)
        )
        await server.start()
        client = RealtimeClient(url=server.url, model="any", reconnect=SOON)
        try:
            async with asyncio.timeout(2 * PATIENCE_S):
                return await work(server, client)
        finally:
            await client.disconnect()
            await server.stop()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(run())


async def ask(client, text):
    """Return what is answered to a message."""
    await client.send_user_message_content(text)
    while not (response := await client.wait_for_next("response.updated")).is_done:
        pass
    return client.conversation.get(response.item_ids[-1]).text


def test_a_conversation_goes_its_way():
    async def work(server, client):
        await client.connect()
        return await ask(client, "Ada")

    assert on_uvloop(work) == "You said Ada. What else?"


def test_http_is_answered_beside_the_socket():
    async def work(server, client):
        url = f"http://127.0.0.1:{server.port}/v1/realtime/client_secrets"
        async with httpx.AsyncClient() as http:
            made = await http.post(url, json={"session": {"type": "realtime"}})
            refused = await http.post(url, content=b"{")
        return made.json()["value"][:3], refused.status_code

    assert on_uvloop(work) == ("ek_", 400)


def test_a_line_that_is_cut_comes_back_with_the_conversation():
    async def work(server, client):
        await client.connect()
        await ask(client, "Ada")
        server.inject("drop_after=0")
        moved = await client.wait_for_next("session.moved")
        return moved.n_replayed, await ask(client, "Grace")

    assert on_uvloop(work) == (2, "You said Grace. What else?")


def test_a_handshake_is_refused_in_one_sentence():
    async def work(server, client):
        server.set_faults(Faults(refuse_status=401))
        with pytest.raises(ConnectError) as refused:
            await client.connect()
        return refused.value.cause

    assert on_uvloop(work) == "key"


def test_a_server_with_a_silent_session_stops_in_time():
    async def work(server, client):
        await client.connect()
        server.inject("stall_after=0")
        async with asyncio.timeout(PATIENCE_S):
            await server.stop()

    on_uvloop(work)
