"""What a visitor sees of a failure of ours: that there was one, and its number in the log."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING

from console.ui.door import refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)


class FailurePage:
    """Answer 500 in our own words; the exception's go to the log, under the same number."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; nothing that it raises goes further."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def send_noting(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_noting)
        except Exception:
            number = secrets.token_hex(4)
            logger.exception("failure %s while answering %s", number, scope["path"])
            if has_begun:  # what was begun cannot be taken back; the connection is cut
                raise
            response = refusal.page(
                500,
                "Something went wrong",
                f"The console's log says what, under number {number}. Reload to try again.",
                accept=refusal.accepted_by(scope),
            )
            await response(scope, receive, send)
