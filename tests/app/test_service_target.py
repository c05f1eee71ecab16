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
