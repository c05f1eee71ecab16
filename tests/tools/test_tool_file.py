"""Files of tools: whole or not at all."""

import sys

import pytest

from console.tools.tool_file import MODULE_NAME, ToolFileError, read_tools

HEAD = "from __future__ import annotations\nfrom console.tools.declared import tool\n"
ADD = '@tool\ndef add(a: int, b: int) -> int:\n    "Add two numbers."\n    return a + b\n'
SAME = '@tool(name="add")\ndef sum_up(a: int) -> int:\n    "Add."\n    return a\n'


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, MODULE_NAME, raising=False)
    yield tmp_path / "my_tools.py"
    sys.modules.pop(MODULE_NAME, None)


def test_the_tools_of_a_file_are_those_that_it_declares_in_their_order(file):
    file.write_text(
        HEAD + ADD + '@tool(name="away")\ndef b() -> None:\n    "Go away."\n\ndef c(): ...\n'
    )

    tools = read_tools(file)

    assert [each.tool.name for each in tools] == ["add", "away"]
    assert tools[0].tool.parameters["required"] == ["a", "b"]


def test_a_docstring_that_json_cannot_carry_is_told_with_its_line(file):
    file.write_text(HEAD + '@tool\ndef odd() -> int:\n    "Half \\ud83d."\n    return 1\n')

    with pytest.raises(ToolFileError, match=r"my_tools\.py, line 3: odd cannot be told to a model"):
        read_tools(file)


def test_classes_of_the_file_and_modules_beside_it_can_be_used(file):
    (file.parent / "tool_file_neighbour.py").write_text("WORD = 'near'\n")
    file.write_text(
        HEAD
        + "import dataclasses\nfrom tool_file_neighbour import WORD\n"
        + "@dataclasses.dataclass\nclass Place:\n    name: str = WORD\n"
        + "@tool\ndef go(place: Place) -> str:\n    'Go there.'\n    return place.name\n"
    )
    try:
        (go,) = read_tools(file)
    finally:
        sys.modules.pop("tool_file_neighbour", None)

    assert go.tool.parameters["properties"]["place"]["properties"]["name"]["default"] == "near"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("def add(:\n    pass\n", 3, "invalid syntax. Correct the line."),
        ("x = 1\ny = x / 0\n", 4, "ZeroDivisionError: division by zero. Correct"),
        ("import not_installed_anywhere\n", 3, "No module named .* Install it into"),
        ("import sys\nsys.exit(1)\n", 4, "it ends the program"),
        ("\n@tool\ndef add(a):\n    'Add.'\n", 4, "'a' of add has no type hint"),
        (ADD + SAME, 7, "a tool named add already"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(file, text, line, words):
    file.write_text(HEAD + text)

    with pytest.raises(ToolFileError, match=words) as caught:
        read_tools(file)

    assert f"my_tools.py, line {line}:" in str(caught.value)


def test_a_file_without_tools_says_how_to_write_one(file):
    file.write_text("x = 1\n")

    with pytest.raises(ToolFileError, match=r"has no tools\. Write .from console\.tools\.declared"):
        read_tools(file)


def test_a_file_that_is_not_there_or_no_text_is_named(file):
    with pytest.raises(ToolFileError, match=r"my_tools.py cannot be read: No such file"):
        read_tools(file)
    file.write_bytes(b"x = 1\0")

    with pytest.raises(ToolFileError, match=r"my_tools.py"):
        read_tools(file)


def test_a_broken_version_leaves_what_was_loaded(file):
    file.write_text(HEAD + ADD)
    (before,) = read_tools(file)
    module = sys.modules[MODULE_NAME]
    file.write_text(HEAD + ADD + "oops\n")

    with pytest.raises(ToolFileError, match="line 7: NameError"):
        read_tools(file)

    assert sys.modules[MODULE_NAME] is module
    assert before.tool.name == "add"
