"""Who may connect, and to what: hosts, origins, paths, keys, models, subprotocols."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs, urlsplit

import orjson
from websockets.datastructures import Headers, MultipleValuesError
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from console.errors import ProtocolError
from console.simulator.defaults import MODELS
from console.simulator.refusals import Refusal

PATH: Final = "/v1/realtime"
_SUBPROTOCOL: Final = Subprotocol("realtime")
_KEY_ENTRY: Final = "openai-insecure-api-key."
_BETA_ENTRY: Final = "openai-beta.realtime-v1"
_LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")
_ABOUT: Final = (
    "Realtime Console: simulator of the OpenAI Realtime API.\n"
    f"Connect a WebSocket client to {PATH}?model=gpt-realtime-2.1\n"
)


class RefusedSession(ProtocolError):
    """A connection that is accepted, told why it cannot be served, and closed."""

    def __init__(self, refusal: Refusal, close_code: int) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal
        self.close_code = close_code
        self.close_reason = f"{refusal.kind}.{refusal.code}"


@dataclass(frozen=True, slots=True)
class Gate:
    """The rules of the door."""

    port: int
    hosts: Collection[str] = ()
    """Host names served beside the loopback ones; with a port (``name:8082``) or without."""
    origins: Collection[str] = ()
    """Web origins whose pages may connect, beside pages of this server itself."""
    key: str | None = None
    """The only key that opens; any key, or none, without it."""
    models: Collection[str] | None = None
    """The only models served; any, without it."""

    def answer(self, request: Request) -> Response | None:
        """Return the HTTP answer to a request, or None when a WebSocket may be opened."""
        if not self._is_own_host(_single(request.headers, "Host")):
            return _text(HTTPStatus.BAD_REQUEST, "This host name is not served here.\n")
        if not self._is_allowed_origin(request.headers):
            return _text(HTTPStatus.FORBIDDEN, "Pages of this origin may not connect.\n")
        path = urlsplit(request.path).path
        if path == PATH:
            if request.headers.get("Upgrade", "").lower() == "websocket":
                return None
            return _text(HTTPStatus.UPGRADE_REQUIRED, "Open a WebSocket here.\n")
        if path == "/":
            return _text(HTTPStatus.OK, _ABOUT)
        if path == "/v1/models":
            return self._list_models()
        return _text(HTTPStatus.NOT_FOUND, f"There is nothing here. Sessions are at {PATH}.\n")

    def admit(self, request: Request) -> str:
        """Return the model of the session that an opened WebSocket asks for.

        Raises:
            RefusedSession: It cannot be served; the client is told inside the socket.
        """
        offered = _offered(request.headers)
        if "OpenAI-Beta" in request.headers or _BETA_ENTRY in offered:
            raise RefusedSession(
                Refusal(
                    "The Realtime Beta API is no longer supported. Please use /v1/realtime for "
                    "the GA API.",
                    code="beta_api_shape_disabled",
                ),
                4000,
            )
        self._check_key(_credential(request.headers, offered))
        query = parse_qs(urlsplit(request.path).query)
        for name in ("intent", "call_id"):
            if name in query:
                message = f"This simulator does not support '{name}' yet; connect with 'model'."
                raise RefusedSession(Refusal(message, param=name), 4000)
        return self._model((query.get("model") or [""])[0])

    def _check_key(self, key: str) -> None:
        if self.key is not None and not hmac.compare_digest(key.encode(), self.key.encode()):
            # The key itself is not repeated: it may be a real one.
            message = (
                "Incorrect API key provided. Use the key that this simulator was started with."
            )
            raise RefusedSession(Refusal(message, code="invalid_api_key"), 3000)

    def _model(self, model: str) -> str:
        if not model:
            message = (
                "You must provide a model parameter, for example "
                f"ws://127.0.0.1:{self.port}{PATH}?model=gpt-realtime-2.1"
            )
            raise RefusedSession(Refusal(message, code="missing_model"), 4000)
        if self.models is not None and model not in self.models:
            message = f'Model "{model}" is not supported in realtime mode.'
            raise RefusedSession(Refusal(message, code="invalid_model"), 4000)
        return model

    def _list_models(self) -> Response:
        data = [
            {"id": model, "object": "model", "created": 0, "owned_by": "simulator"}
            for model in (MODELS if self.models is None else self.models)
        ]
        body = orjson.dumps({"object": "list", "data": data})
        return _response(HTTPStatus.OK, "application/json", body)

    def _is_own_host(self, host: str | None) -> bool:
        return host is not None and host.lower() in self._own_hosts()

    def _own_hosts(self) -> set[str]:
        own = {f"{name}:{self.port}" for name in _LOOPBACK}
        if self.port == 80:
            own.update(_LOOPBACK)
        return own | {host.lower() for host in self.hosts}

    def _is_allowed_origin(self, headers: Headers) -> bool:
        if "Origin" not in headers:
            return True
        origin = (_single(headers, "Origin") or "").lower()
        own = {f"http://{host}" for host in self._own_hosts()}
        return origin in own | {each.lower().rstrip("/") for each in self.origins}


def select_subprotocol(offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """Return the subprotocol to answer with: `realtime` if offered, never a client's key."""
    return _SUBPROTOCOL if _SUBPROTOCOL in offered else None


def _credential(headers: Headers, offered: Sequence[str]) -> str:
    scheme, _, token = (_single(headers, "Authorization") or "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    if key := _single(headers, "api-key"):
        return key
    entries = (each for each in offered if each.startswith(_KEY_ENTRY))
    return next(entries, _KEY_ENTRY).removeprefix(_KEY_ENTRY)


def _offered(headers: Headers) -> list[str]:
    lines = headers.get_all("Sec-WebSocket-Protocol")
    return [each.strip() for line in lines for each in line.split(",")]


def _single(headers: Headers, name: str) -> str | None:
    try:
        return headers.get(name)
    except MultipleValuesError:
        return None


def _text(status: HTTPStatus, text: str) -> Response:
    return _response(status, "text/plain; charset=utf-8", text.encode())


def _response(status: HTTPStatus, content_type: str, body: bytes) -> Response:
    headers = Headers(
        [
            ("Content-Type", content_type),
            ("Content-Length", str(len(body))),
            ("X-Content-Type-Options", "nosniff"),
            ("Connection", "close"),
        ]
    )
    return Response(status.value, status.phrase, headers, body)


def refuse(status: int) -> Response:
    """Return a bare refusal of the handshake with any status."""
    return _text(HTTPStatus(status), "Refused.\n")
