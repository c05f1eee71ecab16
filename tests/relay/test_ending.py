import pytest

from console.realtime.refusal import Refusal
from console.relay import ending
from console.transport import Closed


@pytest.mark.parametrize(
    ("code", "sent"),
    [
        (1000, 1000), (1005, 1000), (1006, 1011), (1001, 1001), (1004, 1011), (1009, 1009),
        (1013, 1013), (1015, 1011), (999, 1011), (2000, 1011), (3000, 3000), (4999, 4999),
        (5000, 1011),
    ],
)  # fmt: skip
def test_a_code_that_cannot_be_sent_is_replaced(code, sent):
    assert ending.passed_on(code, "why", 1011) == (sent, "why")


def test_a_reason_is_cut_where_a_character_ends():
    _, reason = ending.passed_on(1000, "é" * 100, 1011)

    assert reason == "é" * 61


def test_an_end_says_who_has_made_it():
    refusal = Refusal("No.", code="no")

    assert ending.by_client(Closed(1001, "bye")).side == "client"
    made = ending.by_refusal(refusal, ending.POLICY)
    assert (made.code, made.reason, made.side) == (1008, "invalid_request_error.no", "relay")
