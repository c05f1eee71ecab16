"""URLs and headers of a server."""

import pytest

from console.client import address
from console.errors import ConnectError


def test_what_may_be_secret_is_in_no_public_url():
    assert address.public("wss://user:pw@h:1/v1?token=t#x") == "wss://h:1/v1"
    assert address.public("ws://[") == "(unusable URL)"


def test_the_first_of_several_values_of_a_query_counts():
    assert address.query_of("wss://h?a=1&a=2&b=&c") == {"a": "1", "b": "", "c": ""}
    assert address.query_of("ws://[") == {}


@pytest.mark.parametrize("url", ["ws://h", "wss://h:1/x", "http://h", "https://[::1]"])
def test_web_and_websocket_urls_are_addresses(url):
    assert address.web_address(url) is not None


@pytest.mark.parametrize("url", ["", "h", "ftp://h", "wss:///x", "ws://[", "ws://h:x"])
def test_anything_else_is_none(url):
    assert address.web_address(url) is None
    for use in (address.websocket_url, lambda url: address.rest_url(url, ["x"])):
        with pytest.raises(ConnectError, match="wss://host/path"):
            use(url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://h/v1?x=1#y", "wss://h/v1?x=1"),
        ("http://h:1", "ws://h:1"),
        ("wss://h/v1", "wss://h/v1"),
    ],
)
def test_a_web_address_stands_for_its_websocket(url, expected):
    assert address.websocket_url(url) == expected


def test_a_query_is_added_and_quoted():
    assert address.with_query("wss://h", a="1&b=2") == "wss://h?a=1%26b%3D2"
    assert address.with_query("wss://h?x=1", a="b c") == "wss://h?x=1&a=b+c"


def test_http_calls_are_below_the_socket_without_its_query():
    assert address.rest_url("wss://h/v1/?x=1", ["calls", "a/b"]) == "https://h/v1/calls/a%2Fb"


@pytest.mark.parametrize(
    ("url", "what"),
    [("wss://h", "it"), ("ws://h", ""), ("ws://127.0.0.1:1", "it"), ("http://[::1]", "it")],
)
def test_a_line_that_keeps_what_lets_us_in_private_is_fine(url, what):
    address.check_privacy(url, what)


@pytest.mark.parametrize("what", ["the key", "your Authorization header"])
def test_a_line_that_shows_what_lets_us_in_is_refused(what):
    words = rf"{what[0].upper()}{what[1:]} would travel to h unencrypted; use wss://"
    with pytest.raises(ConnectError, match=words) as caught:
        address.check_privacy("ws://h", what)

    assert caught.value.cause == "tls"


@pytest.mark.parametrize("key", ["a b", "a\nb", "ä", "\x7f"])
def test_a_key_that_no_header_can_carry_is_refused(key):
    address.check_key("sk-1")

    with pytest.raises(ConnectError, match="paste it again"):
        address.check_key(key)


def test_headers_that_would_change_the_request_are_refused():
    address.check_headers({"X-A": "1, 2; ü"})

    with pytest.raises(ValueError, match="'X-A'"):
        address.check_headers({"X-A": "1\r\nX-B: 2"})
