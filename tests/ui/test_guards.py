import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from console.ui import guards

OWN = "http://127.0.0.1:8080"
SOCKET = "ws://127.0.0.1:8080/rt/some-session"


@pytest.fixture
def client():
    async def page(_request):
        return PlainTextResponse("page")

    async def socket(websocket):
        await websocket.accept()
        await websocket.send_text("hello")
        await websocket.close()

    app = Starlette(
        routes=[
            Route("/", page, methods=["GET", "POST"]),
            Route("/_nicegui_ws/socket.io/", page),
            WebSocketRoute("/rt/some-session", socket),
        ]
    )
    guards.install(app)
    return TestClient(app, base_url=OWN)


FOREIGN_ORIGINS = [
    "https://evil.example",
    "null",
    "http://127.0.0.1:8080.evil.example",
    "http://localhost:8080@evil.example",
    "http://127.0.0.1:8899",
    "http://LOCALHOST:8080",
    "https://127.0.0.1:8080",
    "http://localhost:8080",
    "",
]
FOREIGN_HOSTS = [
    "evil.example",
    "127.0.0.1.evil.example",
    "127.0.0.1:8080@evil",
    "localhost.",
    "0.0.0.0",
    "127.0.0.1/evil",
    "127.0.0.1?evil",
    "127.0.0.1#evil",
    "",
]


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_a_socket_of_another_origin_is_refused(client, origin):
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect(SOCKET, headers={"origin": origin}),
    ):
        pass


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_an_unsafe_method_of_another_origin_is_refused(client, origin):
    assert client.post("/", headers={"origin": origin}).status_code == 403


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_niceguis_own_channel_is_closed_to_other_origins(client, origin):
    answer = client.get("/_nicegui_ws/socket.io/", headers={"origin": origin})

    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


def test_two_origin_headers_are_refused(client):
    headers = [("origin", OWN), ("origin", "https://evil.example")]

    assert client.post("/", headers=headers).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_request_that_the_browser_calls_foreign_is_refused(client, site):
    assert client.post("/", headers={"sec-fetch-site": site}).status_code == 403


def test_the_own_origin_and_programs_without_one_are_served(client):
    with client.websocket_connect(SOCKET, headers={"origin": OWN}) as socket:
        assert socket.receive_text() == "hello"
    with client.websocket_connect(SOCKET) as socket:
        assert socket.receive_text() == "hello"
    assert client.post("/", headers={"origin": OWN}).text == "page"
    assert client.get("/", headers={"origin": "https://evil.example"}).text == "page"


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_host_that_is_not_ours_is_refused(client, host):
    assert client.get("/", headers={"host": host}).status_code == 400
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect(SOCKET, headers={"host": host}),
    ):
        pass


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:9999", "LocalHost", "[::1]:8080"])
def test_every_name_of_this_machine_is_served(client, host):
    assert client.get("/", headers={"host": host}).status_code == 200


def test_no_page_may_be_framed_or_load_from_elsewhere(client):
    headers = client.get("/").headers

    assert headers["x-frame-options"] == "DENY"
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "connect-src 'self';" in policy
    assert headers["x-content-type-options"] == "nosniff"
