import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.simulator.protocol.mcp_catalogue import CATALOGUE, Catalogue, ToolFailure


def call(name, catalogue=None, **arguments):
    catalogue = catalogue or Catalogue(random.Random(1))
    return json.loads(catalogue.call(name, json.dumps(arguments)))


@pytest.mark.parametrize(
    ("a", "b", "total"), [(1, 2, 3), (0.1, 0.2, 0.3), (-1, 1, 0), (1e300, 1e300, 2e300)]
)
def test_numbers_are_added(a, b, total):
    assert call("add_numbers", a=a, b=b) == {"sum": pytest.approx(total)}


def test_a_whole_sum_is_told_without_a_decimal_point():
    assert Catalogue(random.Random(1)).call("add_numbers", '{"a":1.5,"b":1.5}') == '{"sum":3}'


def test_words_are_counted():
    assert call("count_words", text=" one  two\nthree ") == {"words": 3}


def test_dice_fall_by_the_chance_that_was_given_and_can_be_repeated():
    first = call("roll_dice", count=5, sides=6)
    again = call("roll_dice", count=5, sides=6)
    other = call("roll_dice", Catalogue(random.Random(2)), count=5, sides=6)

    assert first == again != other
    assert first["sum"] == sum(first["rolled"])
    assert all(1 <= each <= 6 for each in first["rolled"])


def test_one_die_of_six_sides_is_rolled_unless_others_are_asked_for():
    rolled = call("roll_dice")["rolled"]

    assert len(rolled) == 1
    assert 1 <= rolled[0] <= 6


def test_notes_are_kept_for_the_session():
    catalogue = Catalogue(random.Random(1))

    assert [call("keep_note", catalogue, text=each)["notes"] for each in "abc"] == [1, 2, 3]


def test_no_more_notes_are_kept_than_there_is_room_for():
    catalogue = Catalogue(random.Random(1))
    for _ in range(100):
        call("keep_note", catalogue, text="x")

    with pytest.raises(ToolFailure, match="100 notes already"):
        call("keep_note", catalogue, text="x")


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("fly", "{}", "no tool named 'fly'"),
        ("add_numbers", "{", "not JSON"),
        ("add_numbers", "[]", "not a JSON object"),
        ("add_numbers", '{"a": 1}', "'b' has to be a number"),
        ("add_numbers", '{"a": true, "b": 1}', "'a' has to be a number"),
        ("add_numbers", '{"a": 1e308, "b": 1e308}', "too large"),
        ("roll_dice", '{"count": 0, "sides": 6}', "'count' has to be a whole number from 1 to 20"),
        ("roll_dice", '{"count": true, "sides": 6}', "'count'"),
        ("roll_dice", '{"count": 1, "sides": 1001}', "'sides'"),
        ("count_words", '{"text": null}', "'text' has to be a string"),
        ("keep_note", "{}", "'text'"),
    ],
)
def test_what_a_tool_cannot_do_is_said_in_a_sentence(name, arguments, said):
    with pytest.raises(ToolFailure, match=said):
        Catalogue(random.Random(1)).call(name, arguments)


def test_every_tool_says_that_no_server_is_behind_it():
    for tool in CATALOGUE:
        shown = tool.wire()
        assert "Built into this simulator" in shown["description"]
        schema = shown["input_schema"]
        optional = {key for key, value in schema["properties"].items() if "default" in value}
        assert set(schema["required"]) == set(schema["properties"]) - optional
    assert [tool.name for tool in CATALOGUE if not tool.is_read_only] == ["keep_note"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=50)
@given(
    st.sampled_from([tool.name for tool in CATALOGUE]),
    st.fixed_dictionaries({}, optional=dict.fromkeys(("a", "b", "count", "sides", "text"), JSON)),
)
def test_any_arguments_are_answered_or_refused_with_a_sentence(name, arguments):
    try:
        answer = Catalogue(random.Random(1)).call(name, json.dumps(arguments))
    except ToolFailure as failure:
        answer = json.dumps({"refused": str(failure)})
    told = json.loads(answer)
    assert set(told) <= {"sum", "rolled", "words", "notes"} or told["refused"].endswith(".")
