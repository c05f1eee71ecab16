import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from console.ui.door.peer import UnclaimedPeer, client_address


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::1", "::1"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::2", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
    ],
)
def test_limits_count_by_the_peer_and_its_network(peer, address):
    assert client_address({"type": "http", "client": (peer, 50000)}) == address


def test_a_peer_that_the_server_does_not_know_has_a_name_too():
    assert client_address({"type": "http", "client": None}) == "unknown"


def test_headers_say_nothing_about_the_peer():
    claims = [
        (b"x-forwarded-for", b"203.0.113.9"),
        (b"forwarded", b"for=203.0.113.9"),
        (b"x-real-ip", b"203.0.113.9"),
    ]

    scope = {"type": "http", "client": ("192.0.2.7", 1), "headers": claims}

    assert client_address(scope) == "192.0.2.7"


def test_the_application_does_not_see_what_anybody_may_claim():
    async def headers(request):
        return JSONResponse(dict(request.headers))

    app = Starlette(routes=[Route("/", headers)])
    app.add_middleware(UnclaimedPeer)
    claims = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Prefix": "/evil",
        "Forwarded": "for=203.0.113.9",
        "X-Real-IP": "203.0.113.9",
        "X-Other": "stays",
    }

    seen = TestClient(app).get("/", headers=claims).json()

    assert seen["x-other"] == "stays"
    assert not [name for name in seen if "forwarded" in name or "real" in name]
