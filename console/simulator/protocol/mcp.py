"""MCP servers as a session sees them: which tools they have, which need approval, what they answer.

No server is ever called: every one is stood for by the same small catalogue of tools, except that
a `server_url` whose host ends in `.invalid` cannot be reached.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from console.simulator.protocol.ids import NewId
from console.simulator.protocol.items import Conversation, Item
from console.simulator.protocol.mcp_catalogue import (
    CATALOGUE,
    Catalogue,
    CatalogueTool,
    ToolFailure,
)
from console.simulator.protocol.outbox import Outbox
from console.simulator.protocol.refusals import Refusal

Definition = Mapping[str, Any]

_METHOD_NOT_FOUND: Final = -32601
_UNREACHABLE: Final = ".invalid"


@dataclass(frozen=True, slots=True)
class McpTool:
    """A tool that the assistant may call, and where it is."""

    server_label: str
    tool: CatalogueTool
    needs_approval: bool


@dataclass(frozen=True, slots=True)
class Toolset:
    """The tools of a response, all of them as functions."""

    functions: Sequence[Mapping[str, Any]]
    tool_choice: Any
    mcp: Mapping[str, McpTool] = field(default_factory=dict)
    """Those of servers, by the name that the assistant calls them by."""


class McpServers:
    """The servers that a session has been told of."""

    def __init__(self, conversation: Conversation, outbox: Outbox, new_id: NewId) -> None:
        self._conversation = conversation
        self._outbox = outbox
        self._new_id = new_id
        # Chance comes from the source of identifiers, so that a test can repeat it.
        self._catalogue = Catalogue(random.Random(new_id("dice_")))
        self._listed: dict[str, tuple[Definition, Sequence[CatalogueTool]]] = {}
        """By label: as what a server was listed, and its tools. Those that failed are left out."""

    def connect(self, tools: Sequence[Definition]) -> None:
        """List the tools of every server among `tools` that is new, changed, or has failed."""
        for definition in tools:
            if definition["type"] != "mcp":
                continue
            known = self._listed.get(definition["server_label"])
            if known is None or known[0] != definition:
                self._list(definition)

    def toolset(self, tools: Sequence[Definition], tool_choice: Any) -> Toolset:
        """Return what the assistant may call, given the `tools` and `tool_choice` of the wire."""
        functions = [each for each in tools if each["type"] == "function"]
        names = {each["name"] for each in functions}
        mcp: dict[str, McpTool] = {}
        for definition in tools:
            if definition["type"] != "mcp":
                continue
            label = definition["server_label"]
            for tool in self._listed.get(label, ({}, ()))[1]:
                # Two servers, or a server and a function, may have tools of the same name.
                name = f"{label}_{tool.name}" if tool.name in names else tool.name
                names.add(name)
                mcp[name] = McpTool(label, tool, _needs_approval(definition, tool))
        if not mcp:
            return Toolset(functions, tool_choice)
        shown = functions + [_as_function(name, each.tool) for name, each in mcp.items()]
        return _chosen(Toolset(shown, tool_choice, mcp))

    def call(self, server_label: str, name: str, arguments: str) -> Mapping[str, Any]:
        """Carry out a tool; returns the `output` or the `error` of its item."""
        if server_label not in self._listed:
            message = f"There is no server labelled '{server_label}' in this session."
            error = {"type": "protocol_error", "code": _METHOD_NOT_FOUND, "message": message}
            return {"error": error}
        try:
            return {"output": self._catalogue.call(name, arguments)}
        except ToolFailure as failure:
            return {"error": {"type": "tool_execution_error", "message": str(failure)}}

    def approved(self) -> list[Item]:
        """Return the requests that the client has approved and that were not carried out yet."""
        items = self._conversation.items()
        done = {item.approval_request_id for item in items if item.type == "mcp_call"}
        yes = {
            item.approval_request_id
            for item in items
            if item.type == "mcp_approval_response" and item.approve
        }
        return [
            item for item in items if item.type == "mcp_approval_request" and item.id in yes - done
        ]

    def check_answer(self, request_id: str | None) -> None:
        """Check that a client may answer a request for approval.

        Raises:
            Refusal: There is no such request, or it has been answered.
        """
        items = self._conversation.items()
        param = "item.approval_request_id"
        if not any(each.type == "mcp_approval_request" and each.id == request_id for each in items):
            raise Refusal(
                f"Error adding item: there is no approval request with id '{request_id}' "
                "in the conversation.",
                param=param,
            )
        answers = (each for each in items if each.type == "mcp_approval_response")
        if any(each.approval_request_id == request_id for each in answers):
            raise Refusal(
                f"Error adding item: the approval request '{request_id}' is answered already.",
                param=param,
            )

    def _list(self, definition: Definition) -> None:
        label = definition["server_label"]
        item = Item(self._new_id("mcpl_"), "mcp_list_tools", "in_progress", server_label=label)
        self._conversation.add(item)
        previous_id = self._conversation.previous_id(item)
        self._tell(item, "conversation.item.added", previous_id)
        self._outbox.emit("mcp_list_tools.in_progress", item_id=item.id)
        self._listed.pop(label, None)
        if _is_unreachable(definition):
            item.status = "incomplete"
            self._outbox.emit("mcp_list_tools.failed", item_id=item.id)
        else:
            item.status = "completed"
            found = _allowed(definition)
            self._listed[label] = (definition, found)
            item.tools = [tool.wire() for tool in found]
            self._outbox.emit("mcp_list_tools.completed", item_id=item.id)
        self._tell(item, "conversation.item.done", previous_id)

    def _tell(self, item: Item, event_type: str, previous_id: str | None) -> None:
        self._outbox.emit(event_type, previous_item_id=previous_id, item=item.wire())


def check_labels(tools: object, path: str) -> None:
    """Check that no two servers among `tools` have the same label; other faults are let pass.

    Raises:
        Refusal: Two have.
    """
    seen: set[str] = set()
    for index, tool in enumerate(tools if isinstance(tools, list) else ()):
        label = tool.get("server_label") if isinstance(tool, dict) else None
        if not isinstance(label, str):
            continue
        if label in seen:
            raise Refusal(
                f"Invalid value: '{label}'. Each MCP server needs a 'server_label' of its own.",
                param=f"{path}[{index}].server_label",
            )
        seen.add(label)


def _is_unreachable(definition: Definition) -> bool:
    try:
        host = urlsplit(definition.get("server_url") or "").hostname or ""
    except ValueError:
        return True  # no address at all
    return host.rstrip(".").endswith(_UNREACHABLE)


def _allowed(definition: Definition) -> Sequence[CatalogueTool]:
    wanted = definition.get("allowed_tools")
    if wanted is None:
        return CATALOGUE
    filtered = {"tool_names": wanted} if isinstance(wanted, list) else wanted
    return tuple(tool for tool in CATALOGUE if _matches(filtered, tool))


def _needs_approval(definition: Definition, tool: CatalogueTool) -> bool:
    # Not said: the service asks for every tool.
    wanted = definition.get("require_approval") or "always"
    if isinstance(wanted, str):
        return wanted == "always"
    always, never = wanted.get("always"), wanted.get("never")
    if never is not None and _matches(never, tool):
        return False
    # Naming those that need it says that the others do not.
    return always is None or _matches(always, tool) or never is not None


def _matches(wanted: Mapping[str, Any], tool: CatalogueTool) -> bool:
    names, read_only = wanted.get("tool_names"), wanted.get("read_only")
    return (names is None or tool.name in names) and (
        read_only is None or tool.is_read_only == read_only
    )


def _as_function(name: str, tool: CatalogueTool) -> dict[str, Any]:
    return {
        "type": "function",
        "name": name,
        "description": tool.description,
        "parameters": dict(tool.input_schema),
    }


def _chosen(toolset: Toolset) -> Toolset:
    """Return the toolset with a choice of a server's tool in terms of functions."""
    choice = toolset.tool_choice
    if not isinstance(choice, Mapping) or choice["type"] != "mcp":
        return toolset
    names = [
        name
        for name, each in toolset.mcp.items()
        if each.server_label == choice["server_label"]
        and choice.get("name") in (None, each.tool.name)
    ]
    functions = [each for each in toolset.functions if each["name"] in names]
    return Toolset(functions, "required" if names else "none", toolset.mcp)
