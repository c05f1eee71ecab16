"""How much those who are inside may ask for: pages a minute, and bytes of a request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect

from console.ui.door import refusal
from console.ui.door.peer import client_address
from console.ui.door.rates import Rates

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES: Final = 1024 * 1024
_NO_PAGE: Final = re.compile(r"/(_nicegui|_nicegui_ws|assets|rt)/.*|/favicon\.ico|/door", re.DOTALL)
"""Any other path that there is answers with a page, whatever the method; it costs a hundred times as much."""
_LIMITS_ITSELF: Final = re.compile(r"/rt/[^/]+/microphone")


class TrafficGuard:
    """Refuse what is asked for too often or is too large."""

    def __init__(self, app: ASGIApp, rates: Rates) -> None:
        self._app = app
        self._rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 429 or 413."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_page = _NO_PAGE.fullmatch(scope["path"]) is None
        if is_page and await self._rates.note_page_load(client_address(scope)):
            await self._too_many_pages(scope)(scope, receive, send)
        elif _LIMITS_ITSELF.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
        else:
            await _Bounded(self._app, scope, receive, send).run()

    def _too_many_pages(self, scope: Scope) -> Response:
        most = self._rates.limits.pages
        pages = "a page" if most == 1 else f"{most} pages"
        why = (
            f"Your address has loaded {pages} within a minute. Whoever runs the console can allow "
            "more."
        )
        return refusal.page(
            429,
            "Too many pages",
            "Wait a moment, then reload.",
            why=(why,),
            accept=refusal.accepted_by(scope),
            headers={"retry-after": "60"},
        )


class _Bounded:
    """One request whose body is counted while it comes."""

    def __init__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        self._app = app
        self._scope = scope
        self._receive = receive
        self._send = send
        self._left = MAX_BODY_BYTES
        self._has_answered = False
        self._is_over = False

    async def run(self) -> None:
        """Pass the request on until its body is too large."""
        length = Headers(scope=self._scope).get("content-length", "0")
        if length.isdecimal() and int(length[:20]) > MAX_BODY_BYTES:
            await self._refuse()
            return
        try:
            await self._app(self._scope, self._receive_counted, self._send_unless_over)
        except ClientDisconnect:
            if not self._is_over:  # else it was we who told it so
                raise

    async def _receive_counted(self) -> Message:
        if self._is_over:
            return {"type": "http.disconnect"}
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left >= 0:
            return message
        if not self._has_answered:
            await self._refuse()
        self._is_over = True
        return {"type": "http.disconnect"}

    async def _send_unless_over(self, message: Message) -> None:
        if not self._is_over:
            self._has_answered = True
            await self._send(message)

    async def _refuse(self) -> None:
        response = refusal.page(
            413,
            "That is too much",
            f"A request may have {MAX_BODY_BYTES // 1024} KiB.",
            accept=refusal.accepted_by(self._scope),
            headers={"connection": "close"},
        )
        await response(self._scope, self._receive, self._send)
