import pytest
from pydantic import ValidationError

from console.app import service_key
from console.errors import ConfigurationError
from console.settings import SECRETS, Settings, another_port


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"CONSOLE_{name.upper()}", raising=False)
    for name in ("OPENAI_API_KEY", "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)


def test_without_anything_it_listens_on_this_machine_only():
    settings = Settings()

    assert (settings.host, settings.port, settings.target) == ("127.0.0.1", 8080, "auto")
    assert settings.openai_api_key is None


def test_a_flag_beats_the_environment_which_beats_the_file(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("CONSOLE_PORT=1001\nCONSOLE_VOICE=cedar\nCONSOLE_MODEL=x\n")
    monkeypatch.setenv("CONSOLE_PORT", "1002")
    monkeypatch.setenv("CONSOLE_VOICE", "ash")

    settings = Settings(port=1003)

    assert (settings.port, settings.voice, settings.model) == (1003, "ash", "x")


def test_the_key_may_stand_in_the_file_and_never_shows(tmp_path):
    (tmp_path / ".env").write_text("OPENAI_API_KEY= sk-planted-key \n")

    settings = Settings()

    assert settings.openai_api_key is not None
    assert settings.openai_api_key.get_secret_value() == "sk-planted-key"
    assert "planted" not in f"{settings!r} {settings} {settings.model_dump()}"


@pytest.mark.parametrize("key", ["", "   "])
def test_an_empty_key_is_no_key(monkeypatch, key):
    monkeypatch.setenv("OPENAI_API_KEY", key)

    assert Settings().openai_api_key is None


@pytest.mark.parametrize("key", ["sk-a b", "sk-a\nb", "'sk-a'", "sk-ä", "sk-a\\b", "sk-a\x7fb"])
def test_a_key_that_would_break_a_header_is_refused_without_being_shown(monkeypatch, key):
    monkeypatch.setenv("OPENAI_API_KEY", key)

    with pytest.raises(ValidationError) as caught:
        Settings()

    message = caught.value.errors(include_input=False)[0]["msg"]
    assert "OPENAI_API_KEY" in message
    assert key.strip() not in message


@pytest.mark.parametrize("key", ["sk-", "sk-abcd", "s"])
def test_the_beginning_of_a_key_is_refused_at_the_start(monkeypatch, key):
    monkeypatch.setenv("OPENAI_API_KEY", key)

    with pytest.raises(ValidationError, match=r"OPENAI_API_KEY is no whole key.*simulator"):
        Settings()


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("OPENAI_API_KEY=sk-planted-0123456789", "holds the name of a variable"),
        ("sk-planted" + "x" * 74_000, "has 74010 characters"),
        ("planted-0123456789abcdef", "begin with sk-"),
    ],
)
def test_the_settings_refuse_what_the_field_of_the_page_refuses(monkeypatch, key, words):
    monkeypatch.setenv("OPENAI_API_KEY", key)

    with pytest.raises(ValidationError, match=words):
        Settings()
    with pytest.raises(ConfigurationError, match=words):
        service_key.checked(key)


def test_the_key_of_a_server_of_ones_own_has_any_form_that_a_header_and_json_can_carry(monkeypatch):
    monkeypatch.setenv("CONSOLE_TARGET_KEY", "&<planted>/+=%41~")
    settings = Settings()
    assert settings.target_key is not None
    assert settings.target_key.get_secret_value() == "&<planted>/+=%41~"

    for wrong in ("pl\\anted-key", "CONSOLE_TARGET_KEY=planted-key", "planted" * 2000):
        monkeypatch.setenv("CONSOLE_TARGET_KEY", wrong)
        with pytest.raises(ValidationError, match=r"CONSOLE_TARGET_KEY (has|holds).*") as caught:
            Settings()
        assert "anted" not in str(caught.value)


def test_a_token_that_no_header_can_carry_is_not_called_a_key(monkeypatch):
    monkeypatch.setenv("CONSOLE_TOKEN", "two words and more")

    with pytest.raises(ValidationError, match="paste the token alone") as caught:
        Settings()

    assert "sk-" not in caught.value.errors(include_input=False)[0]["msg"]


