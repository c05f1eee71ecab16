"""What a page fetches of the reference: what a field is, where no pane with all of it is beside."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException, Query

from console.app.reference.catalogue import ReferenceUnavailableError
from console.app.reference.reference_page import field_note
from console.app.reference_library import load_catalogue
from console.ui.door.people import Visitor
from console.ui.event_routes import LogOf

MAX_PATH_CHARACTERS: Final = 1_000


def add(router: APIRouter, log_of: LogOf) -> None:
    """Add the route.

    Args:
        router: Of all sessions.
        log_of: For those who may read a session: nobody else needs to know its fields.
    """

    @router.get("/{session_id}/reference/{event_type}")
    async def note_of_field(
        session_id: str,
        event_type: str,
        visitor: Visitor,
        field: Annotated[str, Query(max_length=MAX_PATH_CHARACTERS)] = "",
    ) -> dict[str, Any]:
        log_of(session_id, visitor)
        try:
            catalogue = await load_catalogue()
        except ReferenceUnavailableError as error:
            raise HTTPException(503, str(error)) from error
        doc = catalogue.find(event_type)
        if doc is None:
            raise HTTPException(404, f"{event_type} is in no documentation that is installed.")
        return field_note(doc, field)
