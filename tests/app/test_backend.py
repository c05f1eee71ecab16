import pytest

from console.app.backend import OPENAI_URL, Backend
from console.errors import ConfigurationError
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
    assert Backend(settings(openai_api_key="sk-x")).target.label == "OpenAI"
    assert Backend(settings(openai_api_key="sk-x", target="simulator")).target.is_simulator


def test_openai_gets_the_key_and_the_model():
    client = Backend(settings(openai_api_key="sk-planted", model="gpt-x")).new_client()

    assert (client.url, client.model) == (OPENAI_URL, "gpt-x")
    assert client._target.handshake_headers() == {"Authorization": "Bearer sk-planted"}
    assert "planted" not in repr(client)


def test_another_server_is_named_by_its_host():
    backend = Backend(settings(target="wss://voice.example:444/v1/realtime"))

    assert backend.target.label == "voice.example:444"
    assert backend.new_client().url == "wss://voice.example:444/v1/realtime"


@pytest.mark.parametrize(
    "target", ["http://x", "ftp://x", "x", "", "ws://", "wss://a:b@host/", "ws://h:99999999/"]
)
def test_a_target_that_is_no_websocket_is_refused(target):
    with pytest.raises(ConfigurationError, match="--target"):
        Backend(settings(target=target))


def test_a_key_goes_unencrypted_to_this_machine_only():
    Backend(settings(openai_api_key="sk-x", target="ws://localhost:8082/v1/realtime"))
    with pytest.raises(ConfigurationError, match="unencrypted"):
        Backend(settings(openai_api_key="sk-x", target="ws://example.org/v1/realtime"))


def test_openai_without_a_key_says_what_to_do():
    with pytest.raises(ConfigurationError, match="OPENAI_API_KEY"):
        Backend(settings(target="openai"))


def test_the_simulator_must_run_before_there_is_a_client():
    with pytest.raises(ConfigurationError, match="not running"):
        Backend(settings()).new_client()
