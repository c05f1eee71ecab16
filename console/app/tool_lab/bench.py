"""One tool on the bench: the form of what is done when it is called, and of arguments to try it with."""

from __future__ import annotations

import json

from console.app.reference.checks import Problem, problems_of
from console.app.reference.form import Edit, Form, Row
from console.app.reference.typed_json import read_json
from console.app.tool_lab.handling import SHAPE, Handling, read_handling
from console.app.tool_lab.schema_shape import first_value, shape_of
from console.tools.registry import Tool


class ToolBench:
    """What was set and typed for one tool; it outlives the tool's own changes."""

    def __init__(self, tool: Tool) -> None:
        """Begin with a tool that is simply run."""
        self.handling = Handling()
        """What is done with its calls: the last that made sense."""
        self._handling = Form(SHAPE, {})
        self._tool = tool
        self._arguments = _arguments_form(tool)

    @property
    def tool(self) -> Tool:
        """As it is now."""
        return self._tool

    def renew(self, tool: Tool) -> None:
        """Take another version of the tool; arguments that were typed stay, right or wrong."""
        if tool.parameters != self._tool.parameters:
            typed = self._arguments.value
            self._arguments = _arguments_form(tool)
            self._arguments.replace({**self._arguments.value, **typed})
        self._tool = tool

    # What is done when it is called

    def handling_form(self) -> tuple[list[Row], list[Problem]]:
        """Return the lines of the form, and what is wrong in it."""
        return self._handling.rows(), [*_unreadable(self._handling), *self._handling_problems()]

    def handle(self, edit: Edit) -> bool:
        """Change what is done with calls, as soon as it makes sense.

        Returns:
            Whether it is done so now.
        """
        if not self._handling.apply(edit) or self._handling.unreadable():
            return False
        handling, _ = read_handling(self._handling.value)
        if handling is None:
            return False
        self.handling = handling
        return True

    def _handling_problems(self) -> list[Problem]:
        return read_handling(self._handling.value)[1]

    # Arguments to try it with

    def arguments_form(self) -> tuple[list[Row], list[Problem]]:
        """Return the lines of the form, and what is wrong in it."""
        form = self._arguments
        return form.rows(), [*_unreadable(form), *problems_of(form.shape, form.value)]

    def edit_arguments(self, edit: Edit) -> bool:
        """Change an argument; returns whether the edit led somewhere."""
        return self._arguments.apply(edit)

    def use_arguments(self, text: str) -> bool:
        """Take the arguments of a call over; returns whether they are any."""
        try:
            value = read_json(text)
        except ValueError:
            return False
        if isinstance(value, dict):
            self._arguments.replace(value)
        return isinstance(value, dict)

    def arguments(self) -> tuple[str, list[Problem]]:
        """Return the arguments as JSON, and what is wrong with them."""
        return json.dumps(self._arguments.value, ensure_ascii=False), self.arguments_form()[1]


def _arguments_form(tool: Tool) -> Form:
    shape = shape_of(tool.parameters)
    return Form(shape, first_value(shape))


def _unreadable(form: Form) -> list[Problem]:
    return [
        Problem(path, f"holds no JSON ({why}), so what was there before counts")
        for path, why in form.unreadable().items()
    ]
