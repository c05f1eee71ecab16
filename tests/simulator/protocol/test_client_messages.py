import pytest

from console.simulator.protocol import client_messages
from console.simulator.protocol.refusals import Refusal

KNOWN = ("session.update", "response.create", "response.cancel")


def test_an_object_of_json_is_an_event():
    assert client_messages.read('{"type": "x"}') == {"type": "x"}


@pytest.mark.parametrize(
    ("message", "code"),
    [(b"{}", "invalid_event"), ("{", "invalid_json"), ("[]", "invalid_event")],
)
def test_other_messages_are_refused(message, code):
    with pytest.raises(Refusal) as refused:
        client_messages.read(message)
    assert (refused.value.code, refused.value.param) == (code, None)


def test_a_known_type_is_returned_and_others_are_told_what_is_known():
    assert client_messages.event_type({"type": "response.create"}, KNOWN) == "response.create"
    with pytest.raises(Refusal) as refused:
        client_messages.event_type({"type": "response.make"}, KNOWN)
    assert refused.value.message == (
        "Invalid value: 'response.make'. Supported values are: "
        "'session.update', 'response.create', and 'response.cancel'."
    )


def test_a_type_that_is_missing_or_no_string_is_refused():
    with pytest.raises(Refusal, match="The 'type' field is missing"):
        client_messages.event_type({}, KNOWN)
    with pytest.raises(
        Refusal, match="Invalid type for 'type': expected a string, but got an integer"
    ):
        client_messages.event_type({"type": 1}, KNOWN)


def test_the_clients_id_is_optional_and_has_a_greatest_length():
    assert client_messages.event_id({}) is None
    assert client_messages.event_id({"event_id": "x" * 512}) == "x" * 512
    with pytest.raises(Refusal, match="too long"):
        client_messages.event_id({"event_id": "x" * 513})
    with pytest.raises(Refusal, match="expected a string"):
        client_messages.event_id({"event_id": 1})
