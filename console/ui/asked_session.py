"""The session that a request is about, or the answer that there is none."""

from __future__ import annotations

from typing import Final, Protocol

from fastapi import HTTPException

from console.app.conversation_view import ConversationView
from console.app.event_log import EventLog
from console.ui.console_session import ConsoleSession
from console.ui.door.people import Person
from console.ui.sessions import SessionRegistry

GONE: Final = "This session has ended. Reload the page to begin a new one."


class ReadSession(Protocol):
    """What is fetched of a session."""

    @property
    def log(self) -> EventLog:
        """Its events, with the times of its turns."""

    @property
    def conversation(self) -> ConversationView:
        """What was said."""


def own_session(registry: SessionRegistry, session_id: str, visitor: Person) -> ConsoleSession:
    """Return a session to whoever has it.

    Raises:
        HTTPException: 404: it has ended, or is somebody else's; nobody learns which.
    """
    session = registry.own(session_id, visitor)
    if session is None:
        raise HTTPException(404, GONE)
    return session
