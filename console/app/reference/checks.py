"""Says of a value what is wrong with it, and where."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from console.app.reference.shapes import (
    Choice,
    Flag,
    Listing,
    Null,
    Number,
    OneOf,
    Record,
    Shape,
    Table,
    Text,
    chosen,
    describe,
    is_number,
)
from console.printable import half_character, printable

Path: TypeAlias = tuple[str | int, ...]
"""Names of fields and places in lists, from the outermost on."""
MAX_WHOLE: Final = 2**64 - 1
"""More than 64 bits are not written as JSON; some ends would read another number."""
MIN_WHOLE: Final = -(2**63)
_MAX_SHOWN: Final = 40
_MAX_DEPTH: Final = 4


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong in a value."""

    path: Path
    sentence: str
    """Without the path: "must be a number, not a text"."""

    def __str__(self) -> str:
        return printable(f"{written(self.path)}: {self.sentence}" if self.path else self.sentence)


def written(path: Path) -> str:
    """Return a path as errors of the service write it: `session.tools[0].name`."""
    text = ""
    for each in path:
        text += f"[{each}]" if isinstance(each, int) else f".{each}" if text else each
    return text


def problems_of(shape: Shape, value: Any) -> list[Problem]:
    """Return all that is wrong with a value, in the order of its fields."""
    return list(_check(shape, value, ()))


def _check(shape: Shape, value: Any, path: Path) -> Iterator[Problem]:
    match shape:
        case OneOf():
            yield from _check_one_of(shape, value, path)
        case Record():
            yield from _check_record(shape, value, path)
        case Listing() if isinstance(value, list):
            for index, each in enumerate(value):
                yield from _check(shape.item, each, (*path, index))
        case Table() if isinstance(value, dict):
            for name, each in value.items():
                if shape.max_name_length is not None and len(name) > shape.max_name_length:
                    sentence = f"the name may have at most {shape.max_name_length} characters"
                    yield Problem((*path, name), sentence)
                if found := _text_problem(name):
                    yield Problem((*path, name), f"the name {found}")
                yield from _check(shape.value, each, (*path, name))
        case _:
            yield from (Problem(path, each) for each in _scalar_problems(shape, value))


def _check_one_of(shape: OneOf, value: Any, path: Path) -> Iterator[Problem]:
    variant = chosen(shape, value)
    found = list(_check(variant, value, path))
    if found and not _is_alike(variant, value):
        sentence = f"must be {_with_article(describe(shape))}, not {_kind(value)}"
        found = [Problem(path, sentence)]
    yield from found


def _is_alike(shape: Shape, value: Any) -> bool:
    """Whether a value is of the kind of a shape, so that what is wrong is inside of it."""
    match shape:
        case Record() | Table():
            return isinstance(value, dict)
        case Listing():
            return isinstance(value, list)
        case Number():
            return is_number(value)
        case Choice():
            return shape.is_open and isinstance(value, str)
        case _:
            return False


def _check_record(shape: Record, value: Any, path: Path) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield Problem(path, f"must be an object, not {_kind(value)}")
        return
    for field in shape.fields:
        if field.name in value:
            yield from _check(field.shape, value[field.name], (*path, field.name))
        elif field.is_required:
            yield Problem((*path, field.name), "is missing")
    names = [each.name for each in shape.fields]
    for name in value:
        if name not in names:
            hint = _meant(name, names) or _elsewhere(shape, name)
            yield Problem((*path, name), f"is no field here{hint}")


def _scalar_problems(shape: Shape, value: Any) -> Iterator[str]:
    found = _scalar_problem(shape, value)
    if found is not None:
        yield found


def _scalar_problem(shape: Shape, value: Any) -> str | None:
    match shape:
        case Text() if isinstance(value, str):
            is_long = shape.max_length is not None and len(value) > shape.max_length
            if is_long:
                return f"must be {describe(shape)}, not {len(value)}"
            return _text_problem(value)
        case Choice():
            return _choice_problem(shape, value)
        case Number() if is_number(value):
            return _number_problem(shape, value)
        case Flag() if isinstance(value, bool):
            return None
        case Null() if value is None:
            return None
        case Text() | Number() | Flag() | Null() | Listing() | Table():
            return f"must be {_with_article(describe(shape))}, not {_kind(value)}"
        case _:
            return None


def _text_problem(value: str) -> str | None:
    half = half_character(value)
    return f"holds half a character, {half}, which cannot be sent: type it again" if half else None


def _choice_problem(shape: Choice, value: Any) -> str | None:
    if shape.is_open and isinstance(value, str):
        return _text_problem(value)
    if any(value == each and type(value) is type(each) for each in shape.options):
        return None
    words = [each for each in shape.options if isinstance(each, str)]
    meant = _meant(value, words) if isinstance(value, str) else ""
    if shape.is_constant:
        return f"must be {_shown(shape.options[0])}, not {_shown(value)}"
    return f"must be {describe(shape)}, not {_shown(value)}{meant}"


def _number_problem(shape: Number, value: float) -> str | None:
    is_whole = isinstance(value, int) or value.is_integer()
    is_low = shape.low is not None and value < shape.low
    is_high = shape.high is not None and value > shape.high
    if is_low or is_high or (shape.is_whole and not is_whole):
        return f"must be a {describe(shape)}, not {value:g}"
    if isinstance(value, int) and not MIN_WHOLE <= value <= MAX_WHOLE:
        return "is too big a number: a whole one has 64 bits at the most"
    return None


def _meant(name: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, names, 1)
    return f"; did you mean {near[0]}?" if near else ""


def _elsewhere(shape: Record, name: str) -> str:
    """Return where a field of this name stands deeper inside, in words; empty: nowhere."""
    level: list[tuple[Path, Record]] = [((), shape)]
    for _ in range(_MAX_DEPTH):
        level = [
            ((*path, field.name), inner)
            for path, record in level
            for field in record.fields
            for inner in _objects(field.shape)
        ]
        for path, record in level:
            if record.field(name) is not None:
                return f"; did you mean {written((*path, name))}?"
    return ""


def _objects(shape: Shape) -> list[Record]:
    variants = shape.variants if isinstance(shape, OneOf) else (shape,)
    return [each for each in variants if isinstance(each, Record)]


def _with_article(words: str) -> str:
    if words.startswith(("object", "any")):
        return f"an {words}"
    return f"a {words}" if words.startswith(("text", "list", "number", "whole")) else words


def _shown(value: Any) -> str:
    if not isinstance(value, str):
        return str(value).lower() if isinstance(value, bool | int | float) else _kind(value)
    return f"{value[:_MAX_SHOWN]}..." if len(value) > _MAX_SHOWN else value or "an empty text"


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case str():
            return "a text" if value else "an empty text"
        case list():
            return "a list"
        case dict():
            return "an object"
        case _:
            return "a number"
