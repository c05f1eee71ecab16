"""Schemas of tools as shapes that a form can show."""

import pytest

from console.app.reference.shapes import (
    Anything,
    Choice,
    Field,
    Flag,
    Listing,
    Null,
    Number,
    OneOf,
    Record,
    Table,
    Text,
)
from console.app.tool_lab.schema_shape import first_value, shape_of

NODE = {
    "$defs": {"Node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}}},
    "$ref": "#/$defs/Node",
}


@pytest.mark.parametrize(
    ("schema", "shape"),
    [
        ({"type": "string", "maxLength": 5}, Text(5)),
        ({"type": "integer", "minimum": 1}, Number(is_whole=True, low=1)),
        ({"type": "number", "maximum": 2.5}, Number(is_whole=False, high=2.5)),
        ({"type": "boolean"}, Flag()),
        ({"type": "null"}, Null()),
        ({"enum": ["a", "b"]}, Choice(("a", "b"))),
        ({"const": 3}, Choice((3,))),
        ({"enum": ["a", None]}, OneOf((Choice(("a",)), Null()))),
        ({"enum": ["a", {}]}, Anything()),
        ({"type": "array", "items": {"type": "string"}}, Listing(Text())),
        ({"type": "array"}, Listing(Anything())),
        ({"type": ["string", "null"]}, OneOf((Text(), Null()))),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, OneOf((Text(), Number(True)))),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, Table(Number(True))),
        ({"type": "object"}, Record("object", ())),
        ({"type": "new"}, Anything()),
        ({}, Anything()),
        ({"$ref": "#/$defs/missing"}, Anything()),
        ({"type": "integer", "minimum": True}, Number(is_whole=True)),
    ],
)
def test_a_schema_has_the_shape_of_what_fits_it(schema, shape):
    assert shape_of(schema) == shape


def test_an_object_has_its_fields_with_words_defaults_and_need():
    schema = {
        "type": "object",
        "properties": {
            "place": {"type": "string", "description": "Where."},
            "days": {"type": "integer", "default": 3},
            "more": {"type": "object"},
        },
        "required": ["place"],
    }

    assert shape_of(schema) == Record(
        "object",
        (
            Field("place", Text(), is_required=True, text="Where."),
            Field("days", Number(is_whole=True), is_required=False, default=3),
            Field("more", Anything(), is_required=False),
        ),
    )


def test_a_schema_that_refers_to_itself_ends_somewhere():
    shape, depth = shape_of(NODE), 0
    while isinstance(shape, Record):
        shape, depth = shape.fields[0].shape, depth + 1

    assert shape == Anything()
    assert depth > 2


def test_numbers_begin_with_zero_where_they_may_be_less():
    schema = {
        "type": "object",
        "properties": {
            "lat": {"type": "number", "minimum": -90, "maximum": 90},
            "year": {"type": "integer", "minimum": 1900},
            "name": {"type": "string"},
        },
        "required": ["lat", "year", "name"],
    }

    assert first_value(shape_of(schema)) == {"lat": 0, "year": 1900, "name": ""}
