import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from console.ui.door.origin_guard import LINE_EVERY_S, MOST_LINES, OriginGuard
from tests.fakes import ManualClock

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
    app.add_middleware(OriginGuard, origins=["https://console.example.org"])
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


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("what", ["image", "script", "iframe", "empty"])
def test_what_another_page_puts_into_itself_is_refused_and_a_link_to_us_is_not(client, site, what):
    told = {"sec-fetch-site": site}

    refused = client.get("/", headers=told | {"sec-fetch-dest": what})
    assert (refused.status_code, refused.headers["x-frame-options"]) == (403, "DENY")
    assert client.get("/", headers=told | {"sec-fetch-dest": "document"}).text == "page"


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_what_our_own_page_puts_into_itself_is_served(client, site):
    told = {"sec-fetch-site": site, "sec-fetch-dest": "image"}

    assert client.get("/", headers=told).text == "page"


def test_the_own_origin_and_programs_without_one_are_served(client):
    with client.websocket_connect(SOCKET, headers={"origin": OWN}) as socket:
        assert socket.receive_text() == "hello"
    with client.websocket_connect(SOCKET) as socket:
        assert socket.receive_text() == "hello"
    assert client.post("/", headers={"origin": OWN}).text == "page"
    assert client.get("/", headers={"origin": "https://evil.example"}).text == "page"


def test_an_origin_that_was_named_is_our_own(client):
    headers = {"origin": "https://console.example.org"}

    assert client.post("/", headers=headers).text == "page"


async def test_a_page_that_asks_without_end_does_not_fill_the_log(caplog):
    clock = ManualClock()
    guard = OriginGuard(Starlette(), clock=clock)

    async def ask():
        async def receive():
            raise AssertionError("nobody reads what is refused")

        async def send(_message):
            pass

        headers = [(b"host", b"127.0.0.1:8080"), (b"origin", b"https://evil.example")]
        await guard(
            {"type": "websocket", "scheme": "ws", "path": "/rt/x", "headers": headers},
            receive,
            send,
        )

    for _ in range(1000):
        await ask()
    assert len(caplog.records) == MOST_LINES

    await clock.advance(LINE_EVERY_S)
    await ask()
    assert len(caplog.records) == MOST_LINES + 1
