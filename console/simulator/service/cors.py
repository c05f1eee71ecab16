"""What browsers want to be told before a page may read the answers of another origin."""

from __future__ import annotations

from typing import Final

from websockets.datastructures import Headers
from websockets.http11 import Response

from console.serving import answers

_METHODS: Final = "GET, HEAD, POST"
_SHOWN: Final = "Location, Retry-After"
_MAX_AGE_S: Final = 600


def preflight(asked: Headers) -> Response:
    """Return the answer to the question before a request; its origin has been let in."""
    response = answers.response(204, "text/plain; charset=utf-8", b"")
    allow(response, asked)
    response.headers["Access-Control-Allow-Methods"] = _METHODS
    if wanted := ", ".join(asked.get_all("Access-Control-Request-Headers")):
        response.headers["Access-Control-Allow-Headers"] = wanted
    if "true" in asked.get_all("Access-Control-Request-Private-Network"):
        response.headers["Access-Control-Allow-Private-Network"] = "true"
    response.headers["Access-Control-Max-Age"] = str(_MAX_AGE_S)
    return response


def allow(response: Response, asked: Headers) -> None:
    """Let the page that has asked read `response`; its origin has been let in."""
    if (origin := asked.get("Origin")) is None:
        return
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Expose-Headers"] = _SHOWN
    response.headers["Vary"] = "Origin"
