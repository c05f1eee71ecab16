"""URLs and headers of a server: read, completed, and checked before a key goes there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Protocol, runtime_checkable
from urllib.parse import SplitResult, parse_qs, quote, urlencode, urlsplit, urlunsplit

from console.errors import ConnectError
from console.loopback import is_loopback

UNREADABLE: Final = "The server's URL cannot be read; it should look like wss://host/path."
_AS_WEBSOCKET: Final = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
_AS_WEB: Final = {"ws": "http", "wss": "https", "http": "http", "https": "https"}


@runtime_checkable
class Secret(Protocol):
    """Something that hides a key, such as `pydantic.SecretStr`."""

    def get_secret_value(self) -> str:
        """Return the key."""


def public(url: str) -> str:
    """Return `url` without what may be secret: query, user and password."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(unusable URL)"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def query_of(url: str) -> dict[str, str]:
    """Return the query, of each name the first value; nothing of a URL that cannot be read."""
    try:
        query = urlsplit(url).query
    except ValueError:
        return {}
    return {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}


def web_address(url: str) -> SplitResult | None:
    """Return the parts of a WebSocket or web URL with a host; None for anything else."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.scheme in _AS_WEBSOCKET and parts.hostname else None


def websocket_url(url: str) -> str:
    """Return `url` as one of a WebSocket, where a web address was given.

    Raises:
        ConnectError: It cannot be read.
    """
    parts = _parts(url)
    return urlunsplit(parts._replace(scheme=_AS_WEBSOCKET[parts.scheme], fragment=""))


def with_query(url: str, **added: str) -> str:
    """Return `url` with more in its query; the values are quoted."""
    parts = urlsplit(url)
    query = "&".join(each for each in (parts.query, urlencode(added)) if each)
    return urlunsplit(parts._replace(query=query))


def rest_url(url: str, steps: Iterable[str]) -> str:
    """Return the web address of the path `steps` below a WebSocket's, on the same host.

    Raises:
        ConnectError: The URL cannot be read.
    """
    parts = _parts(url)
    path = "/".join([parts.path.rstrip("/"), *(quote(step, safe="") for step in steps)])
    return urlunsplit((_AS_WEB[parts.scheme], parts.netloc, path, "", ""))


def _parts(url: str) -> SplitResult:
    if (parts := web_address(url)) is None:
        raise ConnectError(UNREADABLE, cause="protocol")
    return parts


def check_privacy(url: str, what: str) -> None:
    """Refuse to send a secret unencrypted to any host but this machine.

    Args:
        url: Where to.
        what: The secret, as in `the key`; empty: none is sent.

    Raises:
        ConnectError: `url` would do so, or cannot be read.
    """
    parts = _parts(url)
    host = parts.hostname or ""
    if what and parts.scheme in ("ws", "http") and not is_loopback(host):
        raise ConnectError(
            f"{what[0].upper()}{what[1:]} would travel to {host} unencrypted; use wss:// instead "
            "of ws://, or connect without it.",
            cause="tls",
        )


def check_given_key(key: object) -> None:
    """Refuse what is no key and hides none.

    Raises:
        TypeError: It is neither text nor a `Secret` of a text; it is not shown.
    """
    shown = key.get_secret_value() if isinstance(key, Secret) else key
    if not isinstance(shown, str | None):
        raise TypeError(
            "api_key must be a text, or hide one as pydantic's SecretStr does, "
            f"not of type {type(shown).__name__}."
        )


def check_key(key: str) -> None:
    """Refuse a key that a header cannot carry.

    Raises:
        ConnectError: It has line breaks, spaces, or characters outside ASCII.
    """
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ConnectError(
            "The API key has characters that no key has; paste it again.", cause="key"
        )


def check_headers(headers: Mapping[str, str]) -> None:
    """Refuse headers that would change the request instead of being a part of it.

    Raises:
        TypeError: They are no mapping of texts.
        ValueError: A value has line breaks or other control characters; its name is told.
    """
    given: object = headers
    if not isinstance(given, Mapping):
        raise TypeError(f"headers must be a mapping of texts, not of type {type(given).__name__}.")
    for name, value in given.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise TypeError(f"The header {name!r} must have a text as name and as value.")
        # What else a header may hold is the servers' affair.
        if not f"{name}{value}".isprintable() or not name.isascii():
            raise ValueError(f"The header {name!r} has characters that no header can carry.")
