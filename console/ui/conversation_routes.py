"""What a page fetches of its conversation: all of it as a file, and the pictures of an item."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import pybase64
from fastapi import APIRouter, HTTPException, Response

from console.app import conversation_export
from console.app.conversation_export import Said
from console.app.item_view import images_of
from console.ui.asked_session import ReadSession
from console.ui.door.people import Visitor

_NOT_CACHED: Final = {"cache-control": "no-store"}
_PICTURE: Final = re.compile(r"data:(image/(?:png|jpeg|webp|gif));base64,", re.IGNORECASE)
"""What a browser shows and does not execute; a drawing with scripts in it is none of these."""


def add(router: APIRouter, session_of: Callable[[str, Visitor], ReadSession]) -> None:
    """Add the routes to `router`; `session_of` finds a session for somebody, or answers 404."""

    @router.get("/{session_id}/conversation.{form}")
    async def conversation(session_id: str, form: str, visitor: Visitor) -> Response:
        session = session_of(session_id, visitor)
        if form not in conversation_export.FORMS:
            known = ", ".join(conversation_export.FORMS)
            raise HTTPException(404, f"A conversation can be had as {known}, not as {form[:20]!r}.")
        media_type, _ = conversation_export.FORMS[form]
        body = conversation_export.export(said_in(session), form)
        headers = {
            **_NOT_CACHED,
            "content-disposition": f'attachment; filename="conversation.{form}"',
        }
        return Response(body, media_type=f"{media_type}; charset=utf-8", headers=headers)

    @router.get("/{session_id}/items/{item_id}/images/{place}")
    async def picture(session_id: str, item_id: str, place: int, visitor: Visitor) -> Response:
        item = session_of(session_id, visitor).conversation.item(item_id)
        pictures = images_of(item) if item is not None else []
        if not 0 <= place < len(pictures):
            raise HTTPException(404, "There is no such picture in this conversation.")
        return _picture_answer(pictures[place])


def said_in(session: ReadSession) -> list[Said]:
    """Return what a session's conversation shows, in its order, each with its times."""
    return [
        Said(view, session.conversation.item(view.id), session.log.turns.span_of(view.id))
        for view in session.conversation.views()
    ]


def _picture_answer(address: str) -> Response:
    match = _PICTURE.match(address)
    if match is None:
        shown = address[:80] + ("…" if len(address) > 80 else "")
        is_elsewhere = address.lower().startswith(("http:", "https:"))
        why = (
            f"The picture lies elsewhere, and is not loaded from there: {shown}"
            if is_elsewhere
            else "The picture is of a kind that is not shown here; its event has it."
        )
        raise HTTPException(415, why)
    try:
        content = pybase64.b64decode(address[match.end() :], validate=True)
    except ValueError as error:
        raise HTTPException(415, "The picture is damaged: its base64 cannot be read.") from error
    return Response(content, media_type=match[1].lower(), headers=_NOT_CACHED)
