"""Names that a policy gives for itself and for the pages that may come, as browsers write them."""

from __future__ import annotations

import re
from typing import Final

_OPAQUE: Final = "null"
"""The origin of pages that have none, such as files."""
_PAGES: Final = {"ws": "http", "wss": "https"}
_USUAL_PORTS: Final = {"http": ":80", "https": ":443"}
_HOST: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s/:@*\[\]]+)(:[0-9]{1,5})?")


def check_origin(origin: str) -> None:
    """Refuse what no browser sends as an origin.

    Raises:
        ValueError: It is none; the one that may be meant is named.
    """
    if origin == _OPAQUE:
        return
    if not origin.isascii():
        raise ValueError(
            f"{origin!r} is no web origin as browsers send it: its host has to be in ASCII "
            "(xn--...); `location.origin` in the browser's console shows it"
        )
    scheme, separator, rest = origin.rpartition("://")
    scheme = _PAGES.get(scheme.lower(), scheme.lower()) if separator else "https"
    host = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2].lower()
    host = host.removesuffix(_USUAL_PORTS.get(scheme, "/"))
    if not _HOST.fullmatch(host):
        raise ValueError(f"{origin!r} is no web origin; write one such as https://app.example.org")
    # Browsers write neither a usual port nor a path; a slash at the end is forgiven.
    if origin.lower().removesuffix("/") != (meant := f"{scheme}://{host}"):
        raise ValueError(f"{origin!r} is no web origin; write {meant}")


def check_host(host: str) -> None:
    """Refuse what no client names as the host that it calls.

    Raises:
        ValueError: It is none; the one that may be meant is named.
    """
    if not host.isascii():
        raise ValueError(
            f"{host!r} is no host name as clients send it: write it in ASCII (xn--...), as "
            "`location.host` in a browser's console shows it"
        )
    if _HOST.fullmatch(host):
        return
    meant = host.rpartition("://")[2].partition("/")[0].rpartition("@")[2]
    hint = meant if _HOST.fullmatch(meant) else "one such as relay.example.org"
    raise ValueError(f"{host!r} is no host name; write {hint}")
