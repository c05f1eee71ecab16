import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from console.ui.door.rates import DoorLimits, Rates
from console.ui.door.traffic_guard import MAX_BODY_BYTES, TrafficGuard
from tests.ui.door.knock import HTML, LimitsClock, browser


@pytest.fixture
def built():
    return []


@pytest.fixture
def client(monkeypatch, built):
    LimitsClock(monkeypatch)

    async def page(request: Request):
        body = await request.body()
        built.append(request.url.path)
        return PlainTextResponse(str(len(body)))

    app = Starlette(routes=[Route("/{path:path}", page, methods=["GET", "POST"])])
    app.add_middleware(TrafficGuard, rates=Rates())
    return browser(app)


def test_the_thirty_first_page_of_a_minute_is_not_built(client, built):
    for _ in range(30):
        assert client.get("/").status_code == 200

    refused = client.get("/anything", headers=HTML)

    assert refused.status_code == 429
    assert "Wait a moment" in refused.text
    assert len(built) == 30


def test_the_settings_say_how_many_pages_there_are(monkeypatch):
    LimitsClock(monkeypatch)
    app = Starlette(routes=[Route("/{path:path}", lambda _: PlainTextResponse("page"))])
    app.add_middleware(TrafficGuard, rates=Rates(DoorLimits(pages=1)))
    client = browser(app)

    answers = [client.get("/", headers=HTML) for _ in range(2)]

    assert [each.status_code for each in answers] == [200, 429]
    assert "loaded 1 pages" not in answers[1].text
    assert "has loaded a page" in answers[1].text


def test_what_a_page_loads_is_not_counted_as_pages(client):
    for _ in range(40):
        for path in ("/assets/style.css", "/_nicegui/3/x.js", "/rt/s/rows/1", "/door"):
            assert client.get(path).status_code == 200

    assert client.get("/").status_code == 200


@pytest.mark.parametrize("path", ["/_nicegui", "/_niceguix", "/rt", "/doorx", "/door/x"])
def test_a_path_that_only_looks_like_a_file_counts_as_a_page(monkeypatch, path):
    LimitsClock(monkeypatch)
    built: list[str] = []
    client = falls_to_a_page(built)

    answers = [client.get(path) for _ in range(31)]

    assert answers[-1].status_code == 429
    assert len(built) == 30


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "OPTIONS"])
def test_a_page_is_counted_by_whatever_method_it_is_asked_for(monkeypatch, method):
    LimitsClock(monkeypatch)
    built: list[str] = []
    client = falls_to_a_page(built)

    answers = [client.request(method, "/") for _ in range(31)]

    assert answers[-1].status_code == 429
    assert len(built) == 30


def falls_to_a_page(built):
    """Return a client of an application that, as NiceGUI, builds a page where it has no route."""

    async def page(request: Request, _: Exception):
        built.append(request.url.path)
        return PlainTextResponse("page")

    app = Starlette(exception_handlers={404: page})
    app.add_middleware(TrafficGuard, rates=Rates())
    return browser(app)


def test_a_body_that_says_to_be_too_large_is_not_read(client, built):
    answer = client.post("/x", content=b"x" * (MAX_BODY_BYTES + 1))

    assert answer.status_code == 413
    assert "1024 KiB" in answer.text
    assert built == []


def test_a_body_that_does_not_say_its_size_is_counted(client, built):
    def endless():
        for _ in range(100):
            yield b"x" * 65536

    answer = client.post("/x", content=endless())

    assert answer.status_code == 413
    assert built == []


@pytest.mark.parametrize("length", ["-1", "1e9", "x", "9" * 5000])
async def test_a_length_that_is_none_does_no_harm(length, monkeypatch):
    LimitsClock(monkeypatch)
    sent = []

    async def app(scope, receive, send):
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    headers = [(b"content-length", length.encode())]
    scope = {"type": "http", "method": "POST", "path": "/x", "headers": headers}
    await TrafficGuard(app, Rates())(scope, receive, send)

    assert sent[0]["status"] in {200, 413}


def test_a_body_at_the_limit_passes(client):
    assert client.post("/x", content=b"x" * MAX_BODY_BYTES).text == str(MAX_BODY_BYTES)


def test_a_sound_file_may_be_larger_since_its_route_counts_itself(client):
    size = MAX_BODY_BYTES + 1

    assert client.post("/rt/s/microphone", content=b"x" * size).text == str(size)
    assert client.post("/rt/s/other/microphone", content=b"x" * size).status_code == 413
