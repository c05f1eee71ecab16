"""What is said to somebody who speaks HTTP where the console speaks https: the same address there."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from console.ui.door import refusal

MAX_HEAD_BYTES: Final = 8192
_END: Final = b"\r\n\r\n"
# What may stand in the header of an answer, and nothing else.
_REQUEST: Final = re.compile(rb"(?:GET|HEAD) (/[!-~]*) HTTP/1\.[01]")
_HOST: Final = re.compile(rb"host:[ \t]*([A-Za-z0-9.:\[\]-]+)[ \t]*", re.IGNORECASE)


def answer(sent: bytes) -> bytes | None:
    """Return the answer, after which the connection ends; None while the head is not whole.

    Args:
        sent: All that came so far, which is no handshake of TLS.
    """
    head, end, _ = sent.partition(_END)
    if not end and len(sent) <= MAX_HEAD_BYTES and sent[:1].isalpha():
        return None
    lines = head.split(b"\r\n") if end else []
    request = _REQUEST.fullmatch(lines[0]) if lines else None
    host = next((found for each in lines if (found := _HOST.fullmatch(each))), None)
    address = ""
    if request is not None and host is not None:
        address = f"https://{host[1].decode()}{request[1].decode()}"
    return _written(_page(address), with_body=not sent.startswith(b"HEAD "))


def _page(address: str) -> Response:
    headers = {"connection": "close", **({"location": address} if address else {})}
    return refusal.page(
        HTTPStatus.TEMPORARY_REDIRECT if address else HTTPStatus.BAD_REQUEST,
        "This console speaks https",
        "Write https:// before its address.",
        headers=headers,
    )


def _written(page: Response, *, with_body: bool) -> bytes:
    status = HTTPStatus(page.status_code)
    lines = [f"HTTP/1.1 {status.value} {status.phrase}".encode()]
    lines += [name + b": " + value for name, value in page.raw_headers]
    return b"\r\n".join(lines) + _END + (bytes(page.body) if with_body else b"")
