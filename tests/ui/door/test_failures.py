import logging
import re

import pytest
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import FileResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route

from console.ui.door.failures import FailurePage
from tests.ui.door.knock import HTML, browser

PACKED = [(b"accept-encoding", b"gzip")]
SECRET = "sk-planted-0123456789abcdef"


@pytest.fixture
def client():
    async def good(_request):
        return PlainTextResponse("page")

    async def bad(_request):
        raise RuntimeError(f"<b>the key is {SECRET}</b>")

    async def late(_request):
        async def parts():
            yield b"begun"
            raise RuntimeError("late")

        return StreamingResponse(parts())

    app = Starlette(routes=[Route("/", good), Route("/bad", bad), Route("/late", late)])
    app.add_middleware(FailurePage)
    return browser(app)


@pytest.mark.parametrize("headers", [HTML, {}])
def test_a_visitor_sees_a_number_and_nothing_of_the_failure(client, caplog, headers):
    caplog.set_level(logging.ERROR)

    answer = client.get("/bad", headers=headers)

    assert answer.status_code == 500
    for part in ("planted", "RuntimeError", "Traceback", "the key"):
        assert part not in answer.text
    found = re.search(r"number ([0-9a-f]{8})", answer.text)
    assert found
    assert f"failure {found[1]} while answering /bad" in caplog.text


def test_what_works_passes(client):
    assert client.get("/").text == "page"


async def ended(error, *, has_left):
    """What is sent when an application fails, having heard that its visitor left or not."""
    sent = []

    async def app(_scope, receive, _send):
        await receive()
        raise error

    async def receive():
        return {"type": "http.disconnect" if has_left else "http.request"}

    async def send(message):
        sent.append(message["type"])

    await FailurePage(app)({"type": "http", "path": "/x", "headers": []}, receive, send)
    return sent


class Around(BaseHTTPMiddleware):
    """As the toolkit's own."""

    async def dispatch(self, request, call_next):
        return await call_next(request)


async def test_a_page_that_is_closed_while_its_files_come_is_no_failure(caplog):
    caplog.set_level(logging.INFO)
    sent = []

    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    # A file ends without an answer when it hears that its visitor has left; what packs it has
    # sent nothing yet; and what stands around both calls that an error.
    app = FailurePage(Around(GZipMiddleware(FileResponse(__file__))))
    scope = {"type": "http", "method": "GET", "path": "/style.css", "headers": PACKED}
    await app(scope, receive, send)

    assert sent == []
    assert caplog.records == []
    with pytest.raises(RuntimeError):
        await Around(GZipMiddleware(FileResponse(__file__)))(scope, receive, send)


async def test_a_body_that_breaks_off_is_no_failure(caplog):
    caplog.set_level(logging.INFO)

    assert await ended(ClientDisconnect(), has_left=True) == []
    assert caplog.records == []

    assert await ended(ClientDisconnect(), has_left=False) != []
    assert "failure" in caplog.text


async def test_a_failure_of_ours_is_logged_also_when_the_visitor_has_left(caplog):
    await ended(RuntimeError("ours"), has_left=True)

    assert "failure" in caplog.text


def test_an_answer_that_was_begun_is_cut_and_not_lengthened(client, caplog):
    with pytest.raises(RuntimeError, match="late"):
        client.get("/late")

    assert "failure" in caplog.text
