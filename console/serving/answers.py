"""Answers to HTTP requests: text, JSON, and errors in the service's shape."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import orjson
from websockets.datastructures import Headers
from websockets.http11 import Response

from console.realtime.refusal import Refusal

Pairs = Iterable[tuple[str, str]]


def text(status: int, body: str) -> Response:
    """Return a plain text."""
    return response(status, "text/plain; charset=utf-8", body.encode())


def json(status: int, value: Any, headers: Pairs = ()) -> Response:
    """Return `value` as JSON."""
    return response(status, "application/json", orjson.dumps(value), headers)


def error(status: int, refusal: Refusal, headers: Pairs = ()) -> Response:
    """Return an error in the service's shape."""
    body = {
        "message": refusal.message,
        "type": refusal.kind,
        "param": refusal.param,
        "code": refusal.code,
    }
    return json(status, {"error": body}, headers)


def response(status: int, content_type: str, body: bytes, headers: Pairs = ()) -> Response:
    """Return a whole answer, after which the connection ends."""
    fields = Headers(
        [
            ("Content-Type", content_type),
            ("Content-Length", str(len(body))),
            ("X-Content-Type-Options", "nosniff"),
            ("Connection", "close"),
            *headers,
        ]
    )
    return Response(status, phrase(status), fields, body)


def phrase(status: int) -> str:
    """Return the words that go with a status; none for one that nobody knows."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
