import pytest

from console.realtime.refusal import Refusal
from console.relay.field_rules import FieldRules, paths_of
from console.relay.policy import FieldRule
from console.relay.session_fields import SESSION

DETECTION = "audio.input.turn_detection"


def reduced(rules, value, kept=()):
    return FieldRules(rules, SESSION, kept).reduced(value, "session")


def test_what_no_rule_names_is_left_out_and_told():
    value = {"instructions": "x", "audio": {"output": {"voice": "marin", "pitch": 2}}, "new": {}}

    kept, left_out = reduced({"audio.output.voice": True}, value)

    assert kept == {"audio": {"output": {"voice": "marin"}}}
    assert left_out == ["session.instructions", "session.audio.output.pitch", "session.new"]


def test_the_most_exact_rule_counts():
    rules = {DETECTION: True, f"{DETECTION}.threshold": False}
    value = {"audio": {"input": {"turn_detection": {"type": "server_vad", "threshold": 0.9}}}}

    kept, left_out = reduced(rules, value)

    assert kept == {"audio": {"input": {"turn_detection": {"type": "server_vad"}}}}
    assert left_out == [f"session.{DETECTION}.threshold"]


@pytest.mark.parametrize(("rules", "passes"), [({DETECTION: True}, True), ({}, False)])
def test_a_group_is_switched_off_by_who_may_set_all_of_it(rules, passes):
    value = {"audio": {"input": {"turn_detection": None}}}

    kept, left_out = reduced(rules, value)

    assert kept == (value if passes else {})
    assert left_out == ([] if passes else [f"session.{DETECTION}"])


@pytest.mark.parametrize(
    ("rule", "value", "said"),
    [
        (FieldRule(min=1), 0, "allowed is at least 1"),
        (FieldRule(max=2), 3, "allowed is at most 2"),
        (FieldRule(min=1, max=2), 3, "allowed is 1 to 2"),
        (FieldRule(max=2), None, "allowed is at most 2"),
        (FieldRule(one_of=(1.0,)), 1.5, "allowed are 1.0"),
    ],
)
def test_a_value_out_of_bounds_is_refused_with_its_bounds(rule, value, said):
    with pytest.raises(Refusal, match=said) as refused:
        reduced({"audio.output.speed": rule}, {"audio": {"output": {"speed": value}}})

    assert refused.value.code == "relay_value_not_allowed"
    assert refused.value.param == "session.audio.output.speed"


def test_the_length_of_lists_of_texts_is_that_of_all():
    rules = {"audio.input.transcription.keywords": FieldRule(max_chars=5)}
    value = {"audio": {"input": {"transcription": {"keywords": ["abc", "def"]}}}}

    with pytest.raises(Refusal, match="at most 5 characters"):
        reduced(rules, value)


@pytest.mark.parametrize(
    "value",
    [
        {"audio": {"output": {"voice": "cedar"}}},
        {"audio": {"output": None}},
        {"audio": None},
    ],
)
def test_what_is_kept_is_not_reached_from_above_either(value):
    kept, left_out = reduced("anything", value, ["audio.output.voice"])

    assert kept == {}
    assert len(left_out) == 1


def test_what_is_kept_is_not_reached_from_below():
    value = {"audio": {"input": {"turn_detection": {"type": "server_vad"}}}}

    kept, _ = reduced("anything", value, [DETECTION])

    assert kept == {}


@pytest.mark.parametrize(
    "value",
    [
        {"audio.output.voice": "cedar"},
        {"audio": {"output.voice": "cedar"}},
        {"audio.output": {"voice": "cedar"}},
        {"audio.output": None},
        {"audio": {"output": {"voice.id": "cedar"}}},
    ],
)
def test_a_key_with_a_dot_is_no_path(value):
    rules = {"audio.output": True, "audio.output.voice": True}

    kept, left_out = reduced(rules, value)

    assert (kept, len(left_out)) == ({}, 1)


@pytest.mark.parametrize("value", [{"audio.output.voice": "x"}, {"audio.output": {"voice": "x"}}])
def test_what_is_kept_is_not_reached_by_a_key_with_a_dot(value):
    kept, _ = reduced("anything", value, ["audio.output.voice"])

    assert kept == {}


def test_what_is_open_passes_as_it_is():
    value = {"audio": {"output": {"voice": 5}}, "new": [{"x": {}}], "reasoning": {}, "a.b": 1}

    assert reduced("anything", value) == (value, [])


def test_paths_lead_to_values():
    value = {"tools": [], "audio": {"output": {"voice": {"id": "v"}}, "input": None}}

    assert list(paths_of(value)) == ["tools", "audio.output.voice", "audio.input"]
