"""Who asks, from where, and in which dialect: what the head of a request tells."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import urlsplit

from websockets.datastructures import Headers, MultipleValuesError
from websockets.http11 import Response
from websockets.typing import Subprotocol

from console.errors import ProtocolError
from console.loopback import is_loopback
from console.realtime.dialect import BETA_HEADERS, BETA_SUBPROTOCOL
from console.realtime.refusal import Refusal
from console.serving import answers

REALTIME: Final = Subprotocol("realtime")
KEY_ENTRY: Final = "openai-insecure-api-key."
"""Browsers can set no headers: their key follows this, as one of the subprotocols."""
_HOST: Final = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^:\[\]]+))(?::[0-9]{1,5})?")
_LEAST_SHOWN: Final = 20
"""Of a shorter key nothing is shown but its kind."""
_KINDS: Final = ("ek_", "sk-")


class RequestHead(Protocol):
    """The part of a request that says who asks for what."""

    @property
    def path(self) -> str:
        """Path and query."""

    @property
    def headers(self) -> Headers:
        """What else is said."""


class RefusedSession(ProtocolError):
    """A connection that is accepted, told why it cannot be served, and closed."""

    def __init__(self, refusal: Refusal, close_code: int = 4000) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal
        self.close_code = close_code


@dataclass(frozen=True, slots=True)
class OwnNames:
    """Under which names a server is reached, and whose pages may use it."""

    hosts: Collection[str] = ()
    """Host names served beside the loopback ones; with a port (``name:8082``) or without."""
    origins: Collection[str] = ()
    """Web origins whose pages may connect, beside those of this machine, at whatever port."""
    takes_addresses: bool = False
    """Whether an IP address may stand in the place of a name: nobody else can lead one here."""
    where_named: str = ""
    """Where those who run the server name hosts and origins, as a sentence for who is refused."""

    def turn_away(self, request: RequestHead) -> Response | None:
        """Return the answer to a request from where none may come, or to nowhere, or None."""
        if not _is_target(request.path):
            return answers.text(400, "The target of this request cannot be read.\n")
        if not self._is_own_host(single(request.headers, "Host")):
            return self._refused(400, "This host name is not served here.")
        if not self._is_allowed_origin(request.headers):
            return self._refused(403, "Pages of this origin may not connect.")
        return None

    def _refused(self, status: int, sentence: str) -> Response:
        return answers.text(status, f"{sentence} {self.where_named}".rstrip() + "\n")

    def _is_own_host(self, host: str | None) -> bool:
        if host is None:
            return False
        name = host.lower()
        is_address = self.takes_addresses and _is_address(name)
        return is_address or _is_loopback(name) or name in self._own_hosts

    @property
    def _own_hosts(self) -> set[str]:
        return {host.lower() for host in self.hosts}

    def _is_allowed_origin(self, headers: Headers) -> bool:
        if "Origin" not in headers:
            return True
        origin = (single(headers, "Origin") or "").lower()
        scheme, _, host = origin.partition("://")
        if scheme in {"http", "https"} and (_is_loopback(host) or host in self._own_hosts):
            return True
        return origin in {each.lower().rstrip("/") for each in self.origins}


def _is_target(path: str) -> bool:
    """Return whether it is a path and a query that whoever serves them can take apart."""
    try:
        urlsplit(path)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    """Return whether `host` is this machine's own, at any port: it may be a tunnel's or a map's."""
    return is_loopback(_bare(host))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(_bare(host))
    except ValueError:
        return False
    return True


def _bare(host: str) -> str:
    """Return a host without its port and brackets; empty if it is none."""
    found = _HOST.fullmatch(host)
    return (found[1] or found[2]) if found is not None else ""


def select_subprotocol(offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """Return the subprotocol to answer with: `realtime` if offered, never a client's key."""
    return REALTIME if REALTIME in offered else None


def credential(headers: Headers) -> str:
    """Return the key that a request shows, in whatever place; empty for none."""
    scheme, _, token = (single(headers, "Authorization") or "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    if key := single(headers, "api-key"):
        return key
    entries = (each for each in _offered(headers) if each.startswith(KEY_ENTRY))
    return next(entries, KEY_ENTRY).removeprefix(KEY_ENTRY)


def masked(key: str) -> str:
    """Return as much of a key as its owner needs to know which one it is."""
    kind = next((each for each in _KINDS if key.startswith(each)), "")
    if not key:
        return "none was given"
    return f"{kind}***{key[-4:]}" if len(key) >= _LEAST_SHOWN else f"{kind}***"


def asks_for_beta(headers: Headers) -> bool:
    """Return whether the client wants to speak the beta, by a header or a subprotocol."""
    asked = any(
        value in [each.strip() for line in headers.get_all(name) for each in line.split(",")]
        for name, value in BETA_HEADERS.items()
    )
    return asked or BETA_SUBPROTOCOL in _offered(headers)


def single(headers: Headers, name: str) -> str | None:
    """Return the only value of a header; None without one, or with several."""
    try:
        return headers.get(name)
    except MultipleValuesError:
        return None


def _offered(headers: Headers) -> list[str]:
    lines = headers.get_all("Sec-WebSocket-Protocol")
    return [each.strip() for line in lines for each in line.split(",")]
