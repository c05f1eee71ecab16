"""What the page has of its session: the channel, and what it fetches beside it."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI, HTTPException, WebSocket

from console.app.event_log import EventLog
from console.ui import conversation_routes, event_routes, item_sound, reference_routes
from console.ui.asked_session import GONE, ReadSession
from console.ui.door.people import Visitor
from console.ui.relay_watches import RelayWatches
from console.ui.sessions import SessionRegistry
from console.ui.watch_channel import SESSION_OVER


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
        elif (session := registry.to_watch(session_id, visitor)) is not None:
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
    item_sound.add(router, session_of)
    conversation_routes.add(router, session_of)
    app.include_router(router)
