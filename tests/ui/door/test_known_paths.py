from urllib.parse import urljoin

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Scope

from console.ui.door.known_paths import KnownPaths
from tests.ui.door.knock import HTML, browser, echo


@pytest.fixture
def built():
    return []


@pytest.fixture
def app(built, tmp_path):
    """An application that, as NiceGUI, builds a page where it has no route."""

    async def page(request: Request, _: Exception):
        built.append(request.url.path)
        return PlainTextResponse("page")

    (tmp_path / "style.css").write_text("a {}", encoding="ascii")
    routes = [
        Route("/rt/{session_id}/rows/{index}", lambda _: PlainTextResponse("row")),
        Route("/watch-{watch_id}", lambda _: PlainTextResponse("watched")),
        WebSocketRoute("/rt/x", echo),
        Mount("/assets", StaticFiles(directory=tmp_path)),
    ]
    app = Starlette(routes=routes, exception_handlers={404: page})
    app.add_middleware(KnownPaths, public_paths=("/trust.crt",))
    return app


@pytest.fixture
def client(app):
    return browser(app)


@pytest.mark.parametrize(
    "path",
    ["/nonsense", "/foo.php", "/rt", "/rt/x", "/rt/s/nothing", "/rt/%0A/x", "/rt%2f..", "/%00",
     "/watch", "/watch-x/", "/trust.crt/", "/_nicegui", "/_nicegui/x", "/docs", "/%3F", "/a/"],
)  # fmt: skip
def test_nothing_is_built_where_there_is_nothing(client, built, path):
    answer = client.get(path, headers=HTML)

    assert answer.status_code == 404
    assert "nothing at this address" in answer.text
    assert built == []


async def test_dots_in_a_path_are_taken_as_they_are(app, built):
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    for path in ("/rt/..", "/..", "//", "/rt/x/../.."):
        scope: Scope = {"type": "http", "method": "GET", "path": path, "headers": []}
        await app(scope, receive, send)

    assert [each["status"] for each in sent[::2]] == [404] * 4
    assert built == []


def test_what_there_is_passes(client, built):
    assert client.get("/?x=1").text == "page"
    assert client.get("/rt/s/rows/1").text == "row"
    assert client.get("/watch-x").text == "watched"
    assert client.get("/assets/style.css").text == "a {}"
    assert client.post("/rt/s/rows/1").status_code == 405
    with client.websocket_connect("/rt/x") as socket:
        socket.send_text("heard")
        assert socket.receive_text() == "heard"
    assert client.get("/trust.crt").text == "page"  # here nothing stands further inside
    assert built == ["/", "/trust.crt"]


def test_a_route_that_is_added_later_is_known(app, client):
    assert client.get("/favicon.ico").status_code == 404

    app.add_route("/favicon.ico", lambda _: PlainTextResponse("icon"))

    assert client.get("/favicon.ico").text == "icon"


@pytest.mark.parametrize(
    ("path", "way"),
    [("/nonsense", "./"), ("/a/", "../"), ("/a/b/c", "../../"), ("/a%2Fb/c", "../")],
)
def test_the_page_shows_the_way_to_ours_under_any_prefix(client, path, way):
    answer = client.get(path, headers=HTML)

    assert f'<a href="{way}">Open the console</a>' in answer.text
    assert urljoin(f"http://proxy/under/here{path}", way) == "http://proxy/under/here/"


def test_who_takes_no_html_gets_one_line(client):
    answer = client.get("/a/b", headers={"accept": "application/json"})

    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text == (
        "This is the Realtime Console, and it has nothing at this address. Open the console: ../\n"
    )
