import pytest
from fastapi import APIRouter, FastAPI, HTTPException
from starlette.testclient import TestClient

from console.app.event_log import EventLog
from console.app.reference.catalogue import ReferenceUnavailableError
from console.ui import reference_routes
from tests.app.reference.rig import catalogue

FIELD = "session.audio.input.turn_detection"


@pytest.fixture
def loaded(monkeypatch):
    async def load():
        return catalogue()

    monkeypatch.setattr(reference_routes, "load_catalogue", load)


@pytest.fixture
def client(monkeypatch, loaded):
    def log_of(session_id, visitor):
        if session_id != "own":
            raise HTTPException(404, "There is no such session.")
        return EventLog()

    monkeypatch.setattr(reference_routes, "Visitor", str)
    app, router = FastAPI(), APIRouter()
    reference_routes.add(router, log_of)
    app.include_router(router)
    return TestClient(app)


def get(client, path, **query):
    return client.get(path, params={"visitor": "x", **query})


def test_a_field_of_an_event_is_told(client):
    note = get(client, "/own/reference/session.update", field=FIELD).json()

    assert note["path"] == FIELD
    assert note["text"]
    assert note["names"] == []


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/other/reference/session.update", "There is no such session."),
        ("/own/reference/x.y", "x.y is in no documentation that is installed."),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(client, path, said):
    answer = get(client, path, field=FIELD)

    assert (answer.status_code, answer.json()["detail"]) == (404, said)


def test_a_path_may_not_be_endless(client):
    assert get(client, "/own/reference/session.update", field="a" * 1_001).status_code == 422


def test_documentation_that_cannot_be_read_says_why(client, monkeypatch):
    async def fail():
        raise ReferenceUnavailableError("There is no openai package.")

    monkeypatch.setattr(reference_routes, "load_catalogue", fail)

    answer = get(client, "/own/reference/session.update", field=FIELD)

    assert (answer.status_code, answer.json()["detail"]) == (503, "There is no openai package.")
