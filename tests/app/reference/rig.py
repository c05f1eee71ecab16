"""A form of each event as somebody fills it in who leaves nothing out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from console.app.reference.catalogue import Catalogue, read_catalogue
from console.app.reference.checks import Path
from console.app.reference.draft import Draft
from console.app.reference.form import Edit, Row
from console.app.reference.shapes import Listing, OneOf, Record, Shape, Table, label

Place = tuple[str, ...]
"""A path without positions: `*` is any entry, and `<name>` says which of several things it is."""


@cache
def catalogue() -> Catalogue:
    """The catalogue of the installed package, read once for all tests."""
    return read_catalogue()


def places(shape: Shape, at: Place = ()) -> Iterator[Place]:
    """Yield every place of a shape that a value can have."""
    match shape:
        case Record():
            for field in shape.fields:
                yield (*at, field.name)
                yield from places(field.shape, (*at, field.name))
        case Listing():
            yield (*at, "*")
            yield from places(shape.item, (*at, "*"))
        case Table():
            yield (*at, "*")
            yield from places(shape.value, (*at, "*"))
        case OneOf():
            for each in shape.variants:
                yield (*at, f"<{label(each)}>")
                yield from places(each, (*at, f"<{label(each)}>"))


class Walker:
    """Visits everything that can be composed of one event, by the edits that its form offers."""

    def __init__(self, event_type: str) -> None:
        self.draft = Draft(catalogue(), event_type)
        self.visited: set[Place] = set()
        self._tried: set[tuple[Place, int]] = set()

    def walk(self) -> Iterator[Any]:
        """Yield the event after each choice, with all that can be included in it."""
        while True:
            self._include_all()
            yield self.draft.event
            if not self._choose_next():
                return

    def _include_all(self) -> None:
        while (row := self._next_empty()) is not None:
            edit = Edit(row.path, "append") if row.is_set else Edit(row.path, "include")
            assert self.draft.edit(edit), row
        self.visited |= set(self._places())

    def _next_empty(self) -> Row | None:
        rows = self.draft.rows
        filled = {row.path[:-1] for row in rows}
        return next(
            (row for row in rows if not row.is_set or (row.can_append and row.path not in filled)),
            None,
        )

    def _choose_next(self) -> bool:
        rows = self.draft.rows
        named = dict(zip((row.path for row in rows), self._places(with_variant=False), strict=True))
        for row in reversed(rows):  # the innermost first, while what is around it stands
            for choice in range(len(row.variants)):
                if (named[row.path], choice) not in self._tried:
                    self._tried.add((named[row.path], choice))
                    assert self.draft.edit(Edit(row.path, "variant", choice)), row
                    return True
        return False

    def _places(self, *, with_variant: bool = True) -> Iterator[Place]:
        """Yield the place of each row, with what each of the things around it is."""
        known: dict[Path, Place] = {(): ()}
        entries: set[Path] = set()
        for row in self.draft.rows:
            outer = known[row.path[:-1]]
            own = "*" if row.path[:-1] in entries else str(row.path[-1])
            place = (*outer, own)
            if not with_variant:
                yield place
            known[row.path] = (*place, f"<{row.variants[row.variant]}>") if row.variants else place
            if row.kind in ("list", "table"):
                entries.add(row.path)
            if with_variant:
                yield place
                if row.variants:
                    yield known[row.path]
