"""Tools that the server of the API calls itself, at servers of others (MCP)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from console.realtime.fields import mapping, mappings, number, text, text_or_none

MAX_TOOLS: Final = 1024
"""Tools of one server."""


@dataclass(frozen=True, slots=True)
class McpTool:
    """A tool that a server offers."""

    name: str
    description: str | None = None
    input_schema: dict[str, Any] = field(default_factory=dict)
    """JSON schema of its arguments."""
    annotations: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class McpError:
    """Why the call of a tool failed."""

    type: str
    """`protocol_error`, `http_error`, `tool_execution_error`, or unknown."""
    message: str
    code: int | None = None

    def __str__(self) -> str:
        """Return it as one sentence."""
        kind = self.type.replace("_", " ") or "error"
        kind = f"{kind} {self.code}" if self.code is not None else kind
        return f"{kind}: {self.message or 'the server did not say why'}"


def tools_of(raw: dict[str, Any]) -> tuple[McpTool, ...]:
    """Return the tools that an item lists; those without a name are left out."""
    return tuple(
        McpTool(
            text(each, "name"),
            text_or_none(each, "description"),
            mapping(each, "input_schema"),
            mapping(each, "annotations"),
        )
        for each in mappings(raw, "tools")[:MAX_TOOLS]
        if text(each, "name")
    )


def error_of(raw: dict[str, Any]) -> McpError | None:
    """Return the error that an item carries; None when there is none."""
    error = raw.get("error")
    if isinstance(error, str) and error:
        # Some compatible servers send a sentence.
        return McpError("", error)
    if not isinstance(error, dict) or not error:
        return None
    code = number(error, "code")
    return McpError(
        text(error, "type"), text(error, "message"), int(code) if code is not None else None
    )
