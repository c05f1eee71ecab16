import pytest

from console.simulator.protocol.refusals import Refusal
from console.simulator.service import forms

BODY = (
    b'--x\r\nContent-Disposition: form-data; name="sdp"\r\nContent-Type: application/sdp\r\n\r\n'
    b'v=0\r\ns=-\r\n\r\n--x\r\nContent-Disposition: form-data; name="session"\r\n\r\n'
    b'{"type":"realtime"}\r\n--x\r\nContent-Disposition: form-data\r\n\r\nnameless\r\n--x--\r\n'
)


def test_the_parts_of_a_form_are_found_by_name():
    parts = forms.parts("multipart/form-data; boundary=x", BODY)

    assert set(parts) == {"sdp", "session"}
    assert parts["sdp"] == b"v=0\r\ns=-\r\n"
    assert forms.json_body(parts["session"]) == {"type": "realtime"}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"\xff\x00 no parts"),
        ("multipart/form-data; boundary=y", BODY),
        ("multipart/form-data", BODY),
        ("multipart/form-data; boundary=\u20ac", BODY),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\nnameless\r\n--x--\r\n"),
    ],
)
def test_a_form_without_named_parts_is_refused(content_type, body):
    with pytest.raises(Refusal, match="no named parts"):
        forms.parts(content_type, body)


@pytest.mark.parametrize("body", [b"", b" \r\n"])
def test_an_empty_body_is_an_empty_object(body):
    assert forms.json_body(body) == {}


@pytest.mark.parametrize(("body", "param"), [(b"{", None), (b"[]", "body"), (b"null", "body")])
def test_a_body_that_is_no_object_is_refused(body, param):
    with pytest.raises(Refusal) as caught:
        forms.json_body(body)

    assert caught.value.param == param
