"""Whom to call, and as what."""

import dataclasses
from typing import Any

import pytest
from pydantic import SecretBytes, SecretStr

from console.client import targets
from console.client.targets import DEFAULT_MODEL, OPENAI_URL, Target
from console.errors import ConnectError
from console.relay import tokens

KEY = "sk-secret-key-of-the-test-wxyz"
PREVIEW = "2025-04-01-preview"


def test_openai_is_asked_for_a_model_with_a_bearer_token():
    target = targets.openai(api_key=KEY, organization="org-1", project="proj_1")

    assert target.full_url() == f"{OPENAI_URL}?model={DEFAULT_MODEL}"
    assert target.handshake_headers() == {
        "Authorization": f"Bearer {KEY}",
        "OpenAI-Organization": "org-1",
        "OpenAI-Project": "proj_1",
    }


def test_a_call_is_named_instead_of_a_model():
    target = targets.call("rtc_1&model=x", api_key=KEY, project="p")

    assert target.full_url() == f"{OPENAI_URL}?call_id=rtc_1%26model%3Dx"
    assert target.is_call
    assert target.handshake_headers()["OpenAI-Project"] == "p"


def test_transcription_is_an_intent_without_a_model():
    target = targets.transcription(api_key=KEY)

    assert target.full_url() == f"{OPENAI_URL}?intent=transcription"
    assert target.session_type == "transcription"
    assert not target.is_call


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://res.openai.azure.com",
        "https://res.openai.azure.com/",
        "wss://res.openai.azure.com/openai",
        "https://res.openai.azure.com/openai/v1/",
        "https://res.openai.azure.com/openai/v1/realtime",
        "https://res.openai.azure.com/openai/realtime",
        "https://res.openai.azure.com/openai/deployments/d",
        "https://res.openai.azure.com/openai/deployments/d/chat/completions",
    ],
)
def test_azure_is_found_by_its_endpoint_however_it_was_copied(endpoint):
    today = targets.azure(endpoint, "d", api_key=KEY)
    preview = targets.azure(endpoint, "d", api_key=KEY, api_version=PREVIEW)

    host = "wss://res.openai.azure.com"
    assert today.full_url() == f"{host}/openai/v1/realtime?model=d"
    assert preview.full_url() == f"{host}/openai/realtime?api-version={PREVIEW}&deployment=d"


def test_a_gateways_path_is_kept():
    target = targets.azure("https://gateway.example/team/a/openai", "d", api_key=KEY)

    assert target.full_url() == "wss://gateway.example/team/a/openai/v1/realtime?model=d"


def test_azures_key_has_a_header_of_its_own_and_its_token_is_a_bearer():
    with_key = targets.azure("https://h", "d", api_key=SecretStr(KEY))
    with_token = targets.azure("https://h", "d", token="eyJ")

    assert with_key.handshake_headers() == {"api-key": KEY}
    assert with_token.handshake_headers() == {"Authorization": "Bearer eyJ"}


def test_the_preview_of_azure_speaks_beta():
    preview = targets.azure("https://h", "d", api_key=KEY, api_version=PREVIEW)

    assert (preview.dialect, preview.model) == ("beta", "d")
    assert preview.handshake_headers() == {"api-key": KEY, "OpenAI-Beta": "realtime=v1"}
    assert targets.azure("https://h", "d", api_key=KEY).dialect == "ga"


def test_the_name_of_a_deployment_cannot_become_more_than_a_name():
    name = "d&call_id=rtc_1#x/../?y"

    today = targets.azure("https://h", name, api_key=KEY)
    preview = targets.azure("https://h", name, api_key=KEY, api_version="v&deployment=z")

    quoted = "d%26call_id%3Drtc_1%23x%2F..%2F%3Fy"
    assert today.full_url() == f"wss://h/openai/v1/realtime?model={quoted}"
    assert preview.full_url() == (
        f"wss://h/openai/realtime?api-version=v%26deployment%3Dz&deployment={quoted}"
    )
    assert preview.model == name


