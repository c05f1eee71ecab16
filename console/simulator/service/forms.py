"""Bodies of HTTP requests: JSON, and forms of several parts."""

from __future__ import annotations

from email import policy
from email.message import Message
from email.parser import BytesParser
from typing import Any

import orjson

from console.simulator.protocol.refusals import Refusal, wrong_type


def json_body(body: bytes, param: str | None = None) -> dict[str, Any]:
    """Return the JSON object that `body` is; an empty body is an empty object.

    Raises:
        Refusal: It is no JSON, or something else than an object.
    """
    if not body.strip():
        return {}
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refusal(
            "We could not parse the JSON body of your request.", code=None, param=param
        ) from error
    if not isinstance(value, dict):
        raise wrong_type("an object", value, param or "body")
    return value


def parts(content_type: str, body: bytes) -> dict[str, bytes]:
    """Return the named parts of a ``multipart/form-data`` body.

    Raises:
        Refusal: It has none.
    """
    header = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    form = BytesParser(policy=policy.HTTP).parsebytes(header + body)
    found = {
        str(name): payload
        for part in (form.get_payload() if form.is_multipart() else [])
        if isinstance(part, Message)
        and (name := part.get_param("name", header="content-disposition"))
        and isinstance(payload := part.get_payload(decode=True), bytes)
    }
    if not found:
        raise Refusal("The form of your request has no named parts.", code=None)
    return found
