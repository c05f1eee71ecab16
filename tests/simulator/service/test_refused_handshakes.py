import json

import pytest

from console.simulator.faults import Faults
from console.simulator.service import refused_handshakes


@pytest.mark.parametrize(
    ("faults", "code", "kind", "retry_after"),
    [
        (Faults(refuse_status=401), "invalid_api_key", "invalid_request_error", None),
        (
            Faults(refuse_status=403),
            "unsupported_country_region_territory",
            "request_forbidden",
            None,
        ),
        (
            Faults(refuse_status=403, refuse_code="model_not_found"),
            "model_not_found",
            "invalid_request_error",
            None,
        ),
        (Faults(refuse_status=429), "rate_limit_exceeded", "requests", "1"),
        (
            Faults(refuse_status=429, refuse_code="insufficient_quota", retry_after_s=0),
            "insufficient_quota",
            "insufficient_quota",
            "0",
        ),
        (Faults(refuse_status=503, retry_after_s=7), "server_error", "server_error", "7"),
        (Faults(refuse_status=500), "server_error", "server_error", None),
        (Faults(refuse_status=418), None, "invalid_request_error", None),
    ],
)
def test_a_refusal_looks_like_the_service_s(faults, code, kind, retry_after):
    answer = refused_handshakes.refused(faults)

    error = json.loads(answer.body)["error"]
    assert answer.status_code == faults.refuse_status
    assert (error["code"], error["type"]) == (code, kind)
    assert answer.headers.get("Retry-After") == retry_after
    assert answer.headers["Content-Type"] == "application/json"
    assert int(answer.headers["Content-Length"]) == len(answer.body)


def test_one_session_too_many_is_told_when_to_come_back():
    answer = refused_handshakes.full()

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    error = json.loads(answer.body)["error"]
    assert (error["type"], error["code"]) == ("server_error", "server_error")
    assert "--max-sessions" in error["message"]