@pytest.mark.parametrize("name", SECRETS.values())
def test_no_key_ever_shows(monkeypatch, name):
    monkeypatch.setenv(name, "sk-planted-key-0123")
    settings = Settings()

    assert "planted" not in f"{settings!r} {settings} {settings.model_dump()}"

    monkeypatch.setenv(name, "sk-planted key-0123")
    with pytest.raises(ValidationError) as caught:
        Settings()

    message = caught.value.errors(include_input=False)[0]["msg"]
    assert name in message
    assert "planted" not in message


@pytest.mark.parametrize(
    "url", ["foo", "ws://x", "https://", "https://exa mple.org", "https://me:secret@x.example"]
)
@pytest.mark.parametrize("name", ["AZURE_OPENAI_ENDPOINT", "CONSOLE_BRAIN"])
def test_a_service_that_is_no_web_address_is_refused(monkeypatch, name, url):
    monkeypatch.setenv(name, url)

    with pytest.raises(ValidationError, match=r"web address such as http|user names"):
        Settings()


def test_the_address_of_a_service_ends_without_a_slash(monkeypatch):
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", " https://mine.openai.azure.com/ ")

    assert Settings().azure_openai_endpoint == "https://mine.openai.azure.com"


@pytest.mark.parametrize("wanted", [{"max_sessions": 0}, {"seed": "x"}, {"keep_audio": "attic"}])
def test_what_cannot_be_is_refused(wanted):
    with pytest.raises(ValidationError):
        Settings(**wanted)


@pytest.mark.parametrize(("taken", "proposed"), [(8080, 8081), (65534, 65535), (65535, 65534)])
def test_the_port_that_is_proposed_instead_of_a_taken_one_can_be(taken, proposed):
    assert another_port(taken) == proposed
    assert Settings(port=proposed).port == proposed


@pytest.mark.parametrize("port", [-1, 70_000, "abc"])
def test_a_port_that_cannot_be_is_refused(port):
    with pytest.raises(ValidationError):
        Settings(port=port)


@pytest.mark.parametrize(
    ("host", "taken"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", "localhost"),
        ("[::1]", "::1"),
        ("0.0.0.0", "0.0.0.0"),
        ("192.168.1.5", "192.168.1.5"),
        (" Studio.local ", "studio.local"),
        ("2001:DB8::5", "2001:db8::5"),
    ],
)
def test_it_listens_where_it_is_told_to(host, taken):
    assert Settings(host=host).host == taken


@pytest.mark.parametrize("host", ["", "http://127.0.0.1", "a b", "127.0.0.1:8080", "ä", "a/b"])
def test_what_is_no_address_is_refused_with_examples(host):
    with pytest.raises(ValidationError, match=r"such as 127\.0\.0\.1"):
        Settings(host=host)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Console.Example.org/", "https://console.example.org"),
        ("https://console.example.org:443", "https://console.example.org"),
        ("http://10.0.0.1:8443", "http://10.0.0.1:8443"),
        ("https://[2001:DB8::1]:444", "https://[2001:db8::1]:444"),
        ("  ", ""),
    ],
)
def test_the_origin_behind_a_proxy_is_taken_as_browsers_write_it(url, origin):
    assert Settings(behind_proxy=url).behind_proxy == origin


@pytest.mark.parametrize(
    "url",
    ["console.example.org", "ftp://x", "https://", "https://x/console", "https://me:pw@x",
     "https://x?y", "https://x:99999", "https://x:y", "https://a b", "https://*.example.org"],
)  # fmt: skip
def test_what_is_no_origin_is_refused(url):
    with pytest.raises(ValidationError, match="an origin such as"):
        Settings(behind_proxy=url)


def test_the_networks_of_a_proxy_are_a_list():
    settings = Settings(proxy_network=" 10.0.0.0/24, fd00::/8,192.168.1.1 ")

    assert settings.proxy_network == "10.0.0.0/24,fd00::/8,192.168.1.1/32"


