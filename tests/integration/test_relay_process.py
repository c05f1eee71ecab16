"""The relay as a process: its log, and its end."""

from __future__ import annotations

import asyncio
import json

import pytest
import websockets
from websockets.asyncio.client import connect
from websockets.frames import Close

from tests.live_console import open_program
from tests.relay.operated import OPERATOR
from tests.relay.recorder import recording

KEY = "sk-planted-key-of-the-service-0123"
TOKEN = "ek_relay_planted-token-0123"
SECRETS = (KEY, TOKEN, OPERATOR)


@pytest.fixture
async def service():
    async with recording() as recorder:
        yield recorder


def relay_before(service, tmp_path):
    return open_program(
        tmp_path,
        *("relay", "--port", "0", "--upstream", service.url, "--log-level", "debug"),
        ready="Relay ready at ",
        environment={
            "CONSOLE_RELAY_TOKEN": TOKEN,
            "CONSOLE_OPERATOR_TOKEN": OPERATOR,
            "CONSOLE_TARGET_KEY": KEY,
            "CONSOLE_STATE_DIR": str(tmp_path),
        },
    )


async def test_a_relay_that_is_told_to_end_says_so_to_its_clients_and_writes_what_was(
    service, tmp_path
):
    async with relay_before(service, tmp_path) as relay:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with connect(relay.url, additional_headers=headers, proxy=None) as client:
            began = json.loads(await client.recv())
            await client.send(json.dumps({"type": "conversation.item.create", "item": {
                "type": "message", "role": "user",
                "content": [{"type": "input_text", "text": "a word that nobody logs"}]}}))  # fmt: skip
            ending = asyncio.ensure_future(relay.end())
            told = json.loads(await client.recv())
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await client.recv()
        status, took_s = await ending
        lines = [json.loads(line) for line in relay.errors.splitlines()]

    assert began["type"] == "session.created"
    assert told["error"]["code"] == "relay_stopping"
    assert closed.value.rcvd == Close(1001, "relay_stopping")
    assert status == 0
    assert took_s < 5
    journal = [each for each in lines if each["logger"] == "console.relay.journal"]
    assert [each["message"] for each in journal] == ["session opened", "session closed"]
    assert journal[1]["up_events"] == 1
    assert service.requests[0].headers["Authorization"] == f"Bearer {KEY}"
    assert not any(each in relay.errors for each in (*SECRETS, "a word that nobody logs"))
