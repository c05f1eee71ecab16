from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from console.app.attached_picture import AttachedPicture
from console.app.view_model import Target, ViewModel
from console.ui import picture_routes
from tests.ui.let_in import GUEST, LetIn

PNG = b"\x89PNG\r\n\x1a\nrest"
JPEG = b"\xff\xd8\xffrest"


@pytest.fixture
def view():
    return ViewModel(target=Target("", "", "", "", is_simulator=True))


@pytest.fixture
def client(view):
    session = SimpleNamespace(picture=AttachedPicture(view))
    registry: Any = SimpleNamespace(
        own=lambda session_id, person: session if (session_id, person) == ("right", GUEST) else None
    )
    app = FastAPI()
    app.add_middleware(LetIn)
    picture_routes.install(app, registry)
    return TestClient(app)


@pytest.mark.parametrize(("content", "kind"), [(PNG, "image/png"), (JPEG, "image/jpeg")])
def test_a_picture_is_attached_and_can_be_looked_at(client, view, content, kind):
    assert client.get("/rt/right/picture").status_code == 404

    assert client.post("/rt/right/picture?name=a%2Fcat", content=content).status_code == 204

    answer = client.get("/rt/right/picture")
    assert (answer.content, answer.headers["content-type"]) == (content, kind)
    assert view.picture.name == "cat"


def test_what_is_no_picture_is_refused_in_words(client, view):
    answer = client.post("/rt/right/picture?name=x.svg", content=b"<svg/>")

    assert answer.status_code == 422
    assert answer.json() == {"detail": "x.svg is neither PNG nor JPEG: save it as one of these."}
    assert view.picture is None


def test_a_picture_beyond_the_limit_is_refused_in_words(client, view, monkeypatch):
    monkeypatch.setattr(picture_routes, "MAX_IMAGE_BYTES", 1024)

    answer = client.post("/rt/right/picture?name=wall.png", content=PNG + bytes(64 * 1024))

    assert answer.status_code == 413
    assert [each.sentence for each in view.notices] == [answer.json()["detail"]]
    assert answer.json()["detail"].startswith("wall.png is too large:")
    assert view.picture is None


def test_nobody_attaches_to_or_looks_into_the_session_of_others(client):
    assert client.post("/rt/wrong/picture", content=PNG).status_code == 404
    assert client.get("/rt/wrong/picture").status_code == 404
