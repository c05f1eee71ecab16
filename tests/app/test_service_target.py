import pytest
from pydantic import SecretStr

from console.app import service_target
from console.errors import ConfigurationError
from console.scrubber import scrubber
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


@pytest.mark.parametrize(
    "url",
    [
        "wss://exa mple.org/",
        "wss://example.org/v1 realtime",
        "wss://example..org/",
        "wss://-example.org/",
        "wss://exa%6dple.org/",
        "wss://example.org/\x7f",
        "wss://ex\u202eample.org/",
    ],
)
def test_a_url_that_names_no_host_or_has_blanks_is_refused_at_the_start(url):
    with pytest.raises(
        ConfigurationError, match=r"^--upstream wss://.* cannot be called: a URL has"
    ):
        service_target.at_url(url, Settings(), "--upstream")


@pytest.mark.parametrize(
    "url",
    ["wss://b\u00fccher.example/", "wss://[::1]:8082/", "wss://h_1.local.:1/", "ws://127.0.0.1/"],
)
def test_hosts_are_names_of_all_scripts_and_addresses(url):
    assert service_target.at_url(url, Settings()).url == url


@pytest.mark.parametrize(
    "url", ["https://u:planted@h/", "wss://u:planted@h h/", "ws://u:planted@h:x/"]
)
def test_a_password_in_a_url_is_never_shown(url):
    with pytest.raises(ConfigurationError) as caught:
        service_target.at_url(url, Settings())

    assert "planted" not in str(caught.value)


def azure_at(endpoint: str) -> Settings:
    return Settings(
        AZURE_OPENAI_ENDPOINT=endpoint, AZURE_OPENAI_API_KEY="of-azure", azure_deployment="d"
    )


def test_a_token_in_the_query_of_a_url_is_in_no_log():
    token = "planted-in-a-query-0009"
    assert scrubber.clean(token) == token

    service_target.at_url(f"wss://gateway.test/v1?api-key={token}", Settings(_env_file=None))

    assert scrubber.clean(f"wrong: {token}") == "wrong: [secret]"


def test_azure_is_not_asked_unencrypted_and_that_is_said_at_the_start():
    settings = azure_at("http://res.openai.azure.com")

    with pytest.raises(ConfigurationError, match=r"^--target azure: .* unencrypted\. Use https://"):
        service_target.azure(settings)


def test_a_stand_in_for_azure_on_this_machine_may_be_plain():
    settings = azure_at("http://127.0.0.1:9")

    assert service_target.azure(settings).full_url().startswith("ws://127.0.0.1:9/")
