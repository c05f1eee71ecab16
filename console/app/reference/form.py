"""A value as a form: one row for each field, edits by path; what it may be comes from its shape.

The rows are plain data for whoever draws them. An edit that leads nowhere changes nothing, since
edits come from a browser.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from console.app.reference.checks import Path, problems_of
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
    Shape,
    Table,
    chosen,
    chosen_index,
    describe,
    label,
)
from console.app.reference.typed_json import read_json
from console.app.reference.values import Suggest, blank, blank_field, nothing

Kind: TypeAlias = Literal[
    "object", "list", "table", "text", "number", "flag", "choice", "json", "null", "constant"
]
Action: TypeAlias = Literal["set", "include", "leave_out", "variant", "append", "name"]
ACTIONS: Final[tuple[Action, ...]] = ("set", "include", "leave_out", "variant", "append", "name")
MAX_ROWS: Final = 600
"""A longer form is edited as JSON: the rows beyond are not drawn."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a form."""

    path: Path
    label: str
    depth: int
    kind: Kind
    is_set: bool
    """Whether it is part of the value; one that is not has a shape and no value."""
    can_leave_out: bool
    value: Any = None
    """Of a scalar; of JSON its text."""
    about: str = ""
    """What it may be, in words."""
    text: str = ""
    """Its documentation, in Markdown."""
    default: Any = None
    options: tuple[Any, ...] = ()
    """Of a choice; if it is open, they are suggestions."""
    is_open: bool = False
    variants: tuple[str, ...] = ()
    """What else it could be, if it can be one of several things."""
    variant: int = 0
    can_rename: bool = False
    can_append: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """One change that somebody made in a form."""

    path: Path
    action: Action
    value: Any = None
    """`set`: what was typed or chosen; `variant`: its place; `name`: the new name of an entry."""

    @classmethod
    def parse(cls, raw: Any) -> Edit | None:
        """Read what a browser sent; None for what is no edit."""
        if not isinstance(raw, Mapping) or not isinstance(raw.get("path"), list):
            return None
        path = raw["path"]
        is_path = all(isinstance(each, str | int) and not isinstance(each, bool) for each in path)
        action = next((each for each in ACTIONS if each == raw.get("action")), None)
        return cls(tuple(path), action, raw.get("value")) if is_path and action else None


