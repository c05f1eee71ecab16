"""The certificate of our own authority, for everybody who asks: who wants to trust it needs it.

It is no secret: every TLS handshake shows it. It is given without a link, so that a phone whose
browser will not go on without trust can have it.
"""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

PATH: Final = "/trust/realtime-console.crt"
# The type by which phones and desktops know what to do with it.
_TYPE: Final = "application/x-x509-ca-cert"
_HEADERS: Final = {
    "content-disposition": 'attachment; filename="realtime-console.crt"',
    "cache-control": "no-store",
}


def answer(certificate: bytes) -> Response:
    """Return what is answered at `PATH`: the certificate (PEM), as a file."""
    return Response(certificate, media_type=_TYPE, headers=_HEADERS)
