"""Why there is no session, as one sentence by cause."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
import websockets
from websockets.datastructures import Headers
from websockets.http11 import Response

from console.client.credentials import Credentials
from console.errors import ConnectCause, ConnectError
from console.realtime.events import Event
from console.realtime.fields import mapping, text
from console.transport import Closed

_CODES: Final[dict[str, ConnectCause]] = {
    "invalid_api_key": "key",
    "missing_api_key": "key",
    "expired_api_key": "key",
    "unsupported_country_region_territory": "region",
    "missing_model": "model",
    "invalid_model": "model",
    "model_not_found": "model",
    "DeploymentNotFound": "model",
    # Azure's spelling.
    "OpperationNotSupported": "model",
    "insufficient_quota": "quota",
    "billing_hard_limit_reached": "quota",
    "billing_not_active": "quota",
    "rate_limit_exceeded": "rate_limit",
    "inference_rate_limit_exceeded": "rate_limit",
    "beta_api_shape_disabled": "beta",
    "missing_beta_header": "version",
    "beta_header_required": "version",
    "session_expired": "expired",
}
_MAY_BE_THE_MODEL: Final = frozenset({400, 404})
_STATUSES: Final[dict[int, ConnectCause]] = {
    400: "model",
    401: "key",
    402: "quota",
    403: "permission",
    404: "model",
    407: "proxy",
    413: "too_large",
    426: "version",
    429: "rate_limit",
    451: "region",
    511: "portal",
}
_CLOSE_CODES: Final[dict[int, ConnectCause]] = {
    1000: "ended",
    1002: "garbage",
    1006: "lost",
    # What was no UTF-8, whichever side has found it.
    1007: "garbage",
    1008: "policy",
    1009: "too_large",
    3000: "key",
    3003: "permission",
}
_RETRYABLE: Final = frozenset(
    {"rate_limit", "dns", "offline", "unreachable", "timeout", "server", "lost", "garbage",
     "expired"}
)  # fmt: skip
_PASSING: Final = frozenset({408, 409, 421, 425})
"""Statuses below 500 that a server, or what stands before it, gives while it comes up."""
_LAST_OF_THE_PROTOCOLS_CLOSES: Final = 3999
"""From 4000 on an application says what it refuses, and refuses it again."""
_HUNG_UP: Final = "it hung up"
_OFFLINE: Final = frozenset(
    {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL}
)


@dataclass(frozen=True, slots=True)
class _Said:
    """What the server says about its refusal, in JSON, wherever it says it."""

    code: str = ""
    message: str = ""
    kind: str = ""

    @classmethod
    def of_error(cls, error: Mapping[str, Any]) -> _Said:
        kind, message = text(error, "type"), text(error, "message")
        code = text(error, "code")
        if code not in _CODES and "openai-beta" in message.lower():
            code = "missing_beta_header"
        return cls(code or kind, message, kind)

    @classmethod
    def of_event(cls, event: Event | None) -> _Said:
        return cls.of_error(mapping(event.fields, "error")) if event is not None else cls()

    @classmethod
    def of_body(cls, body: bytes | bytearray | None) -> _Said:
        try:
            parsed = orjson.loads(body or b"")
        except orjson.JSONDecodeError:
            plain = bytes(body or b"").decode(errors="replace")
            return cls() if plain.lstrip().startswith("<") else cls(message=plain)
        if isinstance(parsed, str):
            return cls(message=parsed)
        if not isinstance(parsed, dict):
            return cls()
        said = cls.of_error(mapping(parsed, "error") or parsed)
        plain = text(parsed, "error") or text(parsed, "detail")
        return said if said.message else cls(said.code, plain, said.kind)


class Refusals:
    """Words for one server. Of the key they show the last four characters at the most."""

    def __init__(
        self, url: str, subject: str, credentials: Credentials, *, was_let_in: bool = False
    ) -> None:
        """Prepare the words.

        Args:
            url: Of the server.
            subject: What is asked for, such as "model 'x'".
            credentials: Kept out of all words.
            was_let_in: Whether the server has begun a session at this address before: then a
                line that breaks is the network's doing or the server's, not the address's.
        """
        self._was_let_in = was_let_in
        self._where = _host_and_port(url)
        self._is_secure = url.startswith(("wss:", "https:"))
        self._path = _path(url)
        self._subject = f"the {subject}" if subject.startswith("model ") else subject
        self._credentials = credentials

    @property
    def host(self) -> str:
        """The server as the sentences name it."""
        return self._where

    def from_exception(self, error: Exception, timeout_s: float) -> ConnectError:
        """Return what an exception of the transport means."""
        if isinstance(error, websockets.InvalidStatus):
            return self._from_response(error.response)
        if isinstance(error, websockets.ProxyError):
            return self._error("proxy")
        if _hung_up(error) and (self._was_let_in or isinstance(error, websockets.InvalidMessage)):
            return self._error("server", detail=_HUNG_UP)
        if isinstance(error, ssl.SSLError) or (
            isinstance(error, websockets.InvalidHandshake)
            and isinstance(error.__cause__, ssl.SSLError)
        ):
            return self._error("tls", detail=_tls_reason(error))
        if isinstance(error, TimeoutError):
            return self.timed_out(timeout_s)
        if _hung_up(error):
            # What a server without TLS does when it is offered some.
            return self._error("tls" if self._is_secure else "server", detail=_HUNG_UP)
        if isinstance(error, socket.gaierror):
            return self._error("dns")
        if isinstance(error, OSError):
            return self._error("offline" if error.errno in _OFFLINE else "unreachable")
        return self._error("protocol")

    def timed_out(self, timeout_s: float) -> ConnectError:
        """Return that the server did not begin a session in time."""
        return self._error("timeout", detail=f"{timeout_s:g} s")

    def from_session(self, error: Event | None, closed: Closed | None) -> ConnectError:
        """Return what an error, a close, or both before the session began mean."""
        said = _Said.of_event(error)
        cause = _CODES.get(said.code) or _cause_of_close(closed)
        if cause is None or cause in ("ended", "lost"):
            # Before a session began, the server has refused one without giving a reason.
            cause = "server"
        message = said.message or (closed.reason if closed is not None else "")
        if not message and closed is not None:
            message = f"close code {closed.code}"
        refusal = self._error(cause, detail=self._credentials.without_secrets(message))
        if said.kind == "invalid_request_error" or _is_of_the_application(closed):
            # Whatever is wrong with what we ask for: it will be wrong again.
            refusal.retryable = refusal.retryable and cause != "server"
        return refusal

    def ended(self, error: Event | None, closed: Closed) -> ConnectError:
        """Return what the end of a session that had begun means.

        Args:
            error: The `error` that came last, if it came just before.
            closed: How the line ended.
        """
        said = _Said.of_event(error)
        cause = _cause_of_close(closed) or _CODES.get(said.code)
        if cause in (None, "ended", "lost") and said.code in _CODES:
            cause = _CODES[said.code]
        detail = self._credentials.without_secrets(said.message or closed.reason)
        match cause:
            case "ended":
                return ConnectError("Session ended by the server.", cause="ended")
            case "lost":
                return ConnectError("The connection was lost.", cause="lost", retryable=True)
            case "garbage":
                sentence = f"{self._where} sent what is no event"
            case "expired":
                sentence = f"{self._where} ended the session: it was too old"
            case None:
                told = f"{closed.code}: {detail}" if detail else f"{closed.code}"
                return ConnectError(
                    f"{self._where} closed the connection ({told.rstrip('.')}).",
                    cause="server",
                    # Codes of applications (4000 and up) and of wrong data say that it would not
                    # help to come again; the others speak of the server's own state.
                    retryable=closed.code in (1001, 1005, 1011, 1012, 1013, 1014, 3008),
                )
            case _:
                return self._error(cause, detail)
        return ConnectError(f"{sentence}.", cause=cause, retryable=True)

    def _from_response(self, response: Response) -> ConnectError:
        status, said = response.status_code, _Said.of_body(response.body)
        cause: ConnectCause | None = _CODES.get(said.code)
        if cause is None and 300 <= status < 400:
            return ConnectError(
                f"{self._where} points to another address (HTTP {status}), where no key is sent; "
                "give that address, or if this network wants a sign-in, sign in with a browser "
                "first.",
                cause="portal",
            )
        if cause is None and _is_web_page(response) and status in (200, 400, 404):
            # A sign-in page of the network, or a web server that knows nothing of the protocol.
            cause = "portal"
        if cause is None:
            is_passing = status >= 500 or status in _PASSING
            cause = _STATUSES.get(status, "server" if is_passing else "protocol")
        if cause == "server":
            return ConnectError(
                f"{self._where} is having trouble ({status}).",
                cause="server",
                retryable=True,
                retry_after_s=_retry_after_s(response.headers),
            )
        words = self._credentials.without_secrets(said.message)
        if cause == "model" and words and said.code not in _CODES and status in _MAY_BE_THE_MODEL:
            # It may speak of the model, of the path, or of anything else that we ask for.
            return ConnectError(
                f"{self._where} answered {status} at {self._path}: {words.rstrip('.')}.",
                cause="protocol",
            )
        detail = f"HTTP {status}: {words}" if words else f"HTTP {status}"
        return self._error(cause, detail, _retry_after_s(response.headers))

    def _error(
        self, cause: ConnectCause, detail: str = "", retry_after_s: float | None = None
    ) -> ConnectError:
        where, subject = self._where, self._subject
        host = where.rpartition(":")[0] or where
        told = f" ({detail.rstrip('.')})" if detail else ""
        sentences: dict[ConnectCause, str] = {
            # The service quotes the key in its own words, so these stay out.
            "key": f"{where} {self._why_not_let_in()}.",
            "permission": f"{where} does not give {self._credentials.in_words} access{told}.",
            "region": f"{where} does not serve this country or region{told}.",
            "model": f"{where} does not offer {subject}{told}.",
            "quota": f"The account at {where} is out of credit{told}.",
            "rate_limit": f"{where} asks to slow down: too many requests{told}.",
            "policy": f"{where} ended the connection by its policy{told}.",
            "dns": f"Can't find {host}. Check the internet connection.",
            "offline": f"There is no way to {host}. Check the internet connection.",
            "unreachable": f"Nothing answers at {where}; check the address and the network.",
            "proxy": f"The proxy on the way to {where} did not let the connection through{told}.",
            "portal": f"A web page answers in place of {where}{told}; if this network wants a "
            "sign-in, sign in with a browser first.",
            "tls": f"No secure connection to {where} could be made{told}.",
            "timeout": f"{where} did not begin a session in time{told}.",
            "server": f"{where} ended the connection before a session began{told}.",
            "beta": f"{where} has switched the beta form of the protocol off{told}; connect "
            "without the OpenAI-Beta header.",
            "version": f"{where} asks for another version of the protocol{told}.",
            "expired": f"{where} says that the session is too old{told}.",
            "too_large": f"{where} sent or was sent a message that is too large{told}.",
        }
        unclear = f"{where} does not speak the Realtime protocol as expected{told}."
        return ConnectError(
            sentences.get(cause, unclear),
            cause=cause,
            retryable=cause in _RETRYABLE,
            retry_after_s=retry_after_s,
        )

    def _why_not_let_in(self) -> str:
        if not self._credentials:
            return "asks for an API key, and none was given"
        return f"did not accept {self._credentials.in_words}"


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


def _path(url: str) -> str:
    try:
        return urlsplit(url).path or "/"
    except ValueError:
        return "the given URL"


def _cause_of_close(closed: Closed | None) -> ConnectCause | None:
    """Return the cause that a close names: by a reason such as `kind.code`, or by its number."""
    if closed is None:
        return None
    by_reason = _CODES.get(closed.reason.rpartition(".")[2])
    return by_reason or _CLOSE_CODES.get(closed.code)


def _is_of_the_application(closed: Closed | None) -> bool:
    return closed is not None and closed.code > _LAST_OF_THE_PROTOCOLS_CLOSES


def _hung_up(error: Exception) -> bool:
    """Return whether the line ended before there was an answer, or in the middle of one."""
    if isinstance(error, websockets.InvalidMessage):
        cause = error.__cause__
        if not isinstance(cause, EOFError):
            return False
        # The status line may have ended because there was none, or since it is of no HTTP.
        is_of_status = "status line" in str(cause)
        return not is_of_status or "after 0 bytes" in str(cause.__cause__)
    if isinstance(error, ssl.SSLError):
        return isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError)
    return isinstance(error, ConnectionError) and not isinstance(error, ConnectionRefusedError)


def _is_web_page(response: Response) -> bool:
    kind = ",".join(response.headers.get_all("Content-Type")).lower()
    return "text/html" in kind or bytes(response.body or b"").lstrip()[:1] == b"<"


def _retry_after_s(headers: Headers) -> float | None:
    """Return what a `Retry-After` header asks for in seconds; None without a usable one."""
    value = next(iter(headers.get_all("Retry-After")), "").strip()
    if value.isdecimal():
        return float(value)
    date = next(iter(headers.get_all("Date")), "")
    try:
        # The server's clock against the server's clock: ours may be wrong.
        return max(
            0.0, (parsedate_to_datetime(value) - parsedate_to_datetime(date)).total_seconds()
        )
    except (TypeError, ValueError):
        return None


def _tls_reason(error: Exception) -> str:
    cause = error if isinstance(error, ssl.SSLError) else error.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate was not accepted: {cause.verify_message}"
    reason = getattr(cause, "reason", None)
    return str(reason).replace("_", " ").lower() if reason else ""
