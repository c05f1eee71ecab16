from starlette.testclient import TestClient

from console.ui import trust_route

PEM = b"-----BEGIN CERTIFICATE-----\n"


def test_the_certificate_is_given_as_phones_and_desktops_want_it():
    answer = TestClient(trust_route.answer(PEM)).get(trust_route.PATH)

    assert (answer.status_code, answer.content) == (200, PEM)
    assert answer.headers["content-type"] == "application/x-x509-ca-cert"
    assert "realtime-console.crt" in answer.headers["content-disposition"]
