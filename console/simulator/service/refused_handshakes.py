"""What the simulator answers to a handshake that it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from websockets.http11 import Response

from console.realtime.refusal import Refusal
from console.serving.answers import error
from console.simulator.faults import Faults

_USUAL_CODES: Final = {
    401: "invalid_api_key",
    403: "unsupported_country_region_territory",
    404: "model_not_found",
    429: "rate_limit_exceeded",
}
_RETRY_AFTER_S: Final = {429: 1, 503: 1}


@dataclass(frozen=True, slots=True)
class _Trouble:
    kind: str
    message: str


_TROUBLES: Final = {
    "invalid_api_key": _Trouble("invalid_request_error", "Incorrect API key provided."),
    "unsupported_country_region_territory": _Trouble(
        "request_forbidden", "Country, region, or territory not supported"
    ),
    "model_not_found": _Trouble(
        "invalid_request_error", "The model does not exist or you do not have access to it."
    ),
    "rate_limit_exceeded": _Trouble("requests", "Rate limit reached. Please try again later."),
    "insufficient_quota": _Trouble(
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details.",
    ),
    "server_error": _Trouble(
        "server_error", "The server had an error while processing your request."
    ),
}


def refused(faults: Faults) -> Response:
    """Return the refusal of a handshake that `faults` ask for."""
    status = faults.refuse_status
    assert status is not None, "asked for"
    usual = _USUAL_CODES.get(status, "server_error" if status >= 500 else None)
    code = faults.refuse_code or usual
    trouble = _TROUBLES.get(code or "") or _Trouble("invalid_request_error", "Refused.")
    retry_after_s = faults.retry_after_s
    if retry_after_s is None:
        retry_after_s = _RETRY_AFTER_S.get(status)
    headers = [] if retry_after_s is None else [("Retry-After", str(retry_after_s))]
    return error(status, Refusal(trouble.message, code=code, kind=trouble.kind), headers)


def full() -> Response:
    """Return the refusal of one session too many."""
    refusal = Refusal(
        "This simulator has as many sessions as it can serve. Close one, or raise --max-sessions.",
        code="server_error",
        kind="server_error",
    )
    return error(503, refusal, [("Retry-After", "1")])
