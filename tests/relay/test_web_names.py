import re

import pytest

from console.relay import web_names


@pytest.mark.parametrize(
    "origin",
    [
        "https://shop.example.org",
        "https://Shop.example.org/",
        "http://192.0.2.7:3000",
        "http://[::1]:3000",
        "capacitor://localhost",
        "null",
    ],
)
def test_what_browsers_send_is_an_origin(origin):
    web_names.check_origin(origin)


@pytest.mark.parametrize(
    ("origin", "meant"),
    [
        ("shop.example.org", "https://shop.example.org"),
        ("shop.example.org:8443", "https://shop.example.org:8443"),
        ("https://shop.example.org/cart?x=1", "https://shop.example.org"),
        ("https://shop.example.org:443", "https://shop.example.org"),
        ("wss://shop.example.org", "https://shop.example.org"),
        ("https://me@shop.example.org", "https://shop.example.org"),
        ("https://*.example.org", "one such as"),
        ("*", "one such as"),
        ("", "one such as"),
    ],
)
def test_what_no_browser_sends_is_refused_with_what_may_be_meant(origin, meant):
    with pytest.raises(ValueError, match=re.escape(f"is no web origin; write {meant}")):
        web_names.check_origin(origin)


@pytest.mark.parametrize("host", ["relay.example.org", "relay:8081", "192.0.2.7", "[::1]:8081"])
def test_a_name_with_or_without_a_port_is_a_host(host):
    web_names.check_host(host)


@pytest.mark.parametrize(
    ("host", "meant"),
    [
        ("wss://relay.example.org:8081/v1", "relay.example.org:8081"),
        ("relay.example.org/v1", "relay.example.org"),
        ("*.example.org", "one such as"),
        ("two names", "one such as"),
        ("http://[", "one such as"),
    ],
)
def test_what_no_client_calls_is_refused_with_what_may_be_meant(host, meant):
    with pytest.raises(ValueError, match=re.escape(f"is no host name; write {meant}")):
        web_names.check_host(host)
