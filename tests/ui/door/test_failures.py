import logging
import re

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from console.ui.door.failures import FailurePage
from tests.ui.door.knock import HTML, browser

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


def test_an_answer_that_was_begun_is_cut_and_not_lengthened(client, caplog):
    with pytest.raises(RuntimeError, match="late"):
        client.get("/late")

    assert "failure" in caplog.text
