import pytest
from pydantic import SecretStr

from console.app import service_target
from console.errors import ConfigurationError
from console.settings import Settings

# What each target is like, tests/app/test_backend.py says; here is what other settings see of it.


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def test_an_error_names_the_setting_that_asked():
    settings = Settings(openai_api_key=None)

    with pytest.raises(ConfigurationError, match=r"^--upstream openai needs a key"):
        service_target.openai(settings, None, "--upstream")
    with pytest.raises(ConfigurationError, match=r"^--upstream azure needs"):
        service_target.azure(settings, "--upstream")
    with pytest.raises(ConfigurationError, match=r"^--upstream nonsense is none of"):
        service_target.at_url("nonsense", settings, "--upstream")


def test_each_server_gets_its_own_key():
    settings = Settings(
        openai_api_key=SecretStr("sk-of-openai"), target_key=SecretStr("of-the-other")
    )

    openai = service_target.at_url("wss://api.openai.com/v1/realtime", settings)
    other = service_target.at_url("wss://other.example/v1/realtime", settings)

    assert (openai.secret, other.secret) == ("sk-of-openai", "of-the-other")
    assert service_target.shown(None) is None


def azure_at(endpoint: str) -> Settings:
    return Settings(
        AZURE_OPENAI_ENDPOINT=endpoint, AZURE_OPENAI_API_KEY="of-azure", azure_deployment="d"
    )


def test_azure_is_not_asked_unencrypted_and_that_is_said_at_the_start():
    settings = azure_at("http://res.openai.azure.com")

    with pytest.raises(ConfigurationError, match=r"^--target azure: .* unencrypted\. Use https://"):
        service_target.azure(settings)


def test_a_stand_in_for_azure_on_this_machine_may_be_plain():
    settings = azure_at("http://127.0.0.1:9")

    assert service_target.azure(settings).full_url().startswith("ws://127.0.0.1:9/")
