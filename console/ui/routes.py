"""What the page fetches of its session beside the channel: events, and the sound of items."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response, WebSocket

from console.app.conversation_view import ConversationView
from console.app.event_log import EventLog
from console.realtime.items import Item
from console.ui import conversation_routes, event_routes, reference_routes
from console.ui.asked_session import GONE
from console.ui.door.people import Visitor
from console.ui.item_sound import Waveforms, wav_answer
from console.ui.relay_watches import RelayWatches
from console.ui.sessions import SessionRegistry
from console.ui.watch_channel import SESSION_OVER


class ReadSession(Protocol):
    """What is fetched of a session."""

    @property
    def log(self) -> EventLog:
        """Its events."""

    @property
    def conversation(self) -> ConversationView:
        """What was said."""


def install(app: FastAPI, registry: SessionRegistry, relays: RelayWatches | None = None) -> None:
    """Add the routes of all sessions to `app`, those of relays that are watched among them."""
    router = APIRouter(prefix="/rt")
    relays = relays or RelayWatches([])

    def session_of(session_id: str, visitor: Visitor) -> ReadSession:
        session = registry.shown(session_id, visitor) or relays.own(session_id, visitor)
        if session is None:
            raise HTTPException(404, GONE)
        return session

    @router.websocket("/{session_id}")
    async def channel(websocket: WebSocket, session_id: str, visitor: Visitor) -> None:
        if (session := registry.own(session_id, visitor)) is not None:
            await session.channel.serve(websocket)
        elif (session := registry.watched(session_id, visitor)) is not None:
            await session.watchers.serve(websocket)
        elif (relayed := relays.own(session_id, visitor)) is not None:
            await relayed.channel.serve(websocket)
        else:
            await websocket.accept()
            await websocket.close(SESSION_OVER, "unknown session")

    def own_session_of(session_id: str, visitor: Visitor) -> ReadSession:
        session = registry.own(session_id, visitor) or relays.own(session_id, visitor)
        if session is None:
            raise HTTPException(404, "Only whose session it is takes its events along.")
        return session

    def log_of(session_id: str, visitor: Visitor) -> EventLog:
        return session_of(session_id, visitor).log

    event_routes.add(
        router,
        log_of,
        lambda session_id, visitor: own_session_of(session_id, visitor).log,
    )
    reference_routes.add(router, log_of)
    _add_sound(router, session_of)
    conversation_routes.add(router, session_of)
    app.include_router(router)


def _add_sound(router: APIRouter, session_of: Callable[[str, Visitor], ReadSession]) -> None:
    """Add what a page fetches of an item's sound."""
    waveforms = Waveforms()

    def item_of(session_id: str, item_id: str, visitor: Visitor) -> Item:
        item = session_of(session_id, visitor).conversation.item(item_id)
        if item is None or not item.has_audio:
            raise HTTPException(404, "There is no sound for this item.")
        return item

    @router.get("/{session_id}/items/{item_id}.wav")
    async def sound_of_item(
        request: Request, session_id: str, item_id: str, visitor: Visitor
    ) -> Response:
        item = item_of(session_id, item_id, visitor)
        return wav_answer(item.read_audio(), request.headers.get("range"))

    @router.get("/{session_id}/items/{item_id}.peaks")
    async def waveform_of_item(session_id: str, item_id: str, visitor: Visitor) -> Response:
        return await waveforms.answer(session_id, item_of(session_id, item_id, visitor))