@dataclass(slots=True)
class Form:
    """A value of a shape, and the edits of it."""

    shape: Shape
    value: Any
    suggest: Suggest = nothing
    """Returns what a field of a name is filled with when it is included; None: nothing special."""
    _texts: dict[Path, tuple[str, str]] = field(default_factory=dict)
    """JSON that was typed into a field and cannot be read, and why."""

    def rows(self) -> list[Row]:
        """Return the lines of the form, in the order of its fields; the outermost object has none."""
        rows: list[Row] = []
        for each in self._inside(self.shape, self.value, (), 0):
            rows.append(each)
            if len(rows) == MAX_ROWS:
                break
        return rows

    def unreadable(self) -> dict[Path, str]:
        """Return the fields whose JSON cannot be read, and why."""
        return {path: why for path, (_, why) in self._texts.items()}

    def apply(self, edit: Edit) -> bool:
        """Change the value; returns whether the edit led somewhere."""
        value = copy.deepcopy(self.value)
        if edit.path:
            done = self._apply_inside(value, edit)
        else:
            done, value = self._apply_whole(value, edit)
        if done:
            self.value = value
        return done

    def replace(self, value: Any) -> None:
        """Hold another value."""
        self.value = value
        self._texts.clear()

    # Edits

    def _apply_whole(self, value: Any, edit: Edit) -> tuple[bool, Any]:
        if edit.action == "variant" and (shape := _variant(self.shape, edit.value)) is not None:
            return True, _converted(shape, value, self.suggest)
        if edit.action == "append":
            return self._append(chosen(self.shape, value), value), value
        return False, value

    def _apply_inside(self, value: Any, edit: Edit) -> bool:
        *outer, name = edit.path
        found = _descend(self.shape, value, tuple(outer))
        if found is None:
            return False
        shape, holder = found
        declared = _declared(chosen(shape, holder), name)
        if declared is None and not _holds(holder, name):
            return False
        match edit.action:
            case "leave_out":
                return self._leave_out(holder, name, edit.path)
            case "name":
                return _rename(holder, name, edit.value)
            case "include" if declared is not None and isinstance(holder, dict):
                holder[str(name)] = blank_field(declared, self.suggest)
                return True
        if not _holds(holder, name):
            return False
        inner = declared.shape if declared is not None else Anything()
        return self._change(inner, holder, name, edit)

    def _change(self, shape: Shape, holder: Any, name: str | int, edit: Edit) -> bool:
        match edit.action:
            case "variant" if (variant := _variant(shape, edit.value)) is not None:
                holder[name] = _converted(variant, holder[name], self.suggest)
                self._forget(edit.path)
                return True
            case "append":
                return self._append(chosen(shape, holder[name]), holder[name])
            case "set":
                return self._set(chosen(shape, holder[name]), holder, name, edit)
            case _:
                return False

    def _set(self, shape: Shape, holder: Any, name: str | int, edit: Edit) -> bool:
        match shape:
            case Anything():
                return self._set_json(holder, name, edit)
            case Flag() if isinstance(edit.value, bool):
                holder[name] = edit.value
            case Number() if isinstance(edit.value, str):
                holder[name] = _number(edit.value)
            case Choice() if isinstance(edit.value, str):
                words = {_word(each): each for each in shape.options}
                holder[name] = words.get(edit.value, edit.value)
            case Flag() | Record() | Listing() | Table() | Null():
                return False
            case _ if isinstance(edit.value, str):
                holder[name] = edit.value
            case _:
                return False
        return True

    def _set_json(self, holder: Any, name: str | int, edit: Edit) -> bool:
        try:
            holder[name] = read_json(str(edit.value))
        except ValueError as error:
            self._texts[edit.path] = str(edit.value), str(error)
        else:
            self._texts.pop(edit.path, None)
        return True

    def _append(self, shape: Shape, value: Any) -> bool:
        match shape:
            case Listing() if isinstance(value, list):
                value.append(blank(shape.item, self.suggest))
            case Table() if isinstance(value, dict):
                taken = (f"name_{n}" for n in range(1, len(value) + 2))
                value[next(each for each in taken if each not in value)] = blank(shape.value)
            case _:
                return False
        return True

    def _leave_out(self, holder: Any, name: str | int, path: Path) -> bool:
        if not _holds(holder, name):
            return False
        del holder[name]
        if isinstance(holder, list):  # those behind it have other places now
            self._texts.clear()
        self._forget(path)
        return True

    def _forget(self, path: Path) -> None:
        for each in [each for each in self._texts if each[: len(path)] == path]:
            del self._texts[each]

    # Rows

    def _inside(self, shape: Shape, value: Any, path: Path, depth: int) -> Iterator[Row]:
        variant = chosen(shape, value)
        match variant:
            case Record() if isinstance(value, dict):
                yield from self._fields(variant, value, path, depth)
            case Listing() if isinstance(value, list):
                for index, each in enumerate(value):
                    item = Field(str(index), variant.item, is_required=False)
                    yield from self._row(item, each, (*path, index), depth)
            case Table() if isinstance(value, dict):
                for name, each in value.items():
                    entry = Field(name, variant.value, is_required=False)
                    yield from self._row(entry, each, (*path, name), depth, can_rename=True)

    def _fields(
        self, record: Record, value: dict[str, Any], path: Path, depth: int
    ) -> Iterator[Row]:
        known = {each.name for each in record.fields}
        constants = record.constants()
        for each in sorted(record.fields, key=lambda each: _rank(each, value, constants)):
            if each.name in value:
                yield from self._row(each, value[each.name], (*path, each.name), depth)
            else:
                yield _absent(each, (*path, each.name), depth)
        for name in [each for each in value if each not in known]:
            stray = Field(name, Anything(), is_required=False)
            yield from self._row(stray, value[name], (*path, name), depth)

    def _row(
        self, field: Field, value: Any, path: Path, depth: int, *, can_rename: bool = False
    ) -> Iterator[Row]:
        variant = chosen(field.shape, value)
        kind = _kind(variant, value)
        is_choice = isinstance(field.shape, OneOf)
        yield Row(
            path,
            field.name,
            depth,
            kind,
            is_set=True,
            can_leave_out=not field.is_required,
            value=self._shown(kind, value, path),
            about=describe(field.shape),
            text=field.text,
            default=field.default,
            options=variant.options if isinstance(variant, Choice) else (),
            is_open=isinstance(variant, Choice) and variant.is_open,
            variants=_labels(field.shape),
            variant=chosen_index(field.shape, value) if isinstance(field.shape, OneOf) else 0,
            can_rename=can_rename,
            can_append=kind in ("list", "table"),
        )
        assert is_choice or variant == field.shape
        if kind in ("object", "list", "table"):
            yield from self._inside(field.shape, value, path, depth + 1)

    def _shown(self, kind: Kind, value: Any, path: Path) -> Any:
        if kind == "json":
            typed = self._texts.get(path)
            return typed[0] if typed else json.dumps(value, ensure_ascii=False, indent=2)
        if kind in ("object", "list", "table", "null"):
            return None
        if kind == "flag":
            return value
        return value if isinstance(value, str) else _word(value)