@pytest.mark.parametrize("keys", [{}, {"api_key": KEY, "token": "t"}])
def test_azure_needs_a_key_or_a_token(keys):
    with pytest.raises(ValueError, match="either api_key or token"):
        targets.azure("https://h", "d", **keys)


def test_azure_needs_a_deployment():
    with pytest.raises(ValueError, match="name of a deployment"):
        targets.azure("https://h", " ", api_key=KEY)


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "res.openai.azure.com",
        "ftp://h",
        "https://",
        "https://h?x=1",
        "https://h#x",
        "https://[",
    ],
)
def test_what_is_no_endpoint_of_azure_is_refused(endpoint):
    with pytest.raises(ValueError, match=r"https://RESOURCE\.openai\.azure\.com"):
        targets.azure(endpoint, "d", api_key=KEY)


@pytest.mark.parametrize(
    ("url", "full"),
    [
        ("wss://h/v1", "wss://h/v1?model=a+b"),
        ("https://h/v1", "wss://h/v1?model=a+b"),
        ("http://h/v1#part", "ws://h/v1?model=a+b"),
        ("wss://h/v1?x=1", "wss://h/v1?x=1&model=a+b"),
        ("wss://h/v1?model=own", "wss://h/v1?model=own"),
        ("wss://h/v1?deployment=own", "wss://h/v1?deployment=own"),
        ("wss://h/v1?call_id=rtc_1", "wss://h/v1?call_id=rtc_1"),
        ("wss://h/v1?intent=transcription", "wss://h/v1?intent=transcription"),
        ("wss://h/v1?model=w&intent=transcription", "wss://h/v1?model=w&intent=transcription"),
    ],
)
def test_the_model_is_added_unless_the_url_says_what_the_session_is_about(url, full):
    assert Target(url=url, model="a b").full_url() == full


@pytest.mark.parametrize(
    ("url", "model", "call_id", "session_type"),
    [
        ("wss://h?model=own", "own", None, "realtime"),
        ("wss://h?deployment=own", "own", None, "realtime"),
        ("wss://h?call_id=rtc_1", None, "rtc_1", "realtime"),
        ("wss://h?intent=transcription", None, None, "transcription"),
        ("wss://h?model=w&intent=transcription", "w", None, "transcription"),
    ],
)
def test_the_target_is_what_its_url_says(url, model, call_id, session_type):
    for given in (Target(url=url), Target(url=url, model="other")):
        assert (given.model, given.call_id, given.session_type) == (model, call_id, session_type)


def test_a_compatible_server_may_want_a_model_with_its_transcription():
    target = Target(url="wss://h/v1?model=w", session_type="transcription")

    assert target.full_url() == "wss://h/v1?model=w&intent=transcription"
    assert target == dataclasses.replace(target, model=None)
    assert (target.model, target.subject) == ("w", "transcription by model 'w'")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "exactly one of model, call_id"),
        ({"model": ""}, "exactly one of model, call_id"),
        ({"url": "wss://h?model="}, "exactly one of model, call_id"),
        ({"model": "m", "call_id": "rtc_1"}, "either model or call_id, not both"),
        ({"call_id": " "}, "this one is empty"),
        ({"call_id": "rtc_1", "session_type": "transcription"}, "no transcription session"),
        ({"model": "m", "session_type": "transcription"}, r"update_session\(transcription="),
        ({"url": "wss://h?model=m&call_id=rtc_1"}, "leave one of them away"),
        ({"url": "wss://h?intent=transcription&call_id=rtc_1"}, "leave one of them away"),
        ({"url": "wss://h?call_id=rtc_1", "call_id": "rtc_2"}, "leave one of them away"),
        ({"url": "wss://h?model=m", "call_id": "rtc_2"}, "The URL says 'model'"),
    ],
)
def test_a_session_is_about_one_thing(fields, words):
    with pytest.raises(ValueError, match=words):
        Target(**{"url": "wss://h", **fields})


