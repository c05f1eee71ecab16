import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from console.client.tool_allowance import (
    MAX_CALLS_IN_MINUTE,
    MAX_CALLS_IN_TURN,
    MAX_CHAINED_TURNS,
    MAX_OUTPUT_BYTES,
    ToolAllowance,
    fitted,
)


def test_a_turn_has_so_many_calls_and_no_more():
    allowance = ToolAllowance()

    answers = [allowance.refusal("dig", 0.0) for _ in range(MAX_CALLS_IN_TURN + 1)]

    assert answers[:-1] == [""] * MAX_CALLS_IN_TURN
    assert "5 calls in a turn" in answers[-1]


def test_a_minute_has_so_many_calls_however_many_turns():
    allowance = ToolAllowance()
    for n in range(MAX_CALLS_IN_MINUTE):
        allowance.user_spoke()
        assert allowance.refusal("dig", float(n)) == ""

    allowance.user_spoke()
    assert "30 calls in a minute" in allowance.refusal("dig", 59.0)
    assert allowance.refusal("dig", 60.0) == ""


def test_tools_lead_to_so_many_turns_until_the_user_speaks():
    allowance = ToolAllowance()

    assert [allowance.may_go_on() for _ in range(MAX_CHAINED_TURNS + 1)] == [True] * 3 + [False]
    allowance.user_spoke()
    assert allowance.may_go_on()


def test_each_chained_turn_has_its_own_calls():
    allowance = ToolAllowance()
    for _ in range(MAX_CALLS_IN_TURN):
        allowance.refusal("dig", 0.0)

    allowance.may_go_on()

    assert allowance.refusal("dig", 0.0) == ""


@pytest.mark.parametrize("text", ["x" * 8190, '{"a": 1}', ""])
def test_what_fits_is_left_as_it_is(text):
    assert fitted(text) == text


@given(st.text(alphabet='a"\\é\n😀', min_size=1, max_size=40), st.integers(3000, 20_000))
@example("\\", 4096)
def test_what_is_too_long_is_cut_to_what_a_model_may_be_told(words, length):
    text = (words * length)[:length]
    output = orjson.dumps(text).decode()

    result = fitted(output)

    assert len(result.encode()) <= MAX_OUTPUT_BYTES
    if result != output:
        told = orjson.loads(result)
        assert told["truncated"] is True
        assert told["size_bytes"] == len(output.encode())
        assert output.startswith(told["beginning"])
        # As much as fits: of the last character some bytes may be missing.
        assert len(result.encode()) >= MAX_OUTPUT_BYTES - 8
