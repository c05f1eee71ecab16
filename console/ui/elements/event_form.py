"""The form of a value, drawn in the browser from rows of plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments

from console.app.reference import prose
from console.app.reference.checks import Path, Problem
from console.app.reference.form import Edit, Row


class EventForm(ui.element, component="event_form.js"):
    """Shows the lines of a form and tells what was edited in it."""

    def __init__(self, label: str, *, on_edit: Callable[[Edit], None]) -> None:
        """Make an empty form.

        Args:
            label: For screen readers.
            on_edit: Called with each edit.
        """
        super().__init__()
        self._props["label"] = label
        self._on_edit = on_edit
        self._rows: Sequence[Row] = ()
        self._problems: Mapping[Path, str] = {}
        self._explained: set[Path] = set()
        self.on("edit", self._edited)

    @property
    def shown(self) -> list[dict[str, Any]]:
        """The rows as the browser has them."""
        return list(self._props.get("rows", ()))

    def show(self, rows: Sequence[Row], problems: Sequence[Problem] = ()) -> None:
        """Show these lines, each with what is wrong in it."""
        self._rows = rows
        shown = {each.path for each in rows}
        told: dict[Path, str] = {}
        for each in problems:
            told.setdefault(_nearest(each.path, shown), each.sentence)
        self._problems = told
        self._draw()

    def forget(self) -> None:
        """Close all documentation: another form follows."""
        self._explained.clear()

    def _draw(self) -> None:
        self._props["rows"] = [self._as_json(each) for each in self._rows]

    def _as_json(self, row: Row) -> dict[str, Any]:
        is_explained = row.path in self._explained
        default = row.default
        return {
            "path": list(row.path),
            "label": row.label,
            "depth": row.depth,
            "kind": row.kind,
            "set": row.is_set,
            "required": not row.can_leave_out and row.kind != "constant",
            "removable": row.can_leave_out,
            "value": row.value,
            "about": row.about,
            "default": default if isinstance(default, str | int | float) else None,
            "options": list(row.options),
            "open": row.is_open,
            "variants": list(row.variants),
            "variant": row.variant,
            "renamable": row.can_rename,
            "appendable": row.can_append,
            "problem": self._problems.get(row.path, ""),
            "documented": bool(row.text) and row.kind != "constant",
            "docs": prose.blocks(row.text) if is_explained else None,
        }

    def _edited(self, event: GenericEventArguments) -> None:
        raw = event.args
        if isinstance(raw, dict) and raw.get("action") == "explain":
            self._explain(raw.get("path"))
        elif (edit := Edit.parse(raw)) is not None:
            self._on_edit(edit)

    def _explain(self, path: Any) -> None:
        found = next((each.path for each in self._rows if list(each.path) == path), None)
        if found is not None:
            self._explained ^= {found}
            self._draw()


def _nearest(path: Path, shown: set[Path]) -> Path:
    """Return the line that a problem is told at: its own, or the next one around it."""
    while path and path not in shown:
        path = path[:-1]
    return path
