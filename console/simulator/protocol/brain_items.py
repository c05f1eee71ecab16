"""Items as the assistant sees them: words as they were heard, tools of any kind as functions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from console.simulator.protocol.items import Item

_REFUSED: Final = "The user did not allow this call."


def of_items(items: Iterable[Item]) -> list[dict[str, Any]]:
    """Return the items that mean something to an assistant, oldest first.

    A call of a server's tool becomes a function call with its output; so does one that the user
    has refused. What is only said between server and client (lists of tools, requests for an
    approval) is left out.
    """
    requests: dict[str | None, Item] = {}
    seen: list[dict[str, Any]] = []
    for item in items:
        if item.type == "message":
            seen.append({**item.wire(), "content": [part.for_brain() for part in item.content]})
        elif item.type in ("function_call", "function_call_output"):
            seen.append(item.wire())
        elif item.type == "mcp_call":
            error = (item.error or {}).get("message", "")
            seen += _as_function(item, item.output if item.output is not None else error)
        elif item.type == "mcp_approval_request":
            requests[item.id] = item
        elif item.type == "mcp_approval_response" and not item.approve:
            seen += _refused(requests.get(item.approval_request_id), item.reason)
    return seen


def _refused(request: Item | None, reason: str | None) -> list[dict[str, Any]]:
    if request is None:
        return []
    return _as_function(request, f"{_REFUSED} {reason}" if reason else _REFUSED)


def _as_function(called: Item, output: str) -> list[dict[str, Any]]:
    call = {
        "id": called.id,
        "type": "function_call",
        "status": "completed",
        "name": called.name,
        "call_id": called.id,
        "arguments": called.arguments,
    }
    answer = {
        "id": f"{called.id}_output",
        "type": "function_call_output",
        "call_id": called.id,
        "output": output,
    }
    return [call, answer]
