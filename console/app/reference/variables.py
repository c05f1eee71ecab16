"""Names in what is composed that stand for what the session has just now: `{{$last_item_id}}`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from console.app.reference.checks import Path, Problem

_NAME: Final = re.compile(r"\{\{\$([^{}]*)\}\}")
Value = str | int | None


@dataclass(frozen=True, slots=True)
class Variable:
    """A name and what it stands for."""

    name: str
    about: str
    """In words: "id of the newest item"."""
    read: Callable[[], Value]
    """Returns the value now; None while there is none. Called each time it is used."""

    @property
    def written(self) -> str:
        """How it is written in an event."""
        return f"{{{{${self.name}}}}}"


SUGGESTED: Final[Mapping[str, str]] = {
    "item_id": "{{$last_item_id}}",
    "response_id": "{{$last_response_id}}",
    "call_id": "{{$last_call_id}}",
    "approval_request_id": "{{$last_approval_id}}",
    "previous_item_id": "{{$last_item_id}}",
}
"""What a field of this name most often holds."""


def filled(value: Any, variables: Mapping[str, Variable]) -> tuple[Any, list[Problem]]:
    """Return a value with all variables replaced, and what is wrong with them.

    A text that is nothing but a variable becomes its value, which may be a number. What has no
    value, or is unknown, stays as it is written and is told.
    """
    problems: list[Problem] = []
    return _filled(value, variables, (), problems), problems


def _filled(
    value: Any, variables: Mapping[str, Variable], path: Path, problems: list[Problem]
) -> Any:
    match value:
        case dict():
            return {
                name: _filled(each, variables, (*path, name), problems)
                for name, each in value.items()
            }
        case list():
            return [
                _filled(each, variables, (*path, index), problems)
                for index, each in enumerate(value)
            ]
        case str() if "{{$" in value:
            return _filled_text(value, variables, path, problems)
        case _:
            return value


def _filled_text(
    text: str, variables: Mapping[str, Variable], path: Path, problems: list[Problem]
) -> Any:
    if (whole := _NAME.fullmatch(text)) is not None:
        found = _read(whole[1], variables, path, problems)
        return text if found is None else found

    def replaced(match: re.Match[str]) -> str:
        found = _read(match[1], variables, path, problems)
        return match[0] if found is None else str(found)

    return _NAME.sub(replaced, text)


def _read(
    name: str, variables: Mapping[str, Variable], path: Path, problems: list[Problem]
) -> Value:
    variable = variables.get(name)
    if variable is None:
        known = ", ".join(sorted(variables))
        problems.append(Problem(path, f"there is no variable {name}; there are {known}"))
        return None
    if (value := variable.read()) is None:
        problems.append(Problem(path, f"{name} has no value yet ({variable.about})"))
    return value
