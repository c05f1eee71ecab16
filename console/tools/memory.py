"""What the model was asked to remember: a few named values."""

from __future__ import annotations

from typing import Any, Final

from console.errors import ToolError
from console.signals import Signal
from console.tools.registry import Tool

MAX_KEYS: Final = 100
MAX_KEY_CHARACTERS: Final = 64
MAX_VALUE_CHARACTERS: Final = 4_000


class Memory:
    """Values by name, bounded in number and length."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        """What is remembered; change it with `set` and `remove`, which tell."""
        self.changed: Signal[dict[str, Any]] = Signal("memory.changed")
        """Tells a copy of all values after each change."""

    def set(self, key: str, value: Any) -> None:
        """Remember `value`; an earlier one of the same name is replaced.

        Raises:
            ToolError: The name is empty, it or the value is too long, or too much is remembered.
        """
        name = " ".join(key.split())
        if not name:
            raise ToolError("A memory needs a name: 'key' is empty.")
        if len(name) > MAX_KEY_CHARACTERS:
            raise ToolError(f"A memory's name has at most {MAX_KEY_CHARACTERS} characters.")
        if isinstance(value, str) and len(value) > MAX_VALUE_CHARACTERS:
            raise ToolError(f"A memory has at most {MAX_VALUE_CHARACTERS} characters.")
        if name not in self.values and len(self.values) >= MAX_KEYS:
            raise ToolError(f"There are {MAX_KEYS} memories already; no more can be kept.")
        self.values[name] = value
        self.changed.emit(dict(self.values))

    def remove(self, key: str) -> None:
        """Forget a value; an unknown name is ignored."""
        if key in self.values:
            del self.values[key]
            self.changed.emit(dict(self.values))

    def clear(self) -> None:
        """Forget all."""
        self.values.clear()
        self.changed.emit({})


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
