"""Arguments against the part of JSON Schema that tools use."""

import pytest

from console.tools.schema import problems

PLACE = {
    "type": "object",
    "properties": {
        "lat": {"type": "number", "minimum": -90, "maximum": 90},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 2},
    },
    "required": ["lat"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        (1, {"type": "number"}),
        (1.5, {"type": "number"}),
        (2.0, {"type": "integer"}),
        (None, {"type": ["string", "null"]}),
        ("a", {"enum": ["a", "b"]}),
        (3, {"const": 3}),
        (3, {"anyOf": [{"type": "string"}, {"type": "number"}]}),
        ({"x": 1}, {"type": "object"}),
        ({"x": 1}, {"type": "object", "additionalProperties": {"type": "number"}}),
        ("anything", {"type": "of-the-future"}),
        ("anything", {}),
        (5, {"minimum": 5, "maximum": 5}),
        ("ab", {"minLength": 2, "maxLength": 2}),
        (True, {"type": "boolean"}),
        ({"lat": -90, "tags": ["a", "b"]}, PLACE),
    ],
)
def test_what_fits_has_no_problems(value, schema):
    assert problems(value, schema) == []


@pytest.mark.parametrize(
    ("value", "schema", "found"),
    [
        (True, {"type": "number"}, ["the arguments must be a number"]),
        (True, {"type": "integer"}, ["the arguments must be an integer"]),
        (1.5, {"type": "integer"}, ["the arguments must be an integer"]),
        (1, {"type": ["string", "null"]}, ["the arguments must be a string or null"]),
        ("c", {"enum": ["a", "b"]}, ["the arguments must be one of 'a', 'b'"]),
        (4, {"const": 3}, ["the arguments must be 3"]),
        (
            [],
            {"anyOf": [{"type": "string"}, {"type": "number"}]},
            ["the arguments must have one of the allowed forms"],
        ),
        (1, {"minimum": 2}, ["the arguments must be at least 2"]),
        (3, {"maximum": 2}, ["the arguments must be at most 2"]),
        (2, {"exclusiveMinimum": 2}, ["the arguments must be more than 2"]),
        (2, {"exclusiveMaximum": 2}, ["the arguments must be less than 2"]),
        ("", {"minLength": 1}, ["the arguments must have at least 1 characters"]),
        ("abc", {"maxLength": 2}, ["the arguments must have at most 2 characters"]),
        ([], {"minItems": 1}, ["the arguments must have at least 1 entries"]),
        ({}, PLACE, ["'lat' is missing"]),
        ({"lat": "x"}, PLACE, ["'lat' must be a number"]),
        ({"lat": 91, "up": 1}, PLACE, ["'lat' must be at most 90", "'up' is not known"]),
        (
            {"lat": 1, "tags": ["a", 2, "c"]},
            PLACE,
            ["'tags' must have at most 2 entries", "'tags[1]' must be a string"],
        ),
        (
            {"x": "no"},
            {"type": "object", "additionalProperties": {"type": "number"}},
            ["'x' must be a number"],
        ),
        (
            {"a": {"b": 1}},
            {"properties": {"a": {"properties": {"b": {"type": "string"}}}}},
            ["'a.b' must be a string"],
        ),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(value, schema, found):
    assert problems(value, schema) == found
