"""A small application behind the real guards, and a way to knock at it, for the tests of the door."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from console.ui.door.people import person_of

PORT = 8080
ORIGIN = f"http://127.0.0.1:{PORT}"
COOKIE = f"rtc-{PORT}"
HTML = {"accept": "text/html"}


async def page(request: Request) -> Response:
    person = person_of(request)
    return PlainTextResponse(f"page for {person.role} {person.id}")


async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)


def application() -> Starlette:
    """Return an application of one page for any path and one WebSocket that repeats."""
    return Starlette(routes=[WebSocketRoute("/rt/x", echo), Route("/{path:path}", page)])


def browser(app: Any, **options: Any) -> TestClient:
    """Return a client that keeps cookies and follows nothing."""
    return TestClient(app, base_url=ORIGIN, follow_redirects=False, **options)


class LimitsClock:
    """The time by which the library of limits counts, stepped by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_s = 1_750_000_000.0
        stepped = SimpleNamespace(time=lambda: self.now_s)
        monkeypatch.setattr("limits.storage.memory.time", stepped)

    def advance(self, duration_s: float) -> None:
        self.now_s += duration_s
