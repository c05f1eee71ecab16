"""What was called, bounded."""

from console.app.tool_lab.call_list import MAX_CALLS, MAX_CHARACTERS, CallList
from console.app.tool_lab.state import CallEntry


def call(call_id, arguments="{}"):
    return CallEntry(call_id, 5.0, "look", "model", arguments)


def test_a_call_gets_its_result_and_time():
    calls = CallList()
    calls.begin(call("a"))

    calls.finish("a", {"seen": [1]}, None, 0.25)

    (only,) = calls
    assert (only.status, only.duration_ms, only.error) == ("done", 250.0, "")
    assert only.result == '{"seen": [1]}'


def test_a_call_that_failed_has_its_reason_and_no_result():
    calls = CallList()
    calls.begin(call("a"))

    calls.finish("a", None, "It is dark.", 0.001)

    (only,) = calls
    assert (only.status, only.error, only.result) == ("failed", "It is dark.", "")


def test_old_calls_and_long_texts_are_cut():
    calls = CallList()
    for n in range(MAX_CALLS + 3):
        calls.begin(call(str(n), "x" * (MAX_CHARACTERS + 7)))
    calls.change("0", remark="gone")

    assert [each.id for each in calls] == [str(n) for n in range(3, MAX_CALLS + 3)]
    assert next(iter(calls)).arguments.endswith("x\n... 7 more characters")


def test_only_what_is_over_is_cleared():
    calls = CallList()
    calls.begin(call("a"))
    calls.begin(call("b"))
    calls.finish("a", 1, None, 0.1)

    calls.clear()

    assert [each.id for each in calls] == ["b"]
