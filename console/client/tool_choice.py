"""Whether the tool that shall be called exists: a wrong name is found before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

MODES: Final = ("auto", "none", "required")


def names(choice: Any, tool: str) -> bool:
    """Return whether a `tool_choice` names this function."""
    return (
        isinstance(choice, Mapping)
        and choice.get("type") == "function"
        and choice.get("name") == tool
    )


def check(choice: Any, tools: object) -> None:
    """Refuse a `tool_choice` that the server would refuse.

    Args:
        choice: As the wire has it: a mode, or an object that names a function or an MCP server.
        tools: The definitions that the session or the response has; what is none is the
            server's to refuse.

    Raises:
        ValueError: It names a mode or a tool that is not there; the message lists those that are.
    """
    if isinstance(choice, str):
        if choice not in MODES:
            raise ValueError(
                f"There is no tool_choice {choice!r}: use {', '.join(MODES)}, or "
                "{'type': 'function', 'name': ...}."
            )
        return
    if not isinstance(choice, Mapping):
        return
    key = {"function": "name", "mcp": "server_label"}.get(str(choice.get("type")))
    if key is None or not isinstance(choice.get(key), str):
        # Something newer than this client; the server knows.
        return
    listed = tools if isinstance(tools, list) else []
    known = [str(tool[key]) for tool in listed if isinstance(tool, Mapping) and tool.get(key)]
    if choice[key] not in known:
        have = f"known are: {', '.join(known)}" if known else "there are none"
        raise ValueError(f"tool_choice names the tool {choice[key]!r}; {have}.")
