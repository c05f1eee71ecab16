"""Checks a tool's arguments against the part of JSON Schema that tools use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

_CHECKS: Final[dict[str, Callable[[Any], bool]]] = {
    "string": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: (
        (isinstance(value, int) and not isinstance(value, bool))
        or (isinstance(value, float) and value.is_integer())
    ),
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "null": lambda value: value is None,
}

_BOUNDS: Final[tuple[tuple[str, Callable[[Any, Any], bool], str], ...]] = (
    ("minimum", lambda value, bound: value >= bound, "at least"),
    ("maximum", lambda value, bound: value <= bound, "at most"),
    ("exclusiveMinimum", lambda value, bound: value > bound, "more than"),
    ("exclusiveMaximum", lambda value, bound: value < bound, "less than"),
)


def problems(value: Any, schema: Mapping[str, Any], name: str = "") -> list[str]:
    """Return what is wrong with `value`, a clause each; empty when it fits.

    Known: `type`, `enum`, `const`, `anyOf`, `properties`, `required`, `additionalProperties`,
    `items`, `minItems`, `maxItems`, `minLength`, `maxLength` and the bounds of numbers. Other
    keywords are taken for documentation.

    Args:
        value: What the model sent, as JSON values.
        schema: The schema that it should fit.
        name: Where the value stands, such as `place.lat`; empty for the whole.
    """
    label = f"'{name}'" if name else "the arguments"
    if (choices := schema.get("anyOf")) and all(problems(value, each, name) for each in choices):
        return [f"{label} must have one of the allowed forms"]
    types = schema.get("type")
    allowed = [types] if isinstance(types, str) else list(types or ())
    if allowed and not any(_CHECKS.get(each, _anything)(value) for each in allowed):
        return [f"{label} must be {' or '.join(map(_with_article, allowed))}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{label} must be one of {', '.join(map(repr, schema['enum']))}"]
    if "const" in schema and value != schema["const"]:
        return [f"{label} must be {schema['const']!r}"]
    if isinstance(value, dict):
        return _object_problems(value, schema, name)
    if isinstance(value, list):
        return _array_problems(value, schema, name, label)
    if isinstance(value, str):
        return _length_problems(len(value), schema, ("minLength", "maxLength"), label, "characters")
    if _CHECKS["number"](value):
        return [
            f"{label} must be {words} {schema[key]}"
            for key, fits, words in _BOUNDS
            if key in schema and not fits(value, schema[key])
        ]
    return []


def _anything(value: Any) -> bool:
    return True


def _with_article(type_name: str) -> str:
    if type_name == "null":
        return type_name
    return f"an {type_name}" if type_name[0] in "aio" else f"a {type_name}"


def _object_problems(value: dict[str, Any], schema: Mapping[str, Any], name: str) -> list[str]:
    prefix = f"{name}." if name else ""
    found = [
        f"'{prefix}{key}' is missing" for key in schema.get("required", ()) if key not in value
    ]
    properties: Mapping[str, Any] = schema.get("properties", {})
    others = schema.get("additionalProperties", True)
    for key, each in value.items():
        if key in properties:
            found += problems(each, properties[key], prefix + key)
        elif others is False:
            found.append(f"'{prefix}{key}' is not known")
        elif isinstance(others, Mapping):
            found += problems(each, others, prefix + key)
    return found


def _array_problems(
    value: list[Any], schema: Mapping[str, Any], name: str, label: str
) -> list[str]:
    found = _length_problems(len(value), schema, ("minItems", "maxItems"), label, "entries")
    items = schema.get("items")
    if isinstance(items, Mapping):
        for index, each in enumerate(value):
            found += problems(each, items, f"{name}[{index}]")
    return found


def _length_problems(
    length: int, schema: Mapping[str, Any], keys: tuple[str, str], label: str, unit: str
) -> list[str]:
    least, most = schema.get(keys[0]), schema.get(keys[1])
    if least is not None and length < least:
        return [f"{label} must have at least {least} {unit}"]
    if most is not None and length > most:
        return [f"{label} must have at most {most} {unit}"]
    return []
