"""What a visitor sees of a failure of ours: that there was one, and its number in the log."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING, Final

from starlette.requests import ClientDisconnect

from console.ui.door import refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)


_NO_ANSWER: Final = "No response returned."
"""What Starlette's middlewares raise when nothing came from the inside."""


class FailurePage:
    """Answer 500 in our own words; the exception's go to the log, under the same number.

    A visitor who leaves in the middle of a request is no failure: what sends a file stops when it
    hears of it, and the middlewares around it complain that it has not answered.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; nothing that it raises goes further."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = has_left = False

        async def receive_noting() -> Message:
            nonlocal has_left
            message = await receive()
            has_left = has_left or message["type"] == "http.disconnect"
            return message

        async def send_noting(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive_noting, send_noting)
        except Exception as error:
            if has_left and not has_begun and _is_for_want_of_a_visitor(error):
                logger.debug("a visitor left before %s was answered", scope["path"])
                return
            number = secrets.token_hex(4)
            logger.exception("failure %s while answering %s", number, scope["path"])
            if has_begun:  # what was begun cannot be taken back; the connection is cut
                raise
            response = refusal.page(
                500,
                "Something went wrong",
                "Reload to try again.",
                why=(f"The console's log says what went wrong, under number {number}.",),
                accept=refusal.accepted_by(scope),
            )
            await response(scope, receive, send)


def _is_for_want_of_a_visitor(error: Exception) -> bool:
    is_silence = isinstance(error, RuntimeError) and str(error) == _NO_ANSWER
    return is_silence or isinstance(error, ClientDisconnect)
