import pytest

from console.simulator.protocol.refusals import Refusal, json_type, unsupported_value


@pytest.mark.parametrize(
    ("allowed", "listed"),
    [
        (["a"], "'a'"),
        (["a", "b"], "'a' and 'b'"),
        (["a", "b", "c"], "'a', 'b', and 'c'"),
    ],
)
def test_supported_values_are_listed_as_a_sentence(allowed, listed):
    refusal = unsupported_value("x", allowed, "p")

    assert str(refusal) == f"Invalid value: 'x'. Supported values are: {listed}."


def test_the_wire_form_carries_the_clients_event_id():
    refusal = Refusal("No.", code=None, param="p")

    assert refusal.wire("mine") == {
        "type": "invalid_request_error",
        "code": None,
        "message": "No.",
        "param": "p",
        "event_id": "mine",
    }


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (None, "null"),
        (True, "a boolean"),
        (1, "an integer"),
        (1.5, "a decimal"),
        ("", "a string"),
        ([], "an array"),
        ({}, "an object"),
    ],
)
def test_json_types_are_named(value, named):
    assert json_type(value) == named
