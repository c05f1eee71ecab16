import pytest

from console.simulator.protocol import tool_schemas
from console.simulator.protocol.refusals import Refusal

SERVER = {"type": "mcp", "server_label": "docs", "server_url": "https://mcp.example/sse"}


def refusal(check, value):
    with pytest.raises(Refusal) as refused:
        check(value, "tools")
    return refused.value.code, refused.value.param


@pytest.mark.parametrize(
    "tool",
    [
        {"type": "function", "name": "f", "description": "Does.", "parameters": {"type": "object"}},
        SERVER,
        {"type": "mcp", "server_label": "mail", "connector_id": "connector_gmail"},
        {"type": "mcp", "server_label": "own", "tunnel_id": "tunnel_1"},
        {**SERVER, "allowed_tools": ["ask"]},
        {**SERVER, "allowed_tools": {"tool_names": ["ask"], "read_only": True}},
        {**SERVER, "allowed_tools": None, "require_approval": None},
        {**SERVER, "require_approval": "never"},
        {
            **SERVER,
            "require_approval": {"always": {"tool_names": ["ask"]}, "never": {"read_only": True}},
        },
        {**SERVER, "allowed_callers": ["direct"], "defer_loading": True},
        {**SERVER, "server_description": "Answers."},
    ],
)
def test_tools_are_taken_as_they_are(tool):
    assert tool_schemas.TOOLS([tool], "tools") == [tool]


def test_the_credentials_of_a_server_are_checked_and_forgotten():
    secret = {"authorization": "Bearer hush", "headers": {"X-Key": "hush"}}

    assert tool_schemas.TOOLS([{**SERVER, **secret}], "tools") == [SERVER]
    bad = [{**SERVER, "headers": {"X-Key": 1}}]
    assert refusal(tool_schemas.TOOLS, bad) == ("invalid_value", "tools[0].headers.X-Key")


@pytest.mark.parametrize(
    ("tool", "code", "param"),
    [
        ({}, "missing_required_parameter", "tools[0].type"),
        ({"type": "web_search"}, "invalid_value", "tools[0].type"),
        ({"type": "function"}, "missing_required_parameter", "tools[0].name"),
        ({"type": "function", "name": ""}, "string_below_min_length", "tools[0].name"),
        ({"type": "function", "name": "f" * 65}, "string_above_max_length", "tools[0].name"),
        (
            {"type": "function", "name": "f", "strict": True},
            "unknown_parameter",
            "tools[0].strict",
        ),
        ({"type": "mcp"}, "missing_required_parameter", "tools[0].server_label"),
        (
            {"type": "mcp", "server_label": "docs"},
            "missing_required_parameter",
            "tools[0].server_url",
        ),
        ({**SERVER, "server_url": "mcp.example"}, "invalid_value", "tools[0].server_url"),
        ({**SERVER, "connector_id": "connector_x"}, "invalid_value", "tools[0].connector_id"),
        ({**SERVER, "allowed_tools": "ask"}, "invalid_value", "tools[0].allowed_tools"),
        ({**SERVER, "require_approval": "maybe"}, "invalid_value", "tools[0].require_approval"),
        (
            {**SERVER, "require_approval": {"sometimes": {}}},
            "unknown_parameter",
            "tools[0].require_approval.sometimes",
        ),
        ({**SERVER, "defer_loading": "no"}, "invalid_value", "tools[0].defer_loading"),
        ({**SERVER, "allowed_callers": ["x"]}, "invalid_value", "tools[0].allowed_callers[0]"),
    ],
)
def test_what_cannot_be_used_is_named(tool, code, param):
    assert refusal(tool_schemas.TOOLS, [tool]) == (code, param)


@pytest.mark.parametrize(
    ("chosen", "code", "param"),
    [
        ("maybe", "invalid_value", "tools"),
        (1, "invalid_value", "tools"),
        ({}, "missing_required_parameter", "tools.type"),
        ({"type": "function"}, "missing_required_parameter", "tools.name"),
        ({"type": "mcp"}, "missing_required_parameter", "tools.server_label"),
    ],
)
def test_a_choice_that_cannot_be_used_is_named(chosen, code, param):
    assert refusal(tool_schemas.TOOL_CHOICE, chosen) == (code, param)


@pytest.mark.parametrize("second", ["get_weather", "get weather", "get.weather", "w\u00e9ather"])
def test_a_function_has_a_plain_name_of_its_own(second):
    tools = [{"type": "function", "name": name} for name in ("get_weather", second)]
    with pytest.raises(Refusal) as refused:
        tool_schemas.TOOLS(tools, "session.tools")

    assert refused.value.param == "session.tools[1].name"
