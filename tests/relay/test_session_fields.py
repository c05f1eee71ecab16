import pytest

from console.realtime.refusal import Refusal
from console.relay import session_fields as fields
from console.relay.session_fields import SESSION

FUNCTION = {"type": "function", "name": "look_up"}


@pytest.mark.parametrize(
    ("leaf", "good", "bad"),
    [
        (fields.TEXT, ["", "x", None], [1, ["x"], {}, True]),
        (fields.FLAG, [True, None], [1, "true"]),
        (fields.INTEGER, [0, -1], [True, 1.5, "1"]),
        (fields.NUMBER, [0, 1.5], [True, "1", []]),
        (fields.TEXTS, [[], ["x"]], ["x", [1], {}]),
        (fields.TOKENS, [1, "inf"], ["many", 1.5, True]),
        (fields.METADATA, [{}, {"a": "b"}], [{"a": 1}, {str(n): "" for n in range(17)}, []]),
        (fields.PLAIN, ["auto", {"a": {"b": 1}}], [[1], {"a": [1]}]),
        (fields.TOOLS, [[], [FUNCTION]], [FUNCTION, [{"type": "mcp"}], [{**FUNCTION, "x": 1}]]),
        (fields.TOOL_CHOICE, ["auto", FUNCTION], [{"type": "mcp"}, 1, {**FUNCTION, "x": 1}]),
        (fields.VOICE, ["marin", {"id": "voice_1"}], [{"id": 1}, {"id": "v", "x": 1}, 1]),
        (fields.ITEMS, [[]], [{}, "x"]),
    ],
)
def test_each_kind_of_value_takes_its_own_and_null(leaf, good, bad):
    for value in [*good, None]:
        leaf.check(value, "param")
    for value in bad:
        with pytest.raises(Refusal, match="expected"):
            leaf.check(value, "param")


def test_groups_are_what_stands_above_settings():
    assert {"audio", "audio.input", "audio.input.turn_detection", "reasoning"} <= SESSION.groups
    assert "audio.output.voice" not in SESSION.groups


def test_a_path_that_leads_nowhere_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match=r"did you mean audio\.output\.voice\?"):
        SESSION.check_path("audio.output.voices", has_bounds=False)


def test_a_name_like_no_other_is_refused_with_all_that_are_known():
    with pytest.raises(ValueError, match="'x' is not a colour; known are blue, red"):
        fields.check_name("x", ["red", "blue"], "a colour")
