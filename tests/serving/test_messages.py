import pytest

from console.realtime.refusal import Refusal
from console.serving import messages


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"{}", "invalid_event"),
        ("", "invalid_json"),
        (" \n", "invalid_json"),
        ("\ufeff{}", "invalid_json"),
        ('{"a":1', "invalid_json"),
        ('{"a":NaN}', "invalid_json"),
        ('{"a":"\\ud800"}', "invalid_json"),
        ("\ud800", "invalid_json"),
        ("[" * 100_000, "invalid_json"),
        ("null", "invalid_event"),
        ("[]", "invalid_event"),
        ('"hi"', "invalid_event"),
    ],
)
def test_what_is_no_event_is_refused(message, code):
    with pytest.raises(Refusal) as refused:
        messages.read(message)

    assert refused.value.code == code


def test_of_a_key_that_is_given_twice_one_value_is_left():
    event = messages.read('{"type":"response.cancel","type":"session.update"}')

    assert messages.write(event) == '{"type":"session.update"}'


def test_what_is_too_deep_to_be_written_is_refused():
    deep = messages.read('{"a":' * 300 + "1" + "}" * 300)

    with pytest.raises(Refusal, match="nested too deeply"):
        messages.write(deep)
