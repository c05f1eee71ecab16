"""OpenAI's own clients of JavaScript hold a conversation with a tool through a relay, over TLS."""

import asyncio
import json
import os
import ssl

import pytest

from tests import javascript_clients
from tests.certificate import write_certificate
from tests.javascript import find_node
from tests.relay.rig import TOKEN, relaying_to_simulator
from tests.simulator.fake_senses import FakeSenses

CLIENTS = {
    "today's, in Node": ("openai", "realtime/ws", "OpenAIRealtimeWS", "ga"),
    "today's, in a browser": ("openai", "realtime/websocket", "OpenAIRealtimeWebSocket", "ga"),
    "the beta's": ("openai-of-the-beta", "beta/realtime/ws", "OpenAIRealtimeWS", "beta"),
}
IN_ANY_DIALECT = {"session.created", "session.updated", "response.function_call_arguments.done"}
OF_DIALECT = {
    "ga": {"conversation.item.added", "response.output_text.done"},
    "beta": {"conversation.item.created", "response.text.done"},
}
POLICY = {"session": {"client_may_set": "anything"}}


async def talk(client, url, certificate):
    """Let a client talk; returns what it has printed."""
    assert javascript_clients.is_there(), "run tests/check.py, or npm ci in " + str(
        javascript_clients.FOLDER
    )
    process = await asyncio.create_subprocess_exec(
        *(find_node(), "talk.mjs", *client, url, TOKEN),
        cwd=javascript_clients.FOLDER,
        env=os.environ | {"NODE_EXTRA_CA_CERTS": str(certificate)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(30):
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return json.loads(out)


@pytest.mark.parametrize("name", CLIENTS)
async def test_a_client_of_javascript_is_carried_as_it_is(name, tmp_path):
    certificate, key = write_certificate(tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    async with relaying_to_simulator(FakeSenses(), POLICY, tls=tls) as relay:
        told = await talk(CLIENTS[name], f"https://127.0.0.1:{relay.port}/v1", certificate)
        (facts,) = relay.told.of("session_opened")[0]

    dialect = CLIENTS[name][-1]
    assert told["answer"] == "The tool says sunny."
    assert set(told["types"]) >= IN_ANY_DIALECT | OF_DIALECT[dialect]
    assert "error" not in told["types"]
    assert facts.dialect == dialect
