"""Tools, and the choice among them, as checks."""

from __future__ import annotations

import re
from typing import Any, Final

from console.simulator.protocol.refusals import Refusal
from console.simulator.protocol.validation import (
    anything,
    array,
    boolean,
    by_json_type,
    choice,
    dictionary,
    json_object,
    nullable,
    record,
    string,
    tagged,
)

_TEXT: Final = string()
_NAME_PATTERN: Final = re.compile(r"[a-zA-Z0-9_-]+")
_NAME: Final = string(min_length=1, max_length=64)
_CONNECTORS: Final = (
    "connector_dropbox",
    "connector_gmail",
    "connector_googlecalendar",
    "connector_googledrive",
    "connector_microsoftteams",
    "connector_outlookcalendar",
    "connector_outlookemail",
    "connector_sharepoint",
)
_PLACES: Final = ("server_url", "connector_id", "tunnel_id")
"""Where an MCP server is found: one of these has to be given."""
_SECRETS: Final = ("authorization", "headers")


def _address(value: Any, path: str) -> str:
    address = str(_TEXT(value, path))
    if not address.startswith(("https://", "http://")):
        raise Refusal(f"Invalid '{path}': expected an http or https URL.", param=path)
    return address


def _function_name(value: Any, path: str) -> str:
    name = str(_NAME(value, path))
    if not _NAME_PATTERN.fullmatch(name):
        raise Refusal(
            f"Invalid '{path}': string does not match pattern. Expected a string that matches the "
            f"pattern '^{_NAME_PATTERN.pattern}$'.",
            param=path,
        )
    return name


_FUNCTION: Final = record(
    {
        "type": anything,
        "name": _function_name,
        "description": nullable(_TEXT),
        "parameters": nullable(json_object),
    },
    required=["name"],
)
_NAMED_TOOLS: Final = record({"tool_names": array(_TEXT), "read_only": boolean})
_MCP_FIELDS: Final = record(
    {
        "type": anything,
        "server_label": string(min_length=1),
        "server_url": nullable(_address),
        "connector_id": nullable(choice(*_CONNECTORS)),
        "tunnel_id": nullable(_TEXT),
        "server_description": nullable(_TEXT),
        "authorization": nullable(_TEXT),
        "headers": nullable(dictionary(_TEXT)),
        "allowed_tools": nullable(by_json_type(items=array(_TEXT), fields=_NAMED_TOOLS)),
        "allowed_callers": nullable(array(choice("direct", "programmatic"))),
        "require_approval": nullable(
            by_json_type(
                word=choice("always", "never"),
                fields=record({"always": _NAMED_TOOLS, "never": _NAMED_TOOLS}),
            )
        ),
        "defer_loading": boolean,
    },
    required=["server_label"],
)


def _mcp(value: Any, path: str) -> dict[str, Any]:
    given: dict[str, Any] = _MCP_FIELDS(value, path)
    if all(given.get(place) is None for place in _PLACES):
        raise Refusal(
            f"Missing required parameter: one of '{path}.server_url', '{path}.connector_id' and "
            f"'{path}.tunnel_id'.",
            code="missing_required_parameter",
            param=f"{path}.server_url",
        )
    # This server opens no connection to others, so it keeps nothing that would open theirs: what
    # it does not hold, no answer, log or assistant can give away.
    return {name: each for name, each in given.items() if name not in _SECRETS}


_ANY_TOOLS: Final = array(tagged({"function": _FUNCTION, "mcp": _mcp}))


def _tools(value: Any, path: str) -> list[dict[str, Any]]:
    given: list[dict[str, Any]] = _ANY_TOOLS(value, path)
    seen: set[str] = set()
    for index, tool in enumerate(given):
        if tool["type"] != "function":
            continue
        if tool["name"] in seen:
            raise Refusal(
                f"Invalid value: '{tool['name']}'. Each function needs a 'name' of its own.",
                param=f"{path}[{index}].name",
            )
        seen.add(tool["name"])
    return given


TOOLS: Final = _tools
"""`tools` of sessions and responses. The credentials of MCP servers are checked and forgotten."""

TOOL_CHOICE: Final = by_json_type(
    word=choice("none", "auto", "required"),
    fields=tagged(
        {
            "function": record({"type": anything, "name": _TEXT}, required=["name"]),
            "mcp": record(
                {"type": anything, "server_label": _TEXT, "name": nullable(_TEXT)},
                required=["server_label"],
            ),
        }
    ),
)
"""`tool_choice` of sessions and responses."""