def test_a_target_can_be_made_of_another():
    azure = targets.azure("https://h", "d", api_key=KEY)

    call = dataclasses.replace(azure, model=None, call_id="rtc_1")

    assert call.full_url() == "wss://h/openai/v1/realtime?call_id=rtc_1"
    assert call.handshake_headers() == {"api-key": KEY}


def test_given_headers_win_in_whatever_case():
    target = Target(url="wss://h", model="m", api_key=KEY, headers={"authorization": "Own 2"})

    assert target.handshake_headers() == {"authorization": "Own 2"}


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"api_key": KEY}, "The key"),
        ({"headers": {"Authorization": f"Bearer {KEY}"}}, "Your Authorization header"),
        ({"headers": {"X-Api-Key": KEY}}, "Your X-Api-Key header"),
        ({"url": "ws://user:password@there"}, "The password in the address"),
    ],
)
def test_nothing_that_lets_us_in_travels_in_the_clear_to_another_machine(given, what):
    target = Target(**{"url": "ws://there", "model": "m", **given})

    for ask in (target.full_url, target.rest_url):
        with pytest.raises(ConnectError, match=f"^{what} would travel to there unencrypted;"):
            ask()


def test_a_header_that_lets_nobody_in_travels_as_it_likes():
    target = Target(url="ws://there", model="m", headers={"OpenAI-Project": "p"})

    assert target.full_url() == "ws://there?model=m"
    assert not target.credentials


@pytest.mark.parametrize("headers", [{"X-A": "1\r\nX-B: 2"}, {"X\n": "1"}, {"ä": "1"}])
def test_a_header_that_would_become_two_is_refused(headers):
    with pytest.raises(ValueError, match="characters that no header can carry"):
        Target(url="wss://h", model="m", headers=headers)


@pytest.mark.parametrize("value", ["org\r\nX: 1"])
def test_whom_to_bill_is_checked_likewise(value):
    with pytest.raises(ValueError, match="'OpenAI-Organization'"):
        targets.openai(organization=value)


@pytest.mark.parametrize("key", [f" {KEY}\n", SecretStr(f"{KEY}\r\n")])
def test_what_stands_around_a_copied_key_is_no_part_of_it(key):
    target = Target(url="wss://h", model="m", api_key=key)

    assert target.handshake_headers() == {"Authorization": f"Bearer {KEY}"}
    assert target.secret == KEY


@pytest.mark.parametrize("key", ["a b", "a\nb", "ä", "\x00"])
def test_a_key_that_no_header_can_carry_is_refused_without_showing_it(key):
    with pytest.raises(ConnectError) as caught:
        Target(url="wss://h", model="m", api_key=key).handshake_headers()

    assert caught.value.cause == "key"
    assert key not in str(caught.value)


@pytest.mark.parametrize("url", ["ws://example.org/v1", "http://192.0.2.1/v1", "ws://0.0.0.0:1"])
def test_a_key_does_not_travel_in_the_clear(url):
    target = Target(url=url, model="m", api_key=KEY)

    for ask in (target.full_url, lambda: target.rest_url("client_secrets")):
        with pytest.raises(ConnectError, match="unencrypted; use wss://") as caught:
            ask()
        assert caught.value.cause == "tls"
        assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["ws://127.0.0.1:1", "ws://localhost", "ws://[::1]:1", "ws://127.9.9.9", "wss://h"]
)
def test_this_machine_and_secure_lines_may_have_the_key(url):
    assert Target(url=url, model="m", api_key=KEY).full_url() == f"{url}?model=m"


def test_without_a_key_nothing_is_hidden():
    assert Target(url="ws://example.org/v1", model="m").full_url() == "ws://example.org/v1?model=m"


@pytest.mark.parametrize(
    "url", ["ws://[", "h/v1", "junk", "", "ftp://h", "wss://", "wss://h:99999", 5, None, b"ws://h"]
)
def test_a_url_that_cannot_be_read_is_refused_at_once_in_words(url):
    with pytest.raises(ValueError, match="cannot be read; it should look like wss://"):
        Target(url=url, model="m")


