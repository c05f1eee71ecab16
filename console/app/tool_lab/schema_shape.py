"""The JSON schema of a tool's arguments as a shape, so that a form can be made of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from console.app.reference.shapes import (
    Anything,
    Choice,
    Field,
    Flag,
    Listing,
    Null,
    Number,
    Record,
    Shape,
    Table,
    Text,
    one_of,
)
from console.app.reference.values import blank

MAX_DEPTH: Final = 12
"""What lies deeper is edited as JSON: a schema may refer to itself."""


def shape_of(schema: Mapping[str, Any]) -> Shape:
    """Return the shape of what fits a schema; what a form cannot show is any JSON."""
    return _Reader(schema).shape(schema, 0)


def first_value(shape: Shape) -> Any:
    """Return the least value of a shape to begin with: zero where a number may be negative."""
    value = blank(shape)
    if isinstance(shape, Record) and isinstance(value, dict):
        for each in shape.fields:
            if each.name in value and each.default is None:
                value[each.name] = _first(each.shape, value[each.name])
    return value


def _first(shape: Shape, value: Any) -> Any:
    if not isinstance(shape, Number):
        return value
    is_around_zero = (shape.low or 0) <= 0 and (shape.high is None or shape.high >= 0)
    return 0 if is_around_zero else value


class _Reader:
    """Reads one schema, whose parts may refer to its definitions."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._definitions: dict[str, Any] = {}
        for key in ("$defs", "definitions"):
            for name, each in _mapping(root.get(key)).items():
                self._definitions[f"#/{key}/{name}"] = each

    def shape(self, schema: Any, depth: int) -> Shape:
        if not isinstance(schema, Mapping) or depth > MAX_DEPTH:
            return Anything()
        if isinstance(reference := schema.get("$ref"), str):
            return self.shape(self._definitions.get(reference), depth + 1)
        for key in ("anyOf", "oneOf"):
            if isinstance(choices := schema.get(key), list) and choices:
                return one_of([self.shape(each, depth + 1) for each in choices])
        if "const" in schema:
            return _choice([schema["const"]])
        if isinstance(options := schema.get("enum"), list) and options:
            return _choice(options)
        types = schema.get("type")
        if isinstance(types, list) and types:
            return one_of([self._of_type(each, schema, depth) for each in types])
        return self._of_type(types, schema, depth)

    def _of_type(self, name: Any, schema: Mapping[str, Any], depth: int) -> Shape:
        match name:
            case "string":
                return Text(_whole(schema.get("maxLength")))
            case "integer" | "number":
                return _number(schema, is_whole=name == "integer")
            case "boolean":
                return Flag()
            case "null":
                return Null()
            case "array":
                return Listing(self.shape(schema.get("items"), depth + 1))
            case "object":
                return self._object(schema, depth)
            case _:
                return Anything()

    def _object(self, schema: Mapping[str, Any], depth: int) -> Shape:
        properties = _mapping(schema.get("properties"))
        others = schema.get("additionalProperties")
        if not properties and isinstance(others, Mapping):
            return Table(self.shape(others, depth + 1))
        if not properties and depth:
            return Anything() if others is not False else Record("object", ())
        required = schema.get("required")
        needed = set(required) if isinstance(required, list) else set()
        return Record(
            "object",
            tuple(
                self._field(name, each, name in needed, depth) for name, each in properties.items()
            ),
        )

    def _field(self, name: str, schema: Any, is_required: bool, depth: int) -> Field:
        told = _mapping(schema)
        words = told.get("description")
        return Field(
            name,
            self.shape(schema, depth + 1),
            is_required,
            text=words if isinstance(words, str) else "",
            default=told.get("default"),
        )


def _choice(options: list[Any]) -> Shape:
    """Return the choice between values; what a list of words cannot show is any JSON."""
    shapes: list[Shape] = []
    scalars = tuple(each for each in options if isinstance(each, str | int | float))
    if scalars:
        shapes.append(Choice(scalars))
    if None in options:
        shapes.append(Null())
    is_all = len(scalars) + options.count(None) == len(options)
    return one_of(shapes) if shapes and is_all else Anything()


def _number(schema: Mapping[str, Any], *, is_whole: bool) -> Number:
    low, high = (_bound(schema.get(key)) for key in ("minimum", "maximum"))
    return Number(is_whole, low, high)


def _bound(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number else None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
