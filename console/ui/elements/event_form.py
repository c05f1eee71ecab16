"""The form of a value, drawn in the browser from rows of plain data."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from nicegui import ui
from nicegui.events import GenericEventArguments

from console.app.reference import prose
from console.app.reference.checks import Path, Problem
from console.app.reference.form import Edit, Row
from console.app.reference.form_draft import MAX_CHARACTERS

RemarkKind = Literal["agrees", "differs", "told"]
"""`agrees`: shown as a mark alone, with the text as its hint; `differs`: as a line to look at."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What is told beside a field."""

    text: str
    kind: RemarkKind


class EventForm(ui.element, component="event_form.js"):
    """Shows the lines of a form and tells what was edited in it."""

    def __init__(
        self,
        label: str,
        *,
        on_edit: Callable[[Edit], Any],
        on_cause: Callable[[Path], Any] | None = None,
        is_read_only: bool = False,
    ) -> None:
        """Make an empty form.

        Args:
            label: For screen readers.
            on_edit: Called with each edit; may return something to be awaited.
            on_cause: Called with the field of which somebody wants to see why it is wrong; for
                those that `show` is told to have a cause.
            is_read_only: Whether nothing in it can be edited.
        """
        super().__init__()
        self._props["label"] = label
        self._props["limit"] = MAX_CHARACTERS
        self._on_edit = on_edit
        self._on_cause = on_cause
        self._is_read_only = is_read_only
        self._remarks: Mapping[Path, Remark] = {}
        self._fixed: Mapping[Path, str] = {}
        self._causes: frozenset[Path] = frozenset()
        self._rows: Sequence[Row] = ()
        self._problems: Mapping[Path, str] = {}
        self._explained: set[Path] = set()
        self.on("edit", self._edited)

    @property
    def shown(self) -> list[dict[str, Any]]:
        """The rows as the browser has them."""
        return list(self._props.get("rows", ()))

    def show(
        self,
        rows: Sequence[Row],
        problems: Sequence[Problem] = (),
        *,
        remarks: Mapping[Path, Remark] | None = None,
        fixed: Mapping[Path, str] | None = None,
        causes: Collection[Path] = (),
    ) -> None:
        """Show these lines, each with what is wrong in it.

        Args:
            rows: The lines.
            problems: What is wrong, each told at its line or the next one around it.
            remarks: What is told beside a field.
            fixed: Fields that cannot be edited, with all inside them; each with the reason.
            causes: Of the problems, those that have a cause to be looked at.
        """
        self._rows = rows
        self._remarks, self._fixed = remarks or {}, fixed or {}
        shown = {each.path for each in rows}
        told: dict[Path, str] = {}
        for each in problems:
            told.setdefault(_nearest(each.path, shown), each.sentence)
        self._problems = told
        self._causes = frozenset(_nearest(each, shown) for each in causes)
        self._draw()

    def point_out(self, path: Path) -> None:
        """Bring the line of a field into view, or the next one around it, and put a box around it."""
        line = _nearest(path, {each.path for each in self._rows})
        self.run_method("pointOut", list(line))

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
            "caused": row.path in self._causes and row.path in self._problems,
            "remark": remark.text if (remark := self._remarks.get(row.path)) else "",
            "remark_kind": remark.kind if remark else "",
            "fixed": self._fixed.get(row.path, ""),
            "locked": self._is_read_only or self._is_fixed(row.path),
            "documented": bool(row.text) and row.kind != "constant",
            "docs": prose.blocks(row.text) if is_explained else None,
        }

    def _edited(self, event: GenericEventArguments) -> Any:
        raw = event.args
        if isinstance(raw, dict) and raw.get("action") == "explain":
            self._explain(raw.get("path"))
        elif isinstance(raw, dict) and raw.get("action") == "cause":
            self._tell_cause(raw.get("path"))
        elif (edit := Edit.parse(raw)) is not None:
            is_open = not self._is_read_only and not self._is_fixed(edit.path)
            return self._on_edit(edit) if is_open else None
        return None

    def _is_fixed(self, path: Path) -> bool:
        return any(path[: len(each)] == each for each in self._fixed)

    def _tell_cause(self, path: Any) -> None:
        found = next((each for each in self._causes if list(each) == path), None)
        if found is not None and self._on_cause is not None:
            self._on_cause(found)

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
