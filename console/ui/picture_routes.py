"""The picture that a page attaches to the next message: sent here, and shown from here."""

from __future__ import annotations

from io import BytesIO
from typing import Annotated, Final

from fastapi import APIRouter, FastAPI, HTTPException, Query, Request, Response
from starlette.requests import ClientDisconnect

from console.app.attached_picture import too_large
from console.client.images import MAX_IMAGE_BYTES
from console.errors import ConsoleError
from console.ui.asked_session import own_session
from console.ui.door.people import Visitor
from console.ui.sessions import SessionRegistry
from console.ui.uploads import FileTooLargeError, receive, shown_name

_NONE: Final = "No picture is attached."
_PNG: Final = b"\x89PNG"


def install(app: FastAPI, registry: SessionRegistry) -> None:
    """Add the routes by which a page attaches a picture, and shows it, to `app`."""
    router = APIRouter(prefix="/rt")

    @router.post("/{session_id}/picture")
    async def take_picture(
        request: Request,
        session_id: str,
        visitor: Visitor,
        name: Annotated[str, Query(max_length=1000)] = "",
    ) -> Response:
        picture = own_session(registry, session_id, visitor).picture
        shown, file = shown_name(name), BytesIO()
        try:
            await receive(request.stream(), file, MAX_IMAGE_BYTES)
            picture.attach(shown, file.getvalue())
        except FileTooLargeError as error:
            sentence = f"{shown} is too large: {too_large()}"
            picture.refuse(sentence)
            raise HTTPException(413, sentence) from error
        except ConsoleError as error:
            raise HTTPException(422, str(error)) from error
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it
        return Response(status_code=204)

    @router.get("/{session_id}/picture")
    async def shown_picture(session_id: str, visitor: Visitor) -> Response:
        content = own_session(registry, session_id, visitor).picture.content
        if content is None:
            raise HTTPException(404, _NONE)
        media_type = "image/png" if content.startswith(_PNG) else "image/jpeg"
        return Response(content, media_type=media_type, headers={"cache-control": "no-store"})

    app.include_router(router)
