"""The routes of a single session, for tests of what is fetched of it."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from console.app.conversation_view import ConversationView
from console.app.event_log import EventLog
from console.realtime.items import ContentPart, Item
from console.ui import routes
from tests.ui.let_in import GUEST, LetIn


class OneSession:
    """A registry with one session, as far as the routes look at it; the guest has and watches it."""

    def __init__(self) -> None:
        self.log = EventLog()
        self.conversation = ConversationView()

    def own(self, session_id, person):
        return self if session_id == "right" and person == GUEST else None

    def to_watch(self, watch_id, person):
        return self if watch_id == "watched" and person == GUEST else None

    def shown(self, name, person):
        return self.own(name, person) or self.to_watch(name, person)


def guest_of(session: OneSession) -> TestClient:
    """Return the guest's browser."""
    app = FastAPI()
    app.add_middleware(LetIn)
    registry: Any = session
    routes.install(app, registry)
    return TestClient(app)


def add_sound(session: Any, pcm: bytes) -> None:
    """Let the assistant have said something, beside a picture."""
    part = ContentPart("output_audio", audio=bytearray(pcm))
    shown = ContentPart("input_image", image_url="data:image/png;base64,AAAA")
    item = Item("item_1", "message", "assistant", content=[part, shown])
    session.conversation.update(item, lambda: ["item_1"])
