import json
import socket

import pytest
from websockets.asyncio.client import connect

from console.app.local_simulator import new_simulator, open_simulator
from console.errors import ConfigurationError
from console.settings import Settings
from console.simulator.faults import Faults


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"faults": "explode"}, "--faults: There is no fault 'explode'"),
        ({"brain_model": "m"}, "--brain"),
        ({"ears": "trumpet"}, "--ears trumpet"),
        ({"voices": "choir"}, "--voices choir"),
        ({"scenario": "absent.yaml"}, "absent.yaml"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(wanted, words):
    with pytest.raises(ConfigurationError, match=words):
        new_simulator(Settings(**wanted), "127.0.0.1", 0)


async def test_a_port_in_use_is_named_with_the_next_one():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(ConfigurationError, match=f"Try --port {port + 1}"):
            await open_simulator(Settings(voices="tone"), "127.0.0.1", port)


async def first_event(settings):
    server = new_simulator(settings, "127.0.0.1", 0)
    await server.start()
    try:
        async with connect(f"{server.url}?model=gpt-realtime", compression=None) as connection:
            return json.loads(await connection.recv())
    finally:
        await server.stop()


async def test_the_settings_reach_the_simulator(monkeypatch):
    monkeypatch.setenv("CONSOLE_SIMULATOR_KEY", "right")

    refused = await first_event(Settings())
    faulty = new_simulator(Settings(faults="late_deltas", beta=False), "127.0.0.1", 0)

    assert refused["error"]["code"] == "invalid_api_key"
    assert faulty.faults == Faults(late_deltas=True)
    assert not faulty._serves_beta


async def test_a_seed_makes_the_same_identifiers_again():
    first, again, other = [
        (await first_event(Settings(seed=seed)))["session"]["id"] for seed in (1, 1, 2)
    ]

    # The time stands in front; chance follows.
    assert first[-15:] == again[-15:] != other[-15:]
