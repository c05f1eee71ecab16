import asyncio
from urllib.parse import urlsplit

import pytest

from console.app.backend import OPENAI_URL, Backend
from console.app.service_key import ServiceKey
from console.app.view_model import Target
from console.errors import ConfigurationError
from console.lan.addresses import find_reachable
from console.settings import Settings


def settings(**values):
    values.setdefault("openai_api_key", None)
    key = values.pop("openai_api_key")
    return Settings(_env_file=None, OPENAI_API_KEY=key, **values)


@pytest.fixture(autouse=True)
def no_key(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("CONSOLE_TARGET", raising=False)


def test_without_a_key_the_target_is_the_simulator_and_with_one_openai():
    assert Backend(settings()).target.is_simulator
    assert Backend(settings(openai_api_key="sk-planted")).target.label == "OpenAI"
    assert Backend(settings(openai_api_key="sk-planted", target="simulator")).target.is_simulator


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"scenario": "absent.json"}, "absent.json cannot be read"),
        ({"faults": "nonsense"}, "--faults: "),
        ({"ears": "none"}, "--ears none"),
    ],
)
def test_what_the_simulator_cannot_use_is_refused_before_it_starts(values, words):
    with pytest.raises(ConfigurationError, match=words):
        Backend(settings(**values)).check()

    Backend(settings(openai_api_key="sk-planted", **values)).check()


def test_openai_gets_the_key_and_the_model():
    client = Backend(settings(openai_api_key="sk-planted", model="gpt-x")).new_client()

    assert (client.url, client.model) == (OPENAI_URL, "gpt-x")
    assert client._target.handshake_headers() == {"Authorization": "Bearer sk-planted"}
    assert "planted" not in repr(client)


def test_another_server_is_named_by_its_host():
    backend = Backend(settings(target="wss://voice.example:444/v1/realtime"))

    assert backend.target.label == "voice.example:444"
    assert backend.new_client().url == "wss://voice.example:444/v1/realtime"


def test_only_the_simulator_is_told_the_group_of_our_faults():
    backend = Backend(settings(target="wss://voice.example:444/v1/realtime"))

    assert "fault" not in backend.new_client("ours").target.full_url()


@pytest.mark.parametrize(
    "target", ["http://x", "ftp://x", "x", "", "ws://", "wss://a:b@host/", "ws://h:99999999/"]
)
def test_a_target_that_is_no_websocket_is_refused(target):
    with pytest.raises(ConfigurationError, match="--target"):
        Backend(settings(target=target))


def headers_for(target, **given):
    backend = Backend(settings(openai_api_key="sk-planted-openai", target=target, **given))
    return backend.new_client().target.handshake_headers()


@pytest.mark.parametrize(
    "url",
    [
        "wss://voice.example/v1/realtime",
        "wss://api.openai.com.evil.example/v1/realtime",
        "wss://evil.example/api.openai.com",
        "ws://localhost:8082/v1/realtime",
    ],
)
def test_the_openai_key_goes_to_openai_and_to_no_other_host(url):
    assert headers_for(url) == {}
    own = headers_for(url, target_key="own-key")
    assert own == {"Authorization": "Bearer own-key"}


def test_openai_by_its_url_gets_the_openai_key():
    found = headers_for("wss://api.openai.com/v1/realtime", target_key="own-key")

    assert found == {"Authorization": "Bearer sk-planted-openai"}


@pytest.mark.parametrize("host", ["example.org", "192.0.2.1", "10.0.0.7", "127.0.0.1.example"])
@pytest.mark.parametrize("key", [None, "sk-planted"])
def test_nothing_goes_unencrypted_to_another_machine(host, key):
    with pytest.raises(ConfigurationError, match="unencrypted"):
        Backend(settings(openai_api_key=key, target=f"ws://{host}/v1/realtime"))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.2", "[::1]"])
def test_this_machine_is_called_unencrypted(host):
    assert Backend(settings(target=f"ws://{host}:1/v1/realtime")).target.label == f"{host}:1"


