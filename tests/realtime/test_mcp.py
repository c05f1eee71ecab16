"""What an item says of a server of tools."""

import pytest

from console.realtime.mcp import MAX_TOOLS, McpError, McpTool, error_of, tools_of


def test_tools_come_with_their_schema_and_those_without_a_name_are_left_out():
    schema = {"type": "object", "properties": {}}

    found = tools_of({
        "tools": [
            {"name": "search", "description": "Finds.", "input_schema": schema, "annotations": None},
            {"name": "ping", "annotations": {"readOnlyHint": True}},
            {"name": ""},
            "junk",
        ]
    })  # fmt: skip

    assert found == (
        McpTool("search", "Finds.", schema),
        McpTool("ping", annotations={"readOnlyHint": True}),
    )


def test_the_number_of_tools_is_bounded():
    assert len(tools_of({"tools": [{"name": str(n)} for n in range(MAX_TOOLS + 5)]})) == MAX_TOOLS


@pytest.mark.parametrize(
    ("raw", "error", "said"),
    [
        (
            {"type": "http_error", "code": 502, "message": "Bad gateway"},
            McpError("http_error", "Bad gateway", 502),
            "http error 502: Bad gateway",
        ),
        (
            {"type": "tool_execution_error", "message": "No such file"},
            McpError("tool_execution_error", "No such file"),
            "tool execution error: No such file",
        ),
        ("out of order", McpError("", "out of order"), "error: out of order"),
        ({"code": True}, McpError("", ""), "error: the server did not say why"),
    ],
)
def test_an_error_says_what_went_wrong(raw, error, said):
    assert error_of({"error": raw}) == error
    assert str(error) == said


@pytest.mark.parametrize("raw", [None, {}, "", [], 5])
def test_what_is_no_error_is_none(raw):
    assert error_of({"error": raw}) is None
    assert error_of({}) is None
