"""The session that a request is about, or the answer that there is none."""

from __future__ import annotations

from typing import Final

from fastapi import HTTPException

from console.ui.console_session import ConsoleSession
from console.ui.door.people import Person
from console.ui.sessions import SessionRegistry

GONE: Final = "This session has ended. Reload the page to begin a new one."


def own_session(registry: SessionRegistry, session_id: str, visitor: Person) -> ConsoleSession:
    """Return a session to whoever has it.

    Raises:
        HTTPException: 404: it has ended, or is somebody else's; nobody learns which.
    """
    session = registry.own(session_id, visitor)
    if session is None:
        raise HTTPException(404, GONE)
    return session