async def test_a_key_that_is_typed_in_makes_openai_the_target_until_it_is_forgotten():
    backend = Backend(settings())
    told: list[Target] = []
    backend.changed.connect(told.append)

    await backend.key.use("sk-planted-typed", keep=False)

    assert backend.target.label == "OpenAI"
    sent = backend.new_client().target.handshake_headers()
    assert sent == {"Authorization": "Bearer sk-planted-typed"}

    await backend.key.use("sk-planted-other", keep=False)
    assert "other" in str(backend.new_client().target.handshake_headers())

    await backend.key.forget()
    assert backend.target.is_simulator
    assert [each.label for each in told] == ["OpenAI", "OpenAI", "simulator"]
    await backend.stop()


async def test_forgetting_the_only_key_of_openai_says_that_there_is_none():
    key = ServiceKey(None)
    await key.use("sk-planted-typed", keep=False)  # as from a keyring, before the start
    backend = Backend(settings(target="openai"), key)

    await backend.key.forget()

    with pytest.raises(ConfigurationError, match="no key for OpenAI"):
        backend.new_client()


@pytest.mark.parametrize("target", ["wss://voice.example/v1", "azure"])
def test_a_server_that_was_chosen_otherwise_takes_no_typed_key(target):
    given = {"AZURE_OPENAI_ENDPOINT": "https://r.openai.azure.com", "AZURE_OPENAI_API_KEY": "k" * 9}

    assert not Backend(settings(target=target, **given)).takes_key


def test_openai_without_a_key_says_what_to_do():
    with pytest.raises(ConfigurationError, match="OPENAI_API_KEY"):
        Backend(settings(target="openai"))


def test_the_simulator_must_run_before_there_is_a_client():
    with pytest.raises(ConfigurationError, match="not running"):
        Backend(settings()).new_client()


def test_azure_is_called_at_its_resource_with_its_own_key():
    backend = Backend(
        settings(
            target="azure",
            openai_api_key="sk-planted",
            AZURE_OPENAI_ENDPOINT="https://res.openai.azure.com",
            AZURE_OPENAI_API_KEY="az-planted",
            azure_deployment="voice",
        )
    )
    client = backend.new_client()

    assert (backend.target.label, backend.target.model) == ("Azure", "voice")
    assert client.target.full_url() == "wss://res.openai.azure.com/openai/v1/realtime?model=voice"
    assert client.target.handshake_headers() == {"api-key": "az-planted"}


@pytest.mark.parametrize("given", [{}, {"AZURE_OPENAI_ENDPOINT": "https://res.openai.azure.com"}])
def test_azure_without_address_or_key_says_what_to_do(given):
    with pytest.raises(ConfigurationError, match="AZURE_OPENAI_ENDPOINT"):
        Backend(settings(target="azure", **given))


def test_a_deployment_without_a_name_is_refused():
    given = {"AZURE_OPENAI_ENDPOINT": "https://res.openai.azure.com", "azure_deployment": " "}
    with pytest.raises(ConfigurationError, match="deployment"):
        Backend(settings(target="azure", AZURE_OPENAI_API_KEY="az-planted", **given))


def test_a_url_says_itself_what_the_session_is_about():
    watched = Backend(settings(target="wss://voice.example/v1/realtime?call_id=rtc_1"))
    transcribed = Backend(settings(target="wss://voice.example/v1/realtime?intent=transcription"))

    assert watched.new_client().target.is_call
    assert transcribed.new_client().target.session_type == "transcription"


async def test_the_simulator_of_the_console_is_on_loopback_whatever_the_console_listens_on():
    backend = Backend(settings(target="simulator", lan=True, host="0.0.0.0"))
    await backend.start()
    try:
        simulator = backend.simulator()
        assert simulator is not None
        port = urlsplit(simulator.url).port
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        await writer.wait_closed()
        for elsewhere in ("127.0.0.2", *find_reachable().addresses):
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection(elsewhere, port)
    finally:
        await backend.stop()