def test_a_model_that_is_no_text_is_refused_at_once():
    model: Any = 5
    with pytest.raises(ValueError, match="named by text, not by 5"):
        Target(url="wss://h", model=model)


def test_a_call_that_is_no_text_is_refused_at_once():
    call_id: Any = 5
    with pytest.raises(ValueError, match=r"named by text, such as rtc_\.\.\., not by 5"):
        Target(url="wss://h", call_id=call_id)


@pytest.mark.parametrize("key", [5, b"sk-1", ["sk-1"], SecretBytes(b"sk-1")])
def test_a_key_of_another_type_is_refused_at_once_without_showing_it(key):
    with pytest.raises(TypeError, match="api_key must be a text, or hide one") as caught:
        Target(url="wss://h", model="m", api_key=key)

    assert "sk-1" not in str(caught.value)


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        (5, "headers must be a mapping of texts, not of type int"),
        ([("X-A", "1")], "not of type list"),
        ({"X-A": 5}, "The header 'X-A' must have a text"),
        ({5: "1"}, "The header 5 must have a text"),
    ],
)
def test_headers_of_another_type_are_refused_at_once(headers, words):
    with pytest.raises(TypeError, match=words):
        Target(url="wss://h", model="m", headers=headers)


@pytest.mark.parametrize(
    ("endpoint", "deployment", "name"), [(5, "d", "endpoint"), ("https://h", 5, "deployment")]
)
def test_a_part_of_azures_address_that_is_no_text_is_refused_by_name(endpoint, deployment, name):
    with pytest.raises(TypeError, match=f"{name} must be .*, not of type int"):
        targets.azure(endpoint, deployment, api_key=KEY)


def test_http_is_spoken_beside_the_socket_on_the_same_host():
    target = Target(url="wss://h:1/v1/realtime/?model=m")

    assert target.rest_url("calls", "a b/..") == "https://h:1/v1/realtime/calls/a%20b%2F.."
    assert Target(url="ws://h", model="m").rest_url("x") == "http://h/x"


def test_nothing_secret_is_in_its_text():
    target = Target(
        url="wss://user:pw@h:1/v1?token=t", model="m", api_key="sk-1", headers={"api-key": "az"}
    )

    assert repr(target) == "<Target wss://h:1/v1 model 'm'>"
    assert repr(targets.transcription(api_key="sk-1", url="wss://h")) == (
        "<Target wss://h transcription>"
    )


def parts(**given: Any) -> dict[str, Any]:
    nothing: dict[str, Any] = dict.fromkeys(("url", "model", "call_id", "api_key", "headers"))
    return {**nothing, "session_type": "realtime", "dialect": "auto", **given}


@pytest.mark.parametrize(
    ("fields", "is_prepared"),
    [
        ({"model": "m"}, False),
        ({"model": "m", "api_key": KEY}, False),
        ({"model": "m", "api_key": SecretStr("ek_1234\n")}, True),
        ({"session_type": "transcription", "api_key": "ek_1234"}, True),
        ({"model": "m", "api_key": f"{tokens.PREFIX}1234"}, False),
        ({"call_id": "rtc_1", "api_key": KEY}, True),
    ],
)
def test_a_call_and_what_a_secret_begins_were_made_by_somebody_else(fields, is_prepared):
    assert Target(url="wss://h", **fields).is_prepared is is_prepared


def test_a_dialect_counts_for_a_target_that_is_given_whole_and_for_one_in_parts():
    beta = Target(url="wss://h/v1", model="m", dialect="beta")

    assert targets.chosen(beta, **parts()) is beta
    assert targets.chosen(beta, **parts(dialect="ga")).dialect == "ga"
    assert targets.chosen(None, **parts(dialect="ga")).dialect == "ga"
    assert targets.chosen(None, **parts()).dialect == "auto"
