from itertools import count

from console.app.reference.checks import Problem
from console.app.reference.variables import SUGGESTED, Variable, filled


def variable(name, value):
    return Variable(name, "of a test", lambda: value)


KNOWN = {
    each.name: each
    for each in (variable("id", "item_1"), variable("ms", 1280), variable("none", None))
}


def test_a_text_that_is_a_variable_becomes_its_value_with_its_type():
    value = {"a": "{{$id}}", "b": ["{{$ms}}"], "c": 3}

    assert filled(value, KNOWN) == ({"a": "item_1", "b": [1280], "c": 3}, [])
    assert value["a"] == "{{$id}}"


def test_variables_within_words_are_written_out():
    assert filled("at {{$ms}} of {{$id}}", KNOWN) == ("at 1280 of item_1", [])


def test_braces_that_are_no_variable_stay():
    text = "Hello {{name}}, {$id} {{ $id }}"

    assert filled(text, KNOWN) == (text, [])


def test_a_variable_that_nobody_knows_is_told_with_those_there_are():
    value, problems = filled({"x": ["{{$ids}}"]}, KNOWN)

    assert value == {"x": ["{{$ids}}"]}
    assert problems == [Problem(("x", 0), "there is no variable ids; there are id, ms, none")]


def test_a_variable_without_a_value_is_told_and_stays():
    value, problems = filled("so {{$none}} it is", KNOWN)

    assert value == "so {{$none}} it is"
    assert problems == [Problem((), "none has no value yet (of a test)")]


def test_each_use_is_read_anew():
    numbers = count()
    random = Variable("n", "a number", lambda: next(numbers))

    assert filled(["{{$n}}", "{{$n}}"], {"n": random}) == ([0, 1], [])


def test_what_is_suggested_is_written_as_a_variable_is():
    assert KNOWN["id"].written == "{{$id}}"
    assert all(each.startswith("{{$") and each.endswith("}}") for each in SUGGESTED.values())
