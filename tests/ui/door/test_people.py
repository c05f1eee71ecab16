import pytest
from fastapi import FastAPI, WebSocket
from starlette.requests import HTTPConnection
from starlette.testclient import TestClient

from console.ui.door.people import SCOPE_KEY, Person, Visitor, person_of


class LetIn:
    """Puts somebody into every scope, as the token guard does."""

    def __init__(self, app, person):
        self.app, self.person = app, person

    async def __call__(self, scope, receive, send):
        await self.app({**scope, SCOPE_KEY: self.person}, receive, send)


@pytest.mark.parametrize(
    ("role", "is_owner"), [("owner", True), ("guest", False), ("watcher", False)]
)
def test_only_the_owner_may_change_what_concerns_the_host(role, is_owner):
    assert Person("p", role, "l").is_owner is is_owner


def test_routes_and_sockets_have_their_visitor():
    app = FastAPI()

    @app.get("/")
    async def page(visitor: Visitor) -> str:
        return visitor.id

    @app.websocket("/socket")
    async def socket(websocket: WebSocket, visitor: Visitor) -> None:
        await websocket.accept()
        await websocket.send_text(visitor.role)
        await websocket.close()

    client = TestClient(LetIn(app, Person("ada", "guest", "l")))

    assert client.get("/").json() == "ada"
    with client.websocket_connect("/socket") as line:
        assert line.receive_text() == "guest"


def test_without_a_door_nobody_is_taken_for_somebody():
    with pytest.raises(RuntimeError, match="without its door"):
        person_of(HTTPConnection({"type": "http", "headers": []}))
