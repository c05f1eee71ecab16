import pytest

from console.simulator.protocol import validation as v
from console.simulator.protocol.refusals import Refusal

PERSON = v.record(
    {"name": v.string(max_length=3), "age": v.integer(0, 150), "pets": v.array(v.choice("cat"))},
    required=["name"],
)


def refusal(check, value, path="p"):
    with pytest.raises(Refusal) as refused:
        check(value, path)
    return refused.value.code, refused.value.param


@pytest.mark.parametrize(
    ("check", "value", "used"),
    [
        (v.string(), "x", "x"),
        (v.boolean, False, False),
        (v.integer(1, 3), 3, 3),
        (v.integer(1, 3), 2.0, 2),
        (v.integer(1), 10**9, 10**9),
        (v.number(0, 1), 1, 1.0),
        (v.choice("a", "b"), "b", "b"),
        (v.nullable(v.string()), None, None),
        (v.array(v.boolean), [True], [True]),
        (v.metadata, {"k": "v"}, {"k": "v"}),
        (v.integer(), -5, -5),
        (v.dictionary(v.boolean), {"k": True}, {"k": True}),
        (v.by_json_type(word=v.choice("a"), items=v.array(v.boolean)), [True], [True]),
        (v.by_json_type(word=v.choice("a"), items=v.array(v.boolean)), "a", "a"),
        (PERSON, {"name": "Ada"}, {"name": "Ada"}),
    ],
)
def test_good_values_are_accepted(check, value, used):
    assert check(value, "p") == used


@pytest.mark.parametrize(
    ("check", "value", "param"),
    [
        (v.string(), 1, "p"),
        (v.boolean, 1, "p"),
        (v.integer(1, 3), True, "p"),
        (v.integer(1, 3), 1.5, "p"),
        (v.integer(1, 3), 4, "p"),
        (v.integer(1, 3), 0, "p"),
        (v.integer(1), "1", "p"),
        (v.number(0, 1), 1.01, "p"),
        (v.number(0, 1), True, "p"),
        (v.number(0, 1), None, "p"),
        (v.choice("a"), None, "p"),
        (v.choice("a"), ["a"], "p"),
        (v.array(v.boolean), {}, "p"),
        (v.array(v.boolean), [True, 1], "p[1]"),
        (v.json_object, [], "p"),
        (v.dictionary(v.boolean), {"k": 1}, "p.k"),
        (v.by_json_type(word=v.choice("a"), fields=v.json_object), [], "p"),
        (v.by_json_type(items=v.array(v.boolean), fields=v.json_object), "a", "p"),
        (v.metadata, {str(n): "" for n in range(17)}, "p"),
        (PERSON, {"name": "Ada", "pets": ["cat", "dog"]}, "p.pets[1]"),
    ],
)
def test_wrong_values_are_refused_with_their_path(check, value, param):
    assert refusal(check, value) == ("invalid_value", param)


def test_unknown_missing_and_too_long_have_codes_of_their_own():
    assert refusal(PERSON, {"name": "Ada", "x": 1}) == ("unknown_parameter", "p.x")
    assert refusal(PERSON, {}) == ("missing_required_parameter", "p.name")
    assert refusal(PERSON, {"name": "Adam"}) == ("string_above_max_length", "p.name")
    assert refusal(v.string(min_length=1), "") == ("string_below_min_length", "p")
    assert refusal(v.metadata, {"k" * 65: ""}) == ("string_above_max_length", "p")
    assert refusal(v.metadata, {"k": "v" * 513}) == ("string_above_max_length", "p.k")


def test_at_the_top_the_path_is_the_name_alone():
    assert refusal(PERSON, {}, path="") == ("missing_required_parameter", "name")


def test_a_tag_chooses_the_check():
    shape = v.tagged({"person": v.record({"type": v.anything, "name": v.string()})})

    assert shape({"type": "person", "name": "Ada"}, "p")["name"] == "Ada"
    assert refusal(shape, {}) == ("missing_required_parameter", "p.type")
    assert refusal(shape, {"type": "dog"}) == ("invalid_value", "p.type")
    assert refusal(shape, {"type": []}) == ("invalid_value", "p.type")
    assert refusal(shape, {"type": "person", "x": 1}) == ("unknown_parameter", "p.x")


def test_a_long_wrong_value_is_not_repeated_whole():
    with pytest.raises(Refusal) as refused:
        v.choice("a")("x" * 10_000, "p")
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(("value", "name"), [(None, "null"), (5, "an integer"), ([], "an array")])
def test_a_choice_of_another_type_is_told_so(value, name):
    with pytest.raises(Refusal) as refused:
        v.choice("one", "two")(value, "field")

    told = f"Invalid type for 'field': expected a string, but got {name} instead."
    assert refused.value.message == told