@pytest.mark.parametrize("text", ["", ",", "10.0.0.0/33", "proxy", "0.0.0.0/0", "::/0"])
def test_networks_that_say_nothing_or_everybody_are_refused(text):
    with pytest.raises(ValidationError):
        Settings(proxy_network=text)


def test_an_empty_variable_is_no_setting(monkeypatch):
    monkeypatch.setenv("CONSOLE_HOST", "")
    monkeypatch.setenv("CONSOLE_PORT", "")

    assert (Settings().host, Settings().port) == ("127.0.0.1", 8080)


@pytest.mark.parametrize("url", ["foo", "ftp://x", "https://", ""])
def test_a_weather_service_that_is_no_web_address_is_refused(url):
    with pytest.raises(ValidationError, match="web address"):
        Settings(weather_url=url)


@pytest.mark.parametrize("token", ["short", "fifteen-charact", "with a space in its middle"])
def test_a_token_that_could_be_guessed_or_mistyped_is_refused_and_not_shown(token):
    with pytest.raises(ValidationError, match="CONSOLE_TOKEN") as caught:
        Settings(_env_file=None, token=token)

    assert token not in " ".join(each["msg"] for each in caught.value.errors())


def test_a_token_is_taken_from_the_environment_and_stays_masked(monkeypatch):
    monkeypatch.setenv("CONSOLE_TOKEN", "sixteen-letters-")

    settings = Settings(_env_file=None)

    assert settings.token is not None
    assert settings.token.get_secret_value() == "sixteen-letters-"
    assert "sixteen" not in repr(settings)


@pytest.mark.parametrize(
    "url",
    ["memory", "redis://127.0.0.1", "redis://:pw@host:6379/2", "rediss://ada:pw@host/0?ssl_ca_certs=x",
     "unix:///run/redis.sock", "unix://:pw@/run/redis.sock?db=1", "redis://[::1]:6379", " MEMORY "],
)  # fmt: skip
def test_limits_are_stored_in_memory_or_at_the_url_of_a_redis(monkeypatch, url):
    monkeypatch.setenv("CONSOLE_LIMITS_STORAGE", url)
    settings = Settings()

    assert settings.limits_storage.get_secret_value() in {url, "memory"}
    assert "pw" not in f"{settings!r} {settings.model_dump()}"


@pytest.mark.parametrize(
    "url",
    ["disk", "redis://", "redis://:planted@host:99999", "redis://:planted@host:abc", "http://host",
     "redis://:planted@host/path", "unix://:planted@", "redis://host/0#planted",
     "redis://host?password=planted", "rediss://host?ssl_cert_reqs=none", "redis://[planted"],
)  # fmt: skip
def test_what_is_no_place_for_limits_is_refused_without_being_shown(monkeypatch, url):
    monkeypatch.setenv("CONSOLE_LIMITS_STORAGE", url)

    with pytest.raises(ValidationError) as caught:
        Settings()

    message = caught.value.errors(include_input=False)[0]["msg"]
    assert "memory, or the URL of a Redis such as redis://127.0.0.1:6379/0, is needed" in message
    assert "planted" not in message


@pytest.mark.parametrize(
    ("name", "value"),
    [("limit_guest_starts", 0), ("limit_address_starts", 10_001), ("door_wrong_links", 0),
     ("door_wrong_links", 1001), ("door_ban_minutes", 1441), ("door_pages", 0), ("door_sockets", 1),
     ("door_sockets_in_all", 10_001)],
)  # fmt: skip
def test_limits_that_would_let_nobody_or_everybody_in_are_refused(name, value):
    with pytest.raises(ValidationError, match=r"(greater|less) than or equal to"):
        Settings(**{name: value})


def test_all_together_have_as_many_sockets_as_one_address():
    with pytest.raises(ValidationError, match=r"--door-sockets 50"):
        Settings(door_sockets=50, door_sockets_in_all=49)

    assert Settings(door_sockets=50, door_sockets_in_all=50).door_sockets_in_all == 50
