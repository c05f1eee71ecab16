"""The relay's own routes: health, metrics, the operator's page, and the lines of those who watch."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.http11 import Response

from console.realtime import observed
from console.realtime.refusal import Refusal
from console.relay.metrics import CONTENT_TYPE, Metrics
from console.relay.ports import Admission
from console.relay.session_table import SessionTable
from console.relay.watch import Watch
from console.serving import answers, caller
from console.serving.caller import RequestHead
from console.serving.http_exchange import HttpRequest, peer_address
from console.transport import WebSocketTransport

PAGE_PATH: Final = "/relay"
WRONG_TOKEN: Final = 3000
"""Close code: the credentials are not good."""
_PAGE: Final = Path(__file__).with_name("page")
_FILES: Final = {
    PAGE_PATH: ("page.html", "text/html; charset=utf-8"),
    f"{PAGE_PATH}/page.css": ("page.css", "text/css; charset=utf-8"),
    f"{PAGE_PATH}/page.js": ("page.js", "text/javascript; charset=utf-8"),
}
_PAGE_HEADERS: Final = (
    (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-cache"),
)
_NOT_KEPT: Final = (("Cache-Control", "no-store"),)
_ASK: Final = (("WWW-Authenticate", 'Bearer realm="relay"'),)
_NOT_AN_OPERATOR: Final = Refusal(
    "This is for the relay's operators. Show an operator's token as `Authorization: Bearer ...`.",
    code="invalid_api_key",
)


class RelayOperation:
    """Answers whoever runs the relay; an `Operation`."""

    def __init__(
        self,
        *,
        operator: Callable[[str], str | None],
        admission: Admission,
        is_ready: Callable[[], Awaitable[bool]],
        is_accepting: Callable[[], bool],
        address_of: Callable[[str, Headers], str],
        table: SessionTable,
        metrics: Metrics,
        watch: Watch,
    ) -> None:
        """Prepare the routes.

        Args:
            operator: Returns the name of the operator whose token it is; None of others.
            admission: Counts those who guess.
            is_ready: Whether somebody could be let in now.
            is_accepting: Whether anybody is to be let in: not while the relay ends.
            address_of: Returns from where somebody comes, by the peer and what a proxy says of it.
            table: What the page shows.
            metrics: What Prometheus may ask.
            watch: Shows sessions to those who watch.
        """
        self._operator = operator
        self._admission = admission
        self._is_ready = is_ready
        self._is_accepting = is_accepting
        self._address_of = address_of
        self._table = table
        self._metrics = metrics
        self._watch = watch
        self._files = {
            path: (content_type, (_PAGE / name).read_bytes())
            for path, (name, content_type) in _FILES.items()
        }

    async def answer(self, request: HttpRequest) -> Response | None:
        """Return the answer to a request; None where there is nothing."""
        path = urlsplit(request.path).path
        if path not in {"/healthz", "/readyz", "/metrics", observed.SESSIONS_PATH, *_FILES}:
            return None
        if request.method not in {"GET", "HEAD"}:
            return answers.text(405, "Only GET is served here.\n")
        match path:
            case "/healthz":
                return answers.text(200, "ok\n")
            case "/readyz":
                return await self._readiness()
            case "/metrics":
                return await self._for_operators(request, self._exposition)
            case observed.SESSIONS_PATH:
                return await self._for_operators(request, self._sessions)
            case _:
                content_type, body = self._files[path]
                return answers.response(200, content_type, body, _PAGE_HEADERS)

    def wants(self, path: str) -> bool:
        """Return whether a WebSocket at a path is one of those who watch."""
        return urlsplit(path).path.startswith(f"{observed.SESSIONS_PATH}/")

    async def serve(self, connection: ServerConnection, let_in: Callable[[], None]) -> None:
        """Show a session to somebody who watches."""
        request = connection.request
        assert request is not None, "a handshake has been answered"
        line = WebSocketTransport(connection)
        try:
            peer = peer_address(connection.transport)
            refusal = await self._refuse(request, self._address_of(peer, request.headers))
            if refusal is not None:
                await line.close(WRONG_TOKEN, refusal.code or "")
                return
            let_in()
            path = urlsplit(request.path).path
            session_id = unquote(path.removeprefix(f"{observed.SESSIONS_PATH}/"))
            await self._watch.serve(line, session_id)
        finally:
            await line.close(1001, "the relay ends")

    async def _readiness(self) -> Response:
        if not self._is_accepting():
            return answers.text(503, "ending\n")
        if not await self._is_ready():
            return answers.text(503, "the counters cannot be reached, or are new\n")
        return answers.text(200, "ready\n")

    async def _for_operators(self, request: HttpRequest, give: Callable[[], Response]) -> Response:
        refusal = await self._refuse(request, request.address)
        if refusal is None:
            return give()
        if refusal.code == _NOT_AN_OPERATOR.code:
            return answers.error(401, refusal, _ASK)
        return answers.error(429, refusal)

    async def _refuse(self, request: RequestHead, address: str) -> Refusal | None:
        """Return why somebody may not look; None: they are an operator."""
        if (refusal := await self._admission.knock(address)) is not None:
            return refusal
        token = caller.credential(request.headers)
        if token and self._operator(token) is not None:
            return None
        if token:
            await self._admission.wrong_token(address)
        return _NOT_AN_OPERATOR

    def _exposition(self) -> Response:
        body = self._metrics.exposition(is_draining=not self._is_accepting())
        return answers.response(200, CONTENT_TYPE, body, _NOT_KEPT)

    def _sessions(self) -> Response:
        body = observed.dump_list(self._table.rows())
        return answers.response(200, "application/json", body, _NOT_KEPT)
