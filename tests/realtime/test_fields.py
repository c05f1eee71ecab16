"""Reading what a peer sent without trusting its shape."""

import pytest

from console.realtime import fields


@pytest.mark.parametrize("value", [None, 1, [], {}, True])
def test_what_is_no_text_reads_as_none_or_empty(value):
    assert fields.text({"key": value}, "key") == ""
    assert fields.text_or_none({"key": value}, "key") is None


def test_text_is_read_as_it_is():
    assert fields.text({"key": " a "}, "key") == " a "
    assert fields.text_or_none({"key": ""}, "key") == ""
    assert fields.text({}, "key") == ""


@pytest.mark.parametrize("value", [None, "1", True, float("inf"), float("nan"), [1], 10**400])
def test_what_is_no_finite_number_reads_as_none(value):
    assert fields.number({"key": value}, "key") is None


def test_numbers_read_as_floats():
    assert fields.number({"key": 3}, "key") == 3.0
    assert fields.number({"key": -0.5}, "key") == -0.5


@pytest.mark.parametrize("value", [None, "x", 1, [{}]])
def test_what_is_no_object_reads_as_an_empty_one(value):
    assert fields.mapping({"key": value}, "key") == {}


def test_of_a_list_only_the_objects_are_read():
    assert fields.mappings({"key": [{"a": 1}, None, "x", {}]}, "key") == [{"a": 1}, {}]
    assert fields.mappings({"key": {"a": 1}}, "key") == []


@pytest.mark.parametrize(("value", "read"), [(True, True), (False, False), (1, None), ("", None)])
def test_only_truth_values_read_as_such(value, read):
    assert fields.flag({"key": value}, "key") is read
    assert fields.flag({}, "key") is None
