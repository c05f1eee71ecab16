import json
import socket
import ssl

import httpx
import pytest
from websockets.asyncio.client import connect

from console.app.local_simulator import new_simulator, open_simulator
from console.errors import ConfigurationError
from console.settings import Settings
from console.simulator.faults import Faults
from tests.certificate import write_certificate


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


@pytest.fixture
def certificate(tmp_path):
    """Files of a certificate for 127.0.0.1 that has signed itself, and of its key."""
    return tuple(map(str, write_certificate(tmp_path)))


async def test_a_certificate_makes_the_simulator_reachable_by_wss_and_https(certificate):
    cert, key = certificate
    trusting = ssl.create_default_context(cafile=cert)
    settings = Settings(voices="tone", tls_cert=cert, tls_key=key)
    server = new_simulator(settings, "127.0.0.1", 0, with_tls=True)
    await server.start()
    try:
        url = f"{server.url}?model=gpt-realtime"
        async with connect(url, ssl=trusting, compression=None) as connection:
            first = json.loads(await connection.recv())
        base = server.url.replace("wss://", "https://")
        async with httpx.AsyncClient(verify=trusting, trust_env=False) as client:
            made = await client.post(f"{base}/client_secrets", json={})
    finally:
        await server.stop()

    assert server.url.startswith("wss://127.0.0.1:")
    assert first["type"] == "session.created"
    assert (made.status_code, made.json()["value"][:3]) == (200, "ek_")


def test_the_console_s_own_simulator_needs_no_certificate(certificate):
    cert, key = certificate
    server = new_simulator(Settings(tls_cert=cert, tls_key=key), "127.0.0.1", 0)

    assert server.url.startswith("ws://")


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"tls_cert": "absent.pem"}, "give both, or neither"),
        ({"tls_key": "absent.pem"}, "give both, or neither"),
        ({"tls_cert": "absent.pem", "tls_key": "absent.pem"}, "cannot be read: No such file"),
        ({"tls_cert": "text.pem", "tls_key": "text.pem"}, "are no certificate and its key"),
    ],
)
def test_a_certificate_that_cannot_be_used_is_named(files, words, tmp_path):
    (tmp_path / "text.pem").write_text("no certificate")
    with pytest.raises(ConfigurationError, match=words):
        new_simulator(Settings(**files), "127.0.0.1", 0, with_tls=True)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "studio.local"])
def test_a_simulator_for_others_wants_a_key_of_its_own(host, monkeypatch):
    with pytest.raises(ConfigurationError, match="CONSOLE_SIMULATOR_KEY"):
        new_simulator(Settings(), host, 0)

    monkeypatch.setenv("CONSOLE_SIMULATOR_KEY", "sk-ours")

    assert new_simulator(Settings(), host, 0) is not None
