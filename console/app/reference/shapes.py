"""What a value may be, as data: the types of events in the few kinds that a form can show."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

Scalar: TypeAlias = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Text:
    """A string."""

    max_length: int | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """A number, perhaps a whole one, perhaps within bounds that both belong to it."""

    is_whole: bool
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some values; an open one takes any other string, too."""

    options: tuple[Scalar, ...]
    is_open: bool = False

    @property
    def is_constant(self) -> bool:
        """Whether there is nothing to choose."""
        return len(self.options) == 1 and not self.is_open


@dataclass(frozen=True, slots=True)
class Null:
    """Nothing, said on purpose."""


@dataclass(frozen=True, slots=True)
class Anything:
    """Any JSON."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of one kind of value."""

    item: Shape


@dataclass(frozen=True, slots=True)
class Table:
    """An object of any names, each with the same kind of value."""

    value: Shape
    max_name_length: int | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an object."""

    name: str
    shape: Shape
    is_required: bool
    text: str = ""
    """Its documentation, in Markdown."""
    default: Any = None
    """What it is when it is left out, as far as the documentation says so; None: not said."""


@dataclass(frozen=True, slots=True)
class Record:
    """An object of known fields."""

    name: str
    fields: tuple[Field, ...]
    text: str = ""
    """Its documentation, in Markdown."""

    def field(self, name: str) -> Field | None:
        """Return a field by its name."""
        return next((each for each in self.fields if each.name == name), None)

    def constants(self) -> dict[str, Scalar]:
        """Return the fields that have one value only: they tell objects apart."""
        return {
            each.name: each.shape.options[0]
            for each in self.fields
            if isinstance(each.shape, Choice) and each.shape.is_constant
        }


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of several shapes, none of which is itself such a choice."""

    variants: tuple[Shape, ...]


Shape: TypeAlias = (
    Text | Number | Flag | Choice | Null | Anything | Listing | Table | Record | OneOf
)

_MISFIT: Final = 1000
_OTHER_CONSTANT: Final = 100
_NO_CONSTANT: Final = 10
_TEMPLATE: Final = "{{$"
_TELLING: Final = ("type", "role", "mode")
"""Constants by which objects of a kind are told apart."""


def one_of(shapes: list[Shape]) -> Shape:
    """Return the choice between shapes, flat and without twins; strings and words become one."""
    flat: list[Shape] = []
    for each in shapes:
        for inner in each.variants if isinstance(each, OneOf) else (each,):
            if inner not in flat:
                flat.append(inner)
    words = [each for each in flat if isinstance(each, Choice) and _is_of_words(each)]
    if len(words) > 1 or (words and Text() in flat):
        options = tuple(dict.fromkeys(option for each in words for option in each.options))
        is_open = Text() in flat or any(each.is_open for each in words)
        at = min(flat.index(each) for each in flat if each in words or each == Text())
        rest = [each for each in flat if each not in words and each != Text()]
        flat = [*rest[:at], Choice(options, is_open), *rest[at:]]
    return flat[0] if len(flat) == 1 else OneOf(tuple(flat))


def _is_of_words(choice: Choice) -> bool:
    return all(isinstance(each, str) for each in choice.options)


def chosen(shape: Shape, value: Any) -> Shape:
    """Return the variant that a value is, or is most like; the shape itself if it has none."""
    if not isinstance(shape, OneOf):
        return shape
    return shape.variants[chosen_index(shape, value)]


def chosen_index(shape: OneOf, value: Any) -> int:
    """Return the place of the variant that a value is, or is most like."""
    weights = [_misfit(each, value) for each in shape.variants]
    return weights.index(min(weights))


