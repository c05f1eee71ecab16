"""A tool choice that cannot be is found before it is sent."""

import pytest

from console.client import tool_choice

TOOLS = [
    {"type": "function", "name": "look"},
    {"type": "function", "name": "listen"},
    {"type": "mcp", "server_label": "docs"},
]


@pytest.mark.parametrize(
    "choice",
    [
        None,
        *tool_choice.MODES,
        {"type": "function", "name": "look"},
        {"type": "mcp", "server_label": "docs"},
        {"type": "mcp", "server_label": "docs", "name": "search"},
        {"type": "newer", "name": "anything"},
        {"type": "function"},
    ],
)
def test_a_choice_that_can_be_passes(choice):
    tool_choice.check(choice, TOOLS)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ("sometimes", "There is no tool_choice 'sometimes': use auto, none, required, or"),
        (
            {"type": "function", "name": "sing"},
            "tool_choice names the tool 'sing'; known are: look, listen.",
        ),
        ({"type": "mcp", "server_label": "web"}, "the tool 'web'; known are: docs."),
    ],
)
def test_a_choice_that_cannot_be_names_what_there_is(choice, message):
    with pytest.raises(ValueError, match=message):
        tool_choice.check(choice, TOOLS)


@pytest.mark.parametrize(
    ("choice", "is_named"),
    [
        ({"type": "function", "name": "look"}, True),
        ({"type": "function", "name": "listen"}, False),
        ({"type": "mcp", "server_label": "docs", "name": "look"}, False),
        ("required", False),
        (None, False),
    ],
)
def test_a_choice_names_one_function_or_none(choice, is_named):
    assert tool_choice.names(choice, "look") is is_named


def test_without_tools_that_is_said():
    with pytest.raises(ValueError, match="there are none"):
        tool_choice.check({"type": "function", "name": "look"}, [])


@pytest.mark.parametrize("tools", [None, "look", ["look", {"type": "function"}]])
def test_what_is_no_list_of_tools_has_none(tools):
    with pytest.raises(ValueError, match="there are none"):
        tool_choice.check({"type": "function", "name": "look"}, tools)
