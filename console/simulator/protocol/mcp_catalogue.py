"""Tools that stand for those of every MCP server: this simulator calls nobody's servers.

They are few and small, but what they answer is really computed.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

_MAX_EXACT: Final = 2.0**53
"""Whole numbers up to here are told without a decimal point."""
_MAX_DICE: Final = 20
_MAX_SIDES: Final = 1000
_MAX_NOTES: Final = 100
_ORIGIN: Final = "Built into this simulator, which asks no server."

Arguments = Mapping[str, Any]


class ToolFailure(Exception):
    """A tool cannot do what it was asked; the message says why in one sentence."""


@dataclass(frozen=True, slots=True)
class CatalogueTool:
    """What a server's list tells of a tool."""

    name: str
    description: str
    input_schema: Mapping[str, Any]
    is_read_only: bool = True

    def wire(self) -> dict[str, Any]:
        """Return the tool as an `mcp_list_tools` item shows it."""
        return {
            "name": self.name,
            "description": self.description,
            "input_schema": dict(self.input_schema),
            "annotations": {"readOnlyHint": self.is_read_only},
        }


def _tool(
    name: str, description: str, *, is_read_only: bool = True, **properties: Mapping[str, Any]
) -> CatalogueTool:
    schema = {
        "type": "object",
        "properties": properties,
        "required": [key for key, value in properties.items() if "default" not in value],
        "additionalProperties": False,
    }
    return CatalogueTool(name, f"{description} {_ORIGIN}", schema, is_read_only)


CATALOGUE: Final = (
    _tool(
        "add_numbers",
        "Adds two numbers.",
        a={"type": "number", "description": "The first number."},
        b={"type": "number", "description": "The second number."},
    ),
    _tool(
        "roll_dice",
        "Rolls dice and tells each and their sum.",
        count={"type": "integer", "minimum": 1, "maximum": _MAX_DICE, "default": 1},
        sides={"type": "integer", "minimum": 2, "maximum": _MAX_SIDES, "default": 6},
    ),
    _tool(
        "count_words",
        "Counts the words of a text.",
        text={"type": "string", "description": "The text."},
    ),
    _tool(
        "keep_note",
        "Keeps a note until the session ends.",
        is_read_only=False,
        text={"type": "string", "description": "What to keep."},
    ),
)
"""The tools of every server that does not fail."""


class Catalogue:
    """Carries out the tools; one for each session."""

    def __init__(self, chance: random.Random) -> None:
        """Begin with no notes.

        Args:
            chance: Decides how dice fall.
        """
        self._chance = chance
        self._notes: list[str] = []
        self._actions: Mapping[str, Callable[[Arguments], Any]] = {
            "add_numbers": _add_numbers,
            "roll_dice": self._roll_dice,
            "count_words": _count_words,
            "keep_note": self._keep_note,
        }

    def call(self, name: str, arguments: str) -> str:
        """Carry out a tool.

        Args:
            name: One of the catalogue's.
            arguments: JSON of an object.

        Returns:
            JSON of an object.

        Raises:
            ToolFailure: There is no such tool, or it cannot work with these arguments.
        """
        if (action := self._actions.get(name)) is None:
            raise ToolFailure(f"There is no tool named '{name}'.")
        try:
            given = orjson.loads(arguments)
        except orjson.JSONDecodeError as error:
            raise ToolFailure("The arguments are not JSON.") from error
        if not isinstance(given, dict):
            raise ToolFailure("The arguments are not a JSON object.")
        return orjson.dumps(action(given)).decode()

    def _roll_dice(self, arguments: Arguments) -> dict[str, Any]:
        count = _whole(arguments, "count", 1, _MAX_DICE, 1)
        sides = _whole(arguments, "sides", 2, _MAX_SIDES, 6)
        rolled = [self._chance.randint(1, sides) for _ in range(count)]
        return {"rolled": rolled, "sum": sum(rolled)}

    def _keep_note(self, arguments: Arguments) -> dict[str, Any]:
        text = _text(arguments)
        if len(self._notes) == _MAX_NOTES:
            raise ToolFailure(f"There are {_MAX_NOTES} notes already; no more fit in.")
        self._notes.append(text)
        return {"notes": len(self._notes)}


def _add_numbers(arguments: Arguments) -> dict[str, Any]:
    total = _number(arguments, "a") + _number(arguments, "b")
    if math.isinf(total):
        raise ToolFailure("The sum is too large.")
    return {"sum": int(total) if total.is_integer() and abs(total) < _MAX_EXACT else total}


def _count_words(arguments: Arguments) -> dict[str, Any]:
    return {"words": len(_text(arguments).split())}


def _number(arguments: Arguments, name: str) -> float:
    value = arguments.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ToolFailure(f"'{name}' has to be a number.")
    return float(value)


def _whole(arguments: Arguments, name: str, low: int, high: int, default: int) -> int:
    value = arguments.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ToolFailure(f"'{name}' has to be a whole number from {low} to {high}.")
    return value


def _text(arguments: Arguments) -> str:
    text = arguments.get("text")
    if not isinstance(text, str):
        raise ToolFailure("'text' has to be a string.")
    return text
