from typing import Any

import pytest

from console.ui.door.peer import UnclaimedPeer, client_address
from console.ui.door.trusted_proxy import TrustedProxy

ORIGIN = "https://console.example.org"
NETWORKS = ["10.0.0.0/24", "fd00::/64"]


async def seen(peer, *forwarded, kind="http", host="10.0.0.7:8080", networks=NETWORKS):
    """The request as the application behind the guards gets it."""
    found = []

    async def app(scope, _receive, _send):
        found.append(scope)

    headers = [(b"host", host.encode()), (b"x-forwarded-proto", b"ftp")]
    headers += [(b"x-forwarded-for", each.encode()) for each in forwarded]
    scope = {
        "type": kind,
        "scheme": "http" if kind == "http" else "ws",
        "client": None if peer is None else (peer, 5000),
        "headers": headers,
    }
    unused: Any = None
    await TrustedProxy(UnclaimedPeer(app), networks, ORIGIN)(scope, unused, unused)
    return found[0]


async def test_a_visitor_who_comes_through_the_proxy_is_counted_and_seen_as_such():
    scope = await seen("10.0.0.2", "203.0.113.7")

    assert client_address(scope) == "203.0.113.7"
    assert scope["scheme"] == "https"
    assert scope["headers"] == [(b"host", b"console.example.org")]


async def test_a_socket_through_the_proxy_is_encrypted_like_the_page():
    assert (await seen("10.0.0.2", "203.0.113.7", kind="websocket"))["scheme"] == "wss"


@pytest.mark.parametrize("peer", ["192.168.1.9", "203.0.113.9", "127.0.0.1", "10.0.1.2", "unix"])
async def test_what_others_claim_is_ignored(peer):
    scope = await seen(peer, "1.2.3.4")

    assert client_address(scope) == peer
    assert (scope["scheme"], scope["headers"]) == ("http", [(b"host", b"10.0.0.7:8080")])


async def test_a_visitor_cannot_prepend_somebody_else():
    spoofed = await seen("10.0.0.2", "1.2.3.4, 203.0.113.7")
    twice = await seen("10.0.0.2", "1.2.3.4", "203.0.113.7")

    assert client_address(spoofed) == client_address(twice) == "203.0.113.7"


async def test_a_chain_of_our_proxies_is_followed_to_its_end():
    scope = await seen("10.0.0.2", "9.9.9.9, 203.0.113.7, 10.0.0.3, 10.0.0.4")

    assert client_address(scope) == "203.0.113.7"


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("203.0.113.7:4711", "203.0.113.7"),
        ('"[2001:db8::7]:4711"', "2001:db8::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8::7", "2001:db8::/64"),
    ],
)
async def test_addresses_are_read_as_proxies_write_them(forwarded, address):
    assert client_address(await seen("10.0.0.2", forwarded)) == address


@pytest.mark.parametrize("forwarded", ["", "unknown", "1.2.3.4, garbage", ", ,", "a" * 10_000])
async def test_what_no_proxy_writes_counts_for_the_proxy_itself(forwarded):
    assert client_address(await seen("10.0.0.2", forwarded)) == "10.0.0.2"


async def test_an_endless_chain_is_followed_a_few_steps():
    scope = await seen("10.0.0.2", ",".join(["10.0.0.9"] * 100_000))

    assert client_address(scope) == "10.0.0.9"


async def test_the_proxys_own_question_is_its_own():
    scope = await seen("10.0.0.2")

    assert client_address(scope) == "10.0.0.2"
    assert scope["scheme"] == "http"


async def test_a_peer_by_ipv6_or_by_both_is_recognised():
    assert client_address(await seen("fd00::2", "203.0.113.7")) == "203.0.113.7"
    assert client_address(await seen("::ffff:10.0.0.2", "203.0.113.7")) == "203.0.113.7"


async def test_a_peer_without_an_address_is_believed_nothing():
    assert client_address(await seen(None, "203.0.113.7")) == "unknown"
