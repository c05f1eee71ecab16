"""HTTP calls beside the WebSocket: one question, one answer, or one sentence why there is none."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import orjson

from console.client.targets import Target
from console.errors import ConnectCause, ConnectError
from console.realtime.fields import mapping, text
from console.transport import machine_trust

MAX_BODY_BYTES: Final = 1024 * 1024
_CAUSES: Final[dict[int, ConnectCause]] = {
    401: "key",
    403: "permission",
    404: "model",
    407: "proxy",
    429: "rate_limit",
    451: "region",
}
_NO_CREDIT: Final = frozenset(
    {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}
)
_RETRYABLE: Final = frozenset({"rate_limit", "dns", "unreachable", "timeout", "server"})
_WHY: Final[dict[ConnectCause, str]] = {
    "key": "it did not accept {what}",
    "permission": "{what} has no access to it",
    "region": "it does not serve this country or region",
    "model": "there is no such thing",
    "quota": "the account is out of credit",
    "rate_limit": "it asks to slow down",
    "proxy": "a proxy on the way refused",
    "server": "it is in trouble",
}


async def post(
    target: Target,
    *steps: str,
    body: Mapping[str, Any] | None = None,
    action: str,
    timeout_s: float,
) -> bytes:
    """Ask the server of `target` and return what it answers.

    No redirect is followed, so the key stays with its host; no proxy is asked.

    Args:
        target: The server and the key.
        steps: The path after `.../realtime`.
        body: Sent as JSON.
        action: What is asked for, as in "The server did not `make a client secret`".
        timeout_s: For all of it.

    Raises:
        ConnectError: There is no answer, or a refusal; `cause` and the sentence say why.
        ValueError: The body holds what JSON cannot carry.
    """
    try:
        content = orjson.dumps(body) if body is not None else b""
    except orjson.JSONEncodeError as error:
        raise ValueError(f"This cannot be sent as JSON: {error}.") from error
    return await _ask("POST", target, target.rest_url(*steps), content, action, timeout_s)


async def get(target: Target, *, action: str, timeout_s: float) -> bytes:
    """Ask for what is at the URL of `target`, as a web address; otherwise as `post`.

    Args:
        target: The server, the path and the key.
        action: What is asked for, as in "The server did not `list its sessions`".
        timeout_s: For all of it.

    Raises:
        ConnectError: There is no answer, or a refusal; `cause` and the sentence say why.
    """
    return await _ask("GET", target, target.rest_url(), b"", action, timeout_s)


async def _ask(
    method: str, target: Target, url: str, content: bytes, action: str, timeout_s: float
) -> bytes:
    question, headers = _Question(target, action), target.handshake_headers()
    try:
        async with asyncio.timeout(timeout_s):
            status, answer = await _fetch(method, url, headers, content)
    except (TimeoutError, httpx.TimeoutException) as error:
        raise question.failed("timeout", f"it did not answer within {timeout_s:g} s") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise question.unanswered(error) from error
    if answer is None:
        raise question.failed("protocol", "it answered more than can be used")
    if not 200 <= status < 300:
        raise question.refused(status, answer)
    return answer


async def _fetch(
    method: str, url: str, headers: Mapping[str, str], body: bytes
) -> tuple[int, bytes | None]:
    """Return status and body; None instead of a body that is too large."""
    answer = bytearray()
    is_secure = url.startswith("https:")
    verify = await asyncio.to_thread(machine_trust) if is_secure else False
    sent = {"Content-Type": "application/json", **headers} if body else dict(headers)
    async with (
        httpx.AsyncClient(
            timeout=None, follow_redirects=False, trust_env=False, verify=verify
        ) as http,
        http.stream(method, url, headers=sent, content=body) as response,
    ):
        async for piece in response.aiter_bytes():
            answer += piece
            if len(answer) > MAX_BODY_BYTES:
                return response.status_code, None
        return response.status_code, bytes(answer)


class _Question:
    """Words for one question that went wrong. What lets us in is in none of them."""

    def __init__(self, target: Target, action: str) -> None:
        self._credentials = target.credentials
        self._where = urlsplit(target.public_url).netloc
        self._action = action

    def failed(self, cause: ConnectCause, why: str) -> ConnectError:
        return ConnectError(
            f"{self._where} did not {self._action}: {why}.",
            cause=cause,
            retryable=cause in _RETRYABLE,
        )

    def unanswered(self, error: Exception) -> ConnectError:
        if (reason := _tls_reason(error)) is not None:
            return self.failed("tls", f"no secure connection could be made ({reason})")
        if _find(error, socket.gaierror) is not None:
            return self.failed("dns", "it cannot be found; check the internet connection")
        if isinstance(error, httpx.ConnectError):
            return self.failed("unreachable", "nothing answers there; check address and network")
        return self.failed("server", "it broke the connection off")

    def refused(self, status: int, body: bytes) -> ConnectError:
        code, message = _said(body)
        cause = _CAUSES.get(status, "server" if status >= 500 else "protocol")
        if code in _NO_CREDIT:
            cause = "quota"
        if 300 <= status < 400:
            return self.failed(cause, f"it points elsewhere (HTTP {status}), where no key is sent")
        why = _WHY.get(cause, "it refused").format(
            what=self._credentials.what or "who shows no key"
        )
        if not self._credentials and cause == "key":
            why = "it asks for an API key, and none was given"
        quoted = self._credentials.without_secrets(message).rstrip(".")
        return self.failed(cause, f"{why} (HTTP {status}{f': {quoted}' if quoted else ''})")


def _said(body: bytes) -> tuple[str, str]:
    """Return the code and the words of an error; empty where there are none."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "", ""
    if not isinstance(answer, dict):
        return "", ""
    error = mapping(answer, "error")
    return text(error, "code"), text(error, "message") or text(answer, "error")


def _tls_reason(error: BaseException) -> str | None:
    """Return why TLS failed, if that is at the root of `error`."""
    found = _find(error, ssl.SSLError)
    if isinstance(found, ssl.SSLCertVerificationError):
        return f"its certificate was not accepted: {found.verify_message}"
    if isinstance(found, ssl.SSLError):
        return (found.reason or "the handshake failed").replace("_", " ").lower()
    return None


def _find(error: BaseException | None, kind: type[BaseException]) -> BaseException | None:
    """Return the exception of a kind that `error` is or comes from."""
    while error is not None and not isinstance(error, kind):
        error = error.__cause__ or error.__context__
    return error
