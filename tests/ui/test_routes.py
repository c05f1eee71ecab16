import re

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from console.app.backend import Backend
from console.realtime.events import Event
from console.settings import Settings
from console.ui import routes, uploads
from console.ui.door.people import SCOPE_KEY
from console.ui.sessions import SessionRegistry
from console.ui.visits import Visit
from tests.ui.let_in import GUEST, OWNER, STRANGER, WATCHER
from tests.ui.one_session import OneSession, add_sound, guest_of


@pytest.fixture
def session():
    return OneSession()


@pytest.fixture
def client(session):
    return guest_of(session)


@pytest.mark.parametrize(
    "path",
    [
        "/rt/wrong/rows/0",
        "/rt/right/rows/7",
        "/rt/wrong/items/a.wav",
        "/rt/right/items/a.wav",
        "/rt/wrong/items/a.peaks",
        "/rt/right/items/a.peaks",
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(client, path):
    answer = client.get(path)

    assert answer.status_code == 404
    assert answer.json()["detail"].endswith(".")


def test_a_channel_of_an_unknown_session_is_closed_for_good(client):
    with client.websocket_connect("/rt/wrong") as socket:
        assert socket.receive()["code"] == 4004


class Visitors:
    """Middleware that lets in whom the test says."""

    def __init__(self, app):
        self._app = app

    async def __call__(self, scope, receive, send):
        person = scope["app"].state.visitor
        await self._app({**scope, SCOPE_KEY: person}, receive, send)


async def test_nothing_of_a_session_is_anothers_by_any_route_and_any_of_its_ids():
    settings = Settings(_env_file=None, target="ws://127.0.0.1:9/v1/realtime")
    registry = SessionRegistry(Backend(settings), settings)
    app = FastAPI()
    app.add_middleware(Visitors)
    routes.install(app, registry)
    uploads.install(app, registry)
    session = registry.session_for({}, Visit(GUEST, "192.0.2.7", "Firefox on Windows"))
    other = registry.session_for({}, Visit(STRANGER, "192.0.2.8", "Chrome on Linux"))
    for each in (session, other):
        sound = Event("response.output_audio.delta", "e", {"delta": "AAAA" * 100})
        each.log.add(0.0, "server", sound, 10)
        add_sound(each, bytes(200))
    paths = [
        (method, path)
        for path, operations in app.openapi()["paths"].items()
        for method in operations
    ]
    client = TestClient(app)

    def ask(name, method, path, person):
        app.state.visitor = person
        filled = {"item_id": "item_1", "form": "md", "event_type": "error"}
        own = re.sub("{(?!session_id)([a-z_]+)}", lambda found: filled.get(found[1], "0"), path)
        return client.request(method, own.replace("{session_id}", name), content=b"").status_code

    assert {path.rpartition("/")[2] for _, path in paths} == {
        "{index}", "{index}.wav", "events.jsonl", "events.har", "{item_id}.wav", "{item_id}.peaks", "microphone", "conversation.{form}", "{place}", "{event_type}",
    }  # fmt: skip
    for method, path in paths:
        assert ask(session.session_id, method, path, GUEST) != 404, path
        strangers = [(session.session_id, each) for each in (STRANGER, WATCHER, OWNER)]
        strangers += [(session.watch_id, each) for each in (STRANGER, WATCHER)]
        for name, person in [*strangers, (other.session_id, GUEST), (other.watch_id, GUEST)]:
            assert ask(name, method, path, person) == 404, (path, person.role)
    for name in (session.session_id, session.watch_id):
        app.state.visitor = STRANGER
        with client.websocket_connect(f"/rt/{name}") as socket:
            assert socket.receive()["code"] == 4004
    await registry.close()
