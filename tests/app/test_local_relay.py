import asyncio
import json
import socket
from typing import Any

import pytest
from pydantic import SecretStr
from websockets.asyncio.client import connect

from console.app import local_relay
from console.app.local_relay import open_relay
from console.errors import ConfigurationError
from console.settings import Settings
from console.tools.registry import Tool
from tests.relay.recorder import recording

TOKEN = "a-token-of-sixteen-characters"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def settings(**wanted: Any) -> Settings:
    return Settings(**{"openai_api_key": None, **wanted})


async def first_event(relay, token):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        asyncio.timeout(5),
        connect(relay.server.url, compression=None, additional_headers=headers) as client,
    ):
        return json.loads(await client.recv())


async def test_without_anything_a_token_is_made_and_it_opens():
    async with recording() as service:
        relay = await open_relay(settings(upstream=service.url), "127.0.0.1", 0)
        try:
            inside = await first_event(relay, relay.new_token)
            outside = await first_event(relay, "another")
        finally:
            await relay.stop(0)

    assert inside["type"] == "session.created"
    assert outside["error"]["code"] == "invalid_api_key"


async def test_a_token_of_the_settings_is_the_one_and_none_is_made():
    async with recording() as service:
        wanted = settings(upstream=service.url, relay_token=SecretStr(TOKEN))
        relay = await open_relay(wanted, "127.0.0.1", 0)
        try:
            inside = await first_event(relay, TOKEN)
        finally:
            await relay.stop(0)

    assert relay.new_token is None
    assert inside["type"] == "session.created"


async def test_an_open_relay_asks_for_none():
    async with recording() as service:
        relay = await open_relay(settings(upstream=service.url, open=True), "127.0.0.1", 0)
        try:
            inside = await first_event(relay, None)
        finally:
            await relay.stop(0)

    assert relay.new_token is None
    assert inside["type"] == "session.created"


async def test_the_policy_says_whom_to_call_and_what_for(tmp_path):
    async with recording() as service:
        policy = tmp_path / "relay.yaml"
        policy.write_text(f"upstream: {{url: {service.url}, model: theirs}}\n")
        wanted = settings(policy=str(policy), target_key=SecretStr("of-the-service"))
        relay = await open_relay(wanted, "127.0.0.1", 0)
        try:
            await first_event(relay, relay.new_token)
        finally:
            await relay.stop(0)

    (request,) = service.requests
    assert request.path == "/v1/realtime?model=theirs"
    assert request.headers["Authorization"] == "Bearer of-the-service"


async def test_without_a_key_a_simulator_answers():
    relay = await open_relay(settings(), "127.0.0.1", 0)
    try:
        inside = await first_event(relay, relay.new_token)
    finally:
        await relay.stop(0)

    assert relay.simulator is not None
    assert inside["session"]["model"] == "gpt-realtime-2.1"


async def test_the_tools_that_run_on_the_relay_are_those_of_its_own_that_the_policy_names(tmp_path):
    policy = tmp_path / "relay.yaml"
    policy.write_text("relay_tools: [look_up]\n")
    tools = local_relay.usual_tools(settings())
    tools.add(Tool(name="look_up", description="Looks things up", handler=lambda: "it"))

    async with recording() as service:
        wanted = settings(policy=str(policy), upstream=service.url, relay_token=SecretStr(TOKEN))
        relay = await open_relay(wanted, "127.0.0.1", 0, tools)
        try:
            await first_event(relay, TOKEN)
        finally:
            await relay.stop(0)

    (update,) = map(json.loads, service.messages)
    assert [each["name"] for each in update["session"]["tools"]] == ["look_up"]


def test_tools_of_the_owners_file_can_run_on_the_relay(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(
        "from console.tools.declared import tool\n\n\n@tool\ndef look_up(name: str) -> str:\n"
        '    """Looks something up."""\n    return name\n'
    )

    tools = local_relay.usual_tools(settings(tools=str(file)))

    assert [each.name for each in tools] == ["get_weather", "look_up"]


@pytest.mark.parametrize(
    ("wanted", "host", "words"),
    [
        ({"open": True}, "0.0.0.0", "--open is for this machine alone"),
        ({"open": True, "policy": "relay.yaml"}, "127.0.0.1", "leave one of them away"),
        ({"tools": "absent.py"}, "127.0.0.1", "--tools: absent.py cannot be read"),
        ({"policy": "absent.yaml"}, "127.0.0.1", "absent.yaml cannot be read"),
        ({"upstream": "nonsense"}, "127.0.0.1", "--upstream nonsense is none of"),
        ({"upstream": "ws://service.example/"}, "127.0.0.1", "unencrypted"),
        ({"upstream": "wss://x.example/?call_id=rtc_1"}, "127.0.0.1", "names a call"),
        ({"upstream": "openai"}, "127.0.0.1", "--upstream openai needs a key"),
        ({"tls_cert": "absent.pem"}, "127.0.0.1", "--tls-cert and --tls-key"),
        (
            {
                "upstream": "azure",
                "azure_openai_api_key": SecretStr("k" * 20),
                "azure_openai_endpoint": "https://r.openai.azure.com",
                "azure_api_version": "2025-04-01-preview",
            },
            "127.0.0.1",
            "today's protocol",
        ),
    ],
)
async def test_what_cannot_be_used_is_named(monkeypatch, wanted, host, words):
    for name, value in wanted.items():
        if name.startswith("azure_openai_"):
            text = value.get_secret_value() if isinstance(value, SecretStr) else value
            monkeypatch.setenv(name.upper(), text)
    given = {name: value for name, value in wanted.items() if not name.startswith("azure_openai_")}

    with pytest.raises(ConfigurationError, match=words):
        await open_relay(settings(**given), host, 0)


async def test_a_tool_that_the_relay_has_not_is_named(tmp_path):
    policy = tmp_path / "relay.yaml"
    policy.write_text("relay_tools: [launch]\n")

    with pytest.raises(ConfigurationError, match=r"line 1, .*no tool 'launch' on this relay"):
        await open_relay(settings(policy=str(policy)), "127.0.0.1", 0)


async def test_a_port_in_use_is_named_with_the_next_one():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(ConfigurationError, match=f"Port {port} is in use"):
            await open_relay(settings(upstream="ws://127.0.0.1:9/"), "127.0.0.1", port)


async def test_an_address_that_is_not_ours_is_named():
    with pytest.raises(ConfigurationError, match=r"Cannot listen on 203\.0\.113\.7"):
        await open_relay(settings(upstream="ws://127.0.0.1:9/"), "203.0.113.7", 0)
