"""A value that is being written: as a form and as JSON, each of which changes the other."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any, Final

from console.app.reference.checks import Problem, problems_of
from console.app.reference.form import Edit, Form, Row
from console.app.reference.shapes import Shape
from console.app.reference.typed_json import read_json
from console.app.reference.values import Suggest, nothing

MAX_CHARACTERS: Final = 200_000
"""Of JSON that is written by hand."""


class FormDraft:
    """A value of which the form and the JSON are always the same."""

    def __init__(
        self, shape_of: Callable[[Any], Shape], value: Any, suggest: Suggest = nothing
    ) -> None:
        """Begin with a value.

        Args:
            shape_of: Returns what a value may be.
            value: The value.
            suggest: As `Form` has it.
        """
        self._shape_of = shape_of
        self._suggest = suggest
        self.text = ""
        """The value as JSON, as it was typed or as the form has it."""
        self.misread = ""
        """What is wrong with the JSON itself; empty: it can be read."""
        self._form = Form(shape_of(value), value, suggest)
        self.open(value)

    @property
    def value(self) -> Any:
        """The value as it is written; of JSON that cannot be read, the last that could be."""
        return self._form.value

    @property
    def rows(self) -> list[Row]:
        """The lines of its form."""
        return self._form.rows()

    def open(self, value: Any) -> None:
        """Go on with another value."""
        self._take(copy.deepcopy(value))
        self._write()

    def edit(self, edit: Edit) -> bool:
        """Change it by its form; returns whether the edit led somewhere."""
        if self.misread or not self._form.apply(edit):
            return False
        self._write()
        return True

    def type_json(self, text: str) -> None:
        """Change it by its JSON; while that cannot be read the form stays as it is."""
        self.text = text
        if len(text) > MAX_CHARACTERS:
            self.misread = f"it has {len(text):,} characters; {MAX_CHARACTERS:,} is the most"
            return
        try:
            value = read_json(text)
        except ValueError as error:
            self.misread = str(error)
            return
        self._take(value)

    def unreadable(self) -> list[Problem]:
        """Return the fields whose JSON cannot be read."""
        return [
            Problem(path, f"holds no JSON ({why}), so what was there before would be sent")
            for path, why in self._form.unreadable().items()
        ]

    def problems(self) -> list[Problem]:
        """Return all that is wrong with it."""
        if self.misread:
            return [Problem((), f"This is no JSON: {self.misread}.")]
        if not isinstance(self.value, dict):
            return [Problem((), "A JSON object is needed: { ... }.")]
        return [*self.unreadable(), *problems_of(self._shape_of(self.value), self.value)]

    def _take(self, value: Any) -> None:
        self.misread = ""
        self._form = Form(self._shape_of(value), value, self._suggest)

    def _write(self) -> None:
        self.misread = ""
        self.text = json.dumps(self._form.value, ensure_ascii=False, indent=2)