def _misfit(shape: Shape, value: Any) -> int:
    """Return how badly a value fits, looking no deeper than its own fields."""
    match shape:
        case Record():
            return _record_misfit(shape, value) if isinstance(value, dict) else _MISFIT
        case Listing():
            if not isinstance(value, list):
                return _MISFIT
            return min(_misfit(chosen(shape.item, value[0]), value[0]), _MISFIT - 1) if value else 0
        case Table():
            return 1 if isinstance(value, dict) else _MISFIT
        case Text():
            return 1 if isinstance(value, str) else _MISFIT
        case Choice():
            if any(value == each and type(value) is type(each) for each in shape.options):
                return 0
            return (1 if shape.is_open else _NO_CONSTANT) if isinstance(value, str) else _MISFIT
        case Number():
            if isinstance(value, str) and value.startswith(_TEMPLATE):
                return _NO_CONSTANT - 1
            return 0 if is_number(value) else _MISFIT
        case Flag():
            return 0 if isinstance(value, bool) else _MISFIT
        case Null():
            return 0 if value is None else _MISFIT
        case _:
            return _MISFIT - 1


def _record_misfit(record: Record, value: dict[str, Any]) -> int:
    misfit = 0
    for name, constant in record.constants().items():
        if name not in value:
            misfit += _NO_CONSTANT
        elif value[name] != constant:
            misfit += _OTHER_CONSTANT
    names = {each.name for each in record.fields}
    misfit += sum(each not in names for each in value)
    misfit += sum(each.is_required and each.name not in value for each in record.fields)
    return min(misfit, _MISFIT - 1)


def is_number(value: Any) -> bool:
    """Whether a JSON value is a number: true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def label(shape: Shape) -> str:
    """Return a short name of a shape, as a choice between several shows it."""
    match shape:
        case Record():
            constants = shape.constants()
            words = [str(constants[each]) for each in _TELLING if each in constants]
            return ", ".join(words) or _spaced(shape.name)
        case Choice() if shape.is_constant:
            return str(shape.options[0])
        case Choice():
            return "text" if shape.is_open else "one of a list"
        case Number():
            return "whole number" if shape.is_whole else "number"
        case Text():
            return "text"
        case Flag():
            return "true or false"
        case Null():
            return "null"
        case Listing():
            return f"list of {label(shape.item)}" if _is_plain(shape.item) else "list"
        case Table():
            return "names and values"
        case OneOf():
            return " or ".join(dict.fromkeys(label(each) for each in shape.variants))
        case _:
            return "any JSON"


def describe(shape: Shape) -> str:
    """Return what a value may be in words: "whole number from 1 to 4096", "one of `a`, `b`"."""
    match shape:
        case Number():
            return label(shape) + _span(shape)
        case Choice() if shape.is_constant:
            return f"always {_shown(shape.options[0])}"
        case Choice():
            words = ", ".join(_shown(each) for each in shape.options)
            return f"text, such as {words}" if shape.is_open else f"one of {words}"
        case Text() if shape.max_length is not None:
            return f"text of at most {shape.max_length} characters"
        case Record():
            return "object"
        case Listing():
            return f"list of {_plural(shape.item)}"
        case Table():
            return f"object of any names, each with {describe(shape.value)}"
        case OneOf() if all(isinstance(each, Record | Null) for each in shape.variants):
            return "object" + (" or null" if Null() in shape.variants else "")
        case OneOf():
            return ", or ".join(dict.fromkeys(_as_option(each) for each in shape.variants))
        case _:
            return label(shape)


def _as_option(shape: Shape) -> str:
    is_constant = isinstance(shape, Choice) and shape.is_constant
    return label(shape) if is_constant else describe(shape)


def _plural(shape: Shape) -> str:
    words = {Record: "objects", Text: "texts", Number: "numbers", OneOf: "values"}
    return words.get(type(shape)) or _as_option(shape)


def _span(number: Number) -> str:
    low, high = number.low, number.high
    if low is not None and high is not None:
        return f" from {low:g} to {high:g}"
    if low is not None:
        return f" of at least {low:g}"
    return f" of at most {high:g}" if high is not None else ""


def _is_plain(shape: Shape) -> bool:
    return isinstance(shape, Text | Number | Flag | Anything)


def _shown(value: Scalar) -> str:
    return value if isinstance(value, str) else str(value).lower()


def _spaced(name: str) -> str:
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z\d]*|[a-z\d]+", name.removesuffix("Param"))
    return " ".join(words).lower()
