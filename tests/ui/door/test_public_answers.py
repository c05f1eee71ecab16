import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from console.ui.door.public_answers import PublicAnswers

INSIDE = PlainTextResponse("inside")
CLIENT = TestClient(PublicAnswers(INSIDE, {"/public": PlainTextResponse("to be read")}))


@pytest.mark.parametrize(
    ("method", "path", "text"),
    [
        ("GET", "/public", "to be read"),
        ("HEAD", "/public", "to be read"),
        ("POST", "/public", "inside"),
        ("GET", "/public/", "inside"),
        ("GET", "/", "inside"),
    ],
)
def test_certain_paths_are_answered_to_who_reads_them(method, path, text):
    answer = CLIENT.request(method, path)

    assert answer.headers["content-length"] == str(len(text))
    assert answer.text == ("" if method == "HEAD" else text)
