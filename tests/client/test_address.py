"""Whom to call, and what of it may be seen."""

import pytest
from pydantic import SecretStr

from console.client.address import Address
from console.errors import ConnectError


def address(url="wss://h/v1", model="m", api_key=None, headers=None) -> Address:
    return Address(url, model, api_key, headers or {})


@pytest.mark.parametrize(
    ("url", "full"),
    [
        ("wss://h/v1", "wss://h/v1?model=a+b"),
        ("wss://h/v1?x=1", "wss://h/v1?x=1&model=a+b"),
        ("wss://h/v1?model=own", "wss://h/v1?model=own"),
        ("wss://h/v1?call_id=rtc_1", "wss://h/v1?call_id=rtc_1"),
        ("wss://h/v1?intent=transcription", "wss://h/v1?intent=transcription"),
    ],
)
def test_the_model_is_added_unless_the_url_says_what_the_session_is(url, full):
    assert address(url, "a b").full_url() == full


def test_a_url_that_cannot_be_read_is_refused_in_words():
    with pytest.raises(ConnectError, match="cannot be read") as caught:
        address("ws://[").full_url()

    assert caught.value.cause == "protocol"
    assert address("ws://[").public_url == "(unusable URL)"


def test_the_key_is_the_bearer_token_beside_the_given_headers():
    own = address(api_key=SecretStr("sk-1"), headers={"X-Own": "1"})

    assert own.headers() == {"Authorization": "Bearer sk-1", "X-Own": "1"}
    assert address(headers={"api-key": "az"}).headers() == {"api-key": "az"}


def test_given_headers_win():
    own = address(api_key="sk-1", headers={"Authorization": "Own 2"})

    assert own.headers() == {"Authorization": "Own 2"}


@pytest.mark.parametrize("key", ["a b", "a\nb", "ä", "\x00"])
def test_a_key_that_no_header_can_carry_is_refused_without_showing_it(key):
    with pytest.raises(ConnectError) as caught:
        address(api_key=key).headers()

    assert key not in str(caught.value)


def test_nothing_secret_is_in_its_text():
    secret = address("wss://user:pw@h:1/v1?token=t", api_key="sk-1", headers={"api-key": "az"})

    assert repr(secret) == "<Address wss://h:1/v1 model='m'>"
