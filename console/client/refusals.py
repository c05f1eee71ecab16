"""Why a connection could not be made, as one sentence by cause."""

from __future__ import annotations

import ssl
from typing import Final
from urllib.parse import urlsplit

import websockets

from console.errors import ConnectCause, ConnectError
from console.realtime.events import Event
from console.realtime.fields import mapping, text
from console.transport import Closed

_CODES: Final[dict[str, ConnectCause]] = {
    "invalid_api_key": "key",
    "missing_api_key": "key",
    "expired_api_key": "key",
    "missing_model": "model",
    "invalid_model": "model",
    "model_not_found": "model",
    "insufficient_quota": "quota",
    "rate_limit_exceeded": "quota",
    "inference_rate_limit_exceeded": "quota",
    "beta_api_shape_disabled": "protocol",
}
_STATUSES: Final[dict[int, ConnectCause]] = {
    400: "model",
    401: "key",
    403: "permission",
    404: "model",
    429: "quota",
}


MIN_SHOWN_KEY: Final = 12
"""Of a shorter key not even the last four characters are shown."""


class Refusals:
    """Words for one attempt to connect. Of the key it ever shows the last four characters."""

    def __init__(self, url: str, model: str, api_key: str | None) -> None:
        self._where = _host_and_port(url)
        self._is_secure = url.startswith("wss:")
        self._model = model
        self._api_key = api_key

    def from_exception(self, error: Exception, timeout_s: float) -> ConnectError:
        """Return what an exception of the transport means."""
        if isinstance(error, websockets.InvalidStatus):
            return self._from_status(error.response.status_code)
        if isinstance(error, ssl.SSLError) or (
            isinstance(error, websockets.InvalidHandshake)
            and isinstance(error.__cause__, ssl.SSLError)
        ):
            return self._error("tls", detail=_tls_reason(error))
        if isinstance(error, TimeoutError):
            return self.timed_out(timeout_s)
        if isinstance(error, ConnectionResetError | ConnectionAbortedError):
            # What a server without TLS does when it is offered some.
            return self._error("tls" if self._is_secure else "server", detail="it hung up")
        if isinstance(error, OSError):
            return self._error("unreachable")
        return self._error("protocol")

    def timed_out(self, timeout_s: float) -> ConnectError:
        """Return that the server did not begin a session in time."""
        return self._error("timeout", detail=f"{timeout_s:g} s")

    def from_session(self, error: Event | None, closed: Closed | None) -> ConnectError:
        """Return what an error, a close, or both before the session began mean."""
        fields = mapping(error.fields, "error") if error is not None else {}
        code = text(fields, "code") or _code_of_reason(closed)
        default: ConnectCause = "key" if closed is not None and closed.code == 3000 else "server"
        said = text(fields, "message") or (closed.reason if closed is not None else "")
        if not said and closed is not None:
            said = f"close code {closed.code}"
        return self._error(_CODES.get(code, default), detail=self._without_key(said))

    def _from_status(self, status: int) -> ConnectError:
        cause: ConnectCause = _STATUSES.get(status, "server" if status >= 500 else "protocol")
        return self._error(cause, detail=f"HTTP {status}")

    def _error(self, cause: ConnectCause, detail: str = "") -> ConnectError:
        where, model = self._where, self._model
        told = f" ({detail.rstrip('.')})" if detail else ""
        sentence = {
            # The service quotes the key in its own words, so these stay out.
            "key": f"{where} {self._why_not_let_in()}.",
            "permission": f"{where} does not give {self._whoever_asks()} access{told}.",
            "model": f"{where} does not offer the model {model!r}{told}.",
            "quota": f"{where} refused: the quota or rate limit is used up{told}.",
            "unreachable": f"Nothing answers at {where}; check the address and the network.",
            "tls": f"No secure connection to {where} could be made{told}.",
            "timeout": f"{where} did not begin a session in time{told}.",
            "server": f"{where} ended the connection before a session began{told}.",
            "protocol": f"{where} does not speak the Realtime protocol as expected{told}.",
        }[cause]
        is_retryable = cause in ("quota", "unreachable", "timeout", "server")
        return ConnectError(sentence, cause=cause, retryable=is_retryable)

    def _why_not_let_in(self) -> str:
        if not self._api_key:
            return "asks for an API key, and none was given"
        return f"did not accept {self._whoever_asks()}"

    def _whoever_asks(self) -> str:
        if not self._api_key:
            return "requests without an API key"
        if len(self._api_key) < MIN_SHOWN_KEY:
            return "the API key"
        return f"the API key ending in {self._api_key[-4:]}"

    def _without_key(self, said: str) -> str:
        """Return the server's words, or nothing when they quote a part of the key."""
        key = self._api_key or ""
        if any(key[at : at + 6] in said for at in range(len(key) - 5)):
            return ""
        return " ".join(said.split())[:300]


def _host_and_port(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "the given URL"
    if not parts.hostname:
        return "the given URL"
    if port is None:
        port = 443 if parts.scheme in ("wss", "https") else 80
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{host}:{port}"


def _code_of_reason(closed: Closed | None) -> str:
    """Return the code in a close reason such as `invalid_request_error.invalid_api_key`."""
    return closed.reason.rpartition(".")[2] if closed is not None else ""


def _tls_reason(error: Exception) -> str:
    cause = error if isinstance(error, ssl.SSLError) else error.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate was not accepted: {cause.verify_message}"
    reason = getattr(cause, "reason", None)
    return str(reason).replace("_", " ").lower() if reason else ""
