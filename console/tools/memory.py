"""What the model was asked to remember: a few named values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from console.errors import ToolError
from console.signals import Signal
from console.tools import json_limits
from console.tools.registry import Tool

MAX_KEYS: Final = 100
MAX_KEY_CHARACTERS: Final = 64
MAX_VALUE_CHARACTERS: Final = 4_000
MAX_CHARACTERS: Final = 100_000
"""Of all names and values together."""


class Memory:
    """Values by name, bounded in number and length."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        """What is remembered; it is changed by the methods, which tell."""
        self.changed: Signal[dict[str, Any]] = Signal("memory.changed")
        """Tells a copy of all values after each change."""

    def set(self, key: str, value: Any, *, instead_of: str | None = None) -> None:
        """Remember `value`; an earlier one of the same name is replaced.

        Args:
            key: Its name.
            value: What JSON can carry.
            instead_of: The name that it had; it keeps its place.

        Raises:
            ToolError: The name is empty, or of another value than the one that is renamed; it or
                the value is too long; or too much is remembered. Nothing has changed.
        """
        name = _name(key)
        if instead_of is None or instead_of not in self.values:
            self._take({**self.values, name: value})
            return
        if name != instead_of and name in self.values:
            raise ToolError(f"There is a memory named {name} already: choose another name.")
        renamed = {name if each == instead_of else each: old for each, old in self.values.items()}
        self._take({**renamed, name: value})

    def merge(self, values: Mapping[str, Any]) -> None:
        """Remember many; earlier ones of the same names are replaced.

        Raises:
            ToolError: One of them cannot be remembered, or there are too many. Nothing has changed.
        """
        self._take({**self.values, **{_name(key): value for key, value in values.items()}})

    def replace(self, values: Mapping[str, Any]) -> None:
        """Remember these and nothing else.

        Raises:
            ToolError: One of them cannot be remembered, or there are too many. Nothing has changed.
        """
        self._take({_name(key): value for key, value in values.items()})

    def remove(self, key: str) -> None:
        """Forget a value; an unknown name is ignored."""
        self._take({name: value for name, value in self.values.items() if name != key})

    def clear(self) -> None:
        """Forget all."""
        self._take({})

    def _take(self, values: dict[str, Any]) -> None:
        if len(values) > MAX_KEYS:
            raise ToolError(
                f"At most {MAX_KEYS} memories can be kept; there are {len(self.values)}, and this "
                f"would make {len(values)} of them."
            )
        for key, value in values.items():
            if self.values.get(key, _check) != value:
                _check(key, value)
        if sum(len(key) + _n_characters(value) for key, value in values.items()) > MAX_CHARACTERS:
            raise ToolError(
                f"All memories together have at most {MAX_CHARACTERS:,} characters: forget some."
            )
        if list(values.items()) != list(self.values.items()):
            self.values = values
            self.changed.emit(dict(values))


def _name(key: str) -> str:
    name = " ".join(key.split())
    if not name:
        raise ToolError("A memory needs a name: 'key' is empty.")
    if len(name) > MAX_KEY_CHARACTERS:
        raise ToolError(f"A memory's name has at most {MAX_KEY_CHARACTERS} characters.")
    return name


def _check(key: str, value: Any) -> None:
    if found := json_limits.obstacle({key: value}):
        raise ToolError(f"JSON cannot carry the memory {key}: {found}.")
    if _n_characters(value) > MAX_VALUE_CHARACTERS:
        raise ToolError(f"A memory has at most {MAX_VALUE_CHARACTERS} characters; {key} has more.")


def _n_characters(value: Any) -> int:
    return len(value) if isinstance(value, str) else len(orjson.dumps(value).decode())


def memory_tool(memory: Memory) -> Tool:
    """Return `set_memory` for the model."""

    async def set_memory(key: str, value: str) -> dict[str, Any]:
        memory.set(key, value)
        return {"ok": True}

    return Tool(
        name="set_memory",
        description="Remembers something about the user or the conversation.",
        handler=set_memory,
        parameters={
            "type": "object",
            "properties": {
                "key": {
                    "type": "string",
                    "description": "Name of what is remembered, in lower case with underscores.",
                },
                "value": {"type": "string", "description": "What is remembered, as text."},
            },
            "required": ["key", "value"],
        },
    )