def _rank(field: Field, value: dict[str, Any], constants: Mapping[str, Any]) -> int:
    """Constants first, then what is required or there, then the rest."""
    if field.name in constants:
        return 0
    return 1 if field.is_required or field.name in value else 2


def _absent(field: Field, path: Path, depth: int) -> Row:
    return Row(
        path,
        field.name,
        depth,
        _kind_of_shape(chosen(field.shape, None)),
        is_set=False,
        can_leave_out=True,
        about=describe(field.shape),
        text=field.text,
        default=field.default,
    )


def _labels(shape: Shape) -> tuple[str, ...]:
    return tuple(label(each) for each in shape.variants) if isinstance(shape, OneOf) else ()


def _kind(shape: Shape, value: Any) -> Kind:
    """Return how a value is shown; what does not fit its shape at all is shown as JSON."""
    kind = _kind_of_shape(shape)
    fits: dict[Kind, bool] = {
        "object": isinstance(value, dict),
        "table": isinstance(value, dict),
        "list": isinstance(value, list),
        "flag": isinstance(value, bool),
        "null": value is None,
    }
    is_scalar = value is not None and not isinstance(value, dict | list)
    return kind if kind == "json" or fits.get(kind, is_scalar) else "json"


def _kind_of_shape(shape: Shape) -> Kind:
    match shape:
        case Record():
            return "object"
        case Listing():
            return "list"
        case Table():
            return "table"
        case Choice():
            return "constant" if shape.is_constant else "choice"
        case Number():
            return "number"
        case Flag():
            return "flag"
        case Null():
            return "null"
        case Anything():
            return "json"
        case _:
            return "text"


def _descend(shape: Shape, value: Any, path: Path) -> tuple[Shape, Any] | None:
    """Return what is at a path, and what it may be; None: nothing is there."""
    for name in path:
        if not _holds(value, name):
            return None
        declared = _declared(chosen(shape, value), name)
        shape = declared.shape if declared is not None else Anything()
        value = value[name]
    return shape, value


def _declared(shape: Shape, name: str | int) -> Field | None:
    match shape:
        case Record() if isinstance(name, str):
            return shape.field(name)
        case Listing() if isinstance(name, int):
            return Field(str(name), shape.item, is_required=False)
        case Table() if isinstance(name, str):
            return Field(name, shape.value, is_required=False)
        case _:
            return None


def _holds(value: Any, name: str | int) -> bool:
    if isinstance(value, dict):
        return name in value
    return isinstance(value, list) and isinstance(name, int) and 0 <= name < len(value)


def _rename(holder: Any, name: str | int, new: Any) -> bool:
    if not isinstance(holder, dict) or not isinstance(new, str) or name not in holder:
        return False
    if new in holder:
        return new == name
    entries = [(new if each == name else each, value) for each, value in holder.items()]
    holder.clear()
    holder.update(entries)
    return True


def _variant(shape: Shape, place: Any) -> Shape | None:
    if not isinstance(shape, OneOf) or not isinstance(place, int):
        return None
    return shape.variants[place] if 0 <= place < len(shape.variants) else None


def _converted(shape: Shape, old: Any, suggest: Suggest) -> Any:
    """Return the least value of a shape, with what the old value has that fits it."""
    fresh = blank(shape, suggest)
    if not isinstance(shape, Record) or not isinstance(old, dict):
        return fresh
    constants = shape.constants()
    kept = {
        each.name: old[each.name]
        for each in shape.fields
        if each.name in old
        and each.name not in constants
        and not problems_of(each.shape, old[each.name])
    }
    return {**fresh, **kept}


def _number(text: str) -> int | float | str:
    """Return the number that was typed; what is none stays text, so that it can be told."""
    for kind in (int, float):
        try:
            value = kind(text)
        except ValueError:
            continue
        return value if abs(value) < float("inf") else text
    return text


def _word(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
